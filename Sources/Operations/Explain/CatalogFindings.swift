import Drain
package import Entries
package import Postgres
import TableSink

/// What PostgreSQL's catalog says of some tables.
package struct CatalogFindings: Sendable {
    let descriptions: [TableName: TableDescription?]
    private let obstacles: [TableName: [String]]

    /// Asks about each of the tables.
    package init(of tables: Set<TableName>, over connection: PostgresConnection) async throws(PostgresError) {
        let catalog = Catalog(connection: connection)
        var descriptions: [TableName: TableDescription?] = [:]
        var obstacles: [TableName: [String]] = [:]
        for table in tables.sorted() {
            let description = try await catalog.describe(table)
            descriptions.updateValue(description, forKey: table)
            if description != nil { obstacles[table] = try await catalog.obstacles(of: table) }
        }
        self.descriptions = descriptions
        self.obstacles = obstacles
    }

    /// Of the tables that are there.
    var facts: [TableName: TableFacts] { descriptions.compactMapValues { $0?.facts } }

    func answer(for signature: Signature) -> Explanation.CatalogAnswer {
        let description = descriptions[signature.table] ?? nil
        let named = signature.columns + signature.whereColumns.filter { !signature.columns.contains($0) }
        return Explanation.CatalogAnswer(
            tableExists: description != nil,
            columns: named.map { Explanation.CatalogAnswer.Column(name: $0, type: description?.types[$0]?.sql) },
            uniqueKeys: description?.facts.uniqueKeys.map(\.columns) ?? [],
            foreignKeys: description?.facts.foreignKeys.map { key in
                "\(key.columns.joined(separator: ", ")) -> \(key.parent) (\(key.parentColumns.joined(separator: ", ")))"
            } ?? [],
            obstacles: obstacles[signature.table] ?? []
        )
    }
}

extension Explanation {
    /// Has PostgreSQL prepare every statement, which executes nothing, and notes what it refuses.
    package mutating func prepare(over connection: PostgresConnection) async throws(PostgresError) {
        var count = 0
        for group in signatures.indices {
            for form in signatures[group].forms.indices where signatures[group].forms[form].form != "copy" {
                count += 1
                do throws(PostgresError) {
                    let sql = signatures[group].forms[form].sql
                    try await connection.run(.prepare(name: "drainer_explain_\(count)", sql: sql))
                } catch {
                    // Without a SQLSTATE it is the connection that failed.
                    guard error.sqlState != nil, await connection.isConnected else { throw error }
                    signatures[group].forms[form].refusal = error.description
                }
            }
        }
    }
}
