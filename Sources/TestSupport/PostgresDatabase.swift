/// A database that one test has for itself.
package struct PostgresDatabase: Sendable {
    package let server: PostgresServer
    package let name: String

    /// A libpq URI.
    package var url: String { server.url(database: name) }

    /// What `psql -AtX` prints; see `PostgresServer.psql`.
    @discardableResult
    package func psql(_ sql: String) async throws -> String {
        try await server.psql(sql, database: name)
    }
}

/// Gives `body` a fresh database in the cluster that this test process shares, and drops it afterwards.
package func withDatabase<R>(_ body: (PostgresDatabase) async throws -> R) async throws -> R {
    try await SharedServers.postgres.value.withDatabase(body)
}
