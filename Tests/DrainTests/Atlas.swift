import Drain
import Entries
import TestSupport

/// The tables of a ride service, empty, and entries for them.
enum Atlas {
    static let person = TableName(schema: "atlas_app", name: "person")
    static let location = TableName(schema: "atlas_app", name: "location")
    static let leg = TableName(schema: "atlas_app", name: "journey_leg")

    /// A name that the database refuses with 22P02.
    static let badName = "bad"

    static let database = MemoryDatabase([
        table(person, ["id", "name", "phone", "email", "created_at"]),
        table(location, ["id", "person_id", "name"], [.init(["person_id"], person, ["id"])]),
        table(leg, ["id", "name"]),
    ])

    private static func table(
        _ name: TableName,
        _ columns: [String],
        _ foreignKeys: [TableDefinition.ForeignKey] = []
    ) -> TableDefinition {
        let columns = columns.map { TableDefinition.Column($0, refusing: $0 == "name" ? badName : nil) }
        return TableDefinition(name, columns, primaryKey: ["id"], foreignKeys: foreignKeys)
    }

    static func createPerson(_ number: Int, name: String = "John", forced: Bool = false) -> String {
        CommandText.create(
            person.description,
            ["id": .text("p-\(number)"), "name": .text(name), "phone": "98450"],
            forced: forced
        )
    }

    static func createPersonWithEmail(_ number: Int) -> String {
        CommandText.create(
            person.description,
            ["id": .text("p-\(number)"), "name": "John", "phone": "98450", "email": "john@example.org"]
        )
    }

    static func createLocation(_ number: Int, of person: Int? = nil) -> String {
        let person = person.map { CommandValue.text("p-\($0)") } ?? .null
        return CommandText.create(location.description, ["id": .text("l-\(number)"), "person_id": person])
    }

    static func createLeg(_ number: Int, forced: Bool = true) -> String {
        CommandText.create(leg.description, ["id": .text("j-\(number)"), "name": "first"], forced: forced)
    }

    static func updatePerson(_ number: Int, name: String = "Jane") -> String {
        CommandText.update(person.description, set: ["name": .text(name)], where: ["id": .text("p-\(number)")])
    }

    static func deletePerson(_ number: Int) -> String {
        CommandText.delete(person.description, where: ["id": .text("p-\(number)")])
    }
}

/// What writing one window did.
struct Written {
    let outcome: WindowWriter<MemorySink>.Outcome
    let sink: MemorySink
    let sent: [MemorySink.Sent]

    init(
        _ entries: [String],
        into database: MemoryDatabase = Atlas.database,
        rules: DrainRules = DrainRules(),
        keepsCheckpoint: Bool = false
    ) async throws {
        sink = MemorySink(database)
        if keepsCheckpoint {
            let start = Checkpoint(lastID: .zero, entriesRead: 0)
            _ = try await sink.take(StreamClaim(stream: "stream", source: "redis", group: "workers", start: start))
        }
        var writer = WindowWriter(sink, rules: rules)
        outcome = try await writer.write(Window(entries))
        sent = await sink.sent
    }

    var totals: Totals { outcome.totals }

    /// Rows of each bulk statement that stood, in order.
    var bulkSizes: [Int] { sent.filter { $0.form != .single && !$0.isRefused }.map(\.commands.count) }

    var singles: Int { sent.count { $0.form == .single } }

    func rows(of table: TableName) async -> [[String]] { await sink.database.rows(of: table) }
}

extension DrainRules {
    static func batching(copySize: Int) -> DrainRules {
        DrainRules(batching: BatchRule(copySize: copySize), breakerPercent: 0)
    }

    init(batchSize: Int, chunkSize: Int = 1000) {
        self.init(batching: BatchRule(batchSize: batchSize, chunkSize: chunkSize))
    }
}
