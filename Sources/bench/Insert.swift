import ArgumentParser
import Foundation
import Postgres

/// `bench insert`: what a worker without batches does with the rows of `bench rows --form copy`.
struct Insert: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Insert rows of --mix person one by one: prepared, autocommitted, each value a parameter.",
        discussion: "Example: bench rows --form copy >rows && bench insert --rows rows --database \"$DATABASE_URL\""
    )

    @Option(help: "A file of lines as bench rows --form copy prints them.")
    var rows: String

    @Option(help: "The first so many of them.")
    var entries = 20_000

    @Option(help: "libpq's URI or keywords.")
    var database: String

    func run() async throws {
        let text = [UInt8](try Data(contentsOf: URL(fileURLWithPath: rows)))
        let columns = Array(PersonRows(count: 1, bad: 0, seed: 1)).first?.columns.map(\.name) ?? []
        let numbers = columns.indices.map { "$\($0 + 1)" }
        let insert = """
            INSERT INTO bench.person (\(columns.joined(separator: ", "))) VALUES (\(numbers.joined(separator: ", ")))
            """
        try await Inserter(database: database).insert(text, atMost: entries, by: insert)
    }
}

/// Runs on its connection's thread, as the drainer's sink does: a statement costs no change of threads.
private actor Inserter {
    private let connection: PostgresConnection

    nonisolated var unownedExecutor: UnownedSerialExecutor { connection.unownedExecutor }

    init(database: String) {
        connection = PostgresConnection(conninfo: database, applicationName: "bench")
    }

    /// - Parameter rows: lines of values between tabs.
    func insert(_ rows: [UInt8], atMost count: Int, by sql: String) async throws {
        try await connection.connect()
        try await connection.run(.prepare(name: "insert", sql: sql))
        var done = 0
        var start = 0
        var values = PostgresParameters()
        for (index, byte) in rows.enumerated() where byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\n") {
            if done == count { break }
            values.append(.text) { $0.append(contentsOf: rows[start..<index]) }
            start = index + 1
            guard byte == UInt8(ascii: "\n") else { continue }
            try await connection.run(.execute(name: "insert", values))
            values = PostgresParameters()
            done += 1
        }
        await connection.disconnect()
    }
}
