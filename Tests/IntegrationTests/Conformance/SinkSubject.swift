import Drain
import Entries
import Postgres
import TableSink
import TestSupport
import Testing

/// The sinks there are, each asked for the same promises.
enum SinkKind: String, CaseIterable, CustomTestStringConvertible {
    case memory, postgres

    var testDescription: String { rawValue }
}

/// A sink on an empty table `item (id int PRIMARY KEY, size int, note text)`, and what its promises are held against.
struct SinkSubject: Sendable {
    static let item = TableName(schema: "public", name: "item")

    let sink: any Sink
    /// What another session sees of `item`.
    let rows: @Sendable () async throws -> [[String]]
    /// Someone else makes the table `late (id int PRIMARY KEY)`.
    let makeLateTable: @Sendable () async throws -> Void
    /// The connection is lost at the next statement.
    let cut: @Sendable () async throws -> Void

    /// Gives `body` a subject of the kind.
    static func with(_ kind: SinkKind, keepsLedger: Bool = false, _ body: (SinkSubject) async throws -> Void)
        async throws
    {
        switch kind {
        case .memory:
            let sink = MemorySink(MemoryDatabase([Self.memoryItem]))
            try await body(
                SinkSubject(
                    sink: sink,
                    rows: { await sink.database.rows(of: item) },
                    makeLateTable: {
                        let late = TableName(schema: "public", name: "late")
                        await sink.define(TableDefinition(late, [.init("id", .integer)], primaryKey: ["id"]))
                    },
                    cut: {
                        let cut = Unavailability(kind: .transient, isConnection: true, message: "the server went away")
                        await sink.failStatement(sink.sent.count + 1, .unavailable(cut))
                    }
                )
            )
            #expect(await sink.misuses == [])
        case .postgres:
            try await withScene("CREATE TABLE item (id int PRIMARY KEY, size int, note text)") { scene in
                let url = scene.settings["DATABASE_URL"] ?? ""
                let connection = PostgresConnection(conninfo: url, applicationName: "subject")
                try await body(
                    SinkSubject(
                        sink: PostgresSink(connection: connection, leaseTTL: .seconds(10), keepsLedger: keepsLedger),
                        rows: {
                            try await scene.sql("SELECT id, size, note FROM item ORDER BY id").map {
                                $0.map { $0 ?? "NULL" }
                            }
                        },
                        makeLateTable: { try await scene.sql("CREATE TABLE late (id int PRIMARY KEY)") },
                        cut: {
                            try await scene.sql(
                                """
                                SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
                                 WHERE application_name = 'subject' AND datname = current_database()
                                """
                            )
                        }
                    )
                )
            }
        }
    }

    private static let memoryItem = TableDefinition(
        item,
        [.init("id", .integer), .init("size", .integer), .init("note")],
        primaryKey: ["id"]
    )
}

extension Window {
    /// One statement of the commands at these places, which are of one signature.
    func statement(_ form: Statement.Form, _ places: Int...) -> Statement {
        Statement(signature: commands[places[0]].signature, commands: places[...], form: form)
    }
}
