import Synchronization

/// One numbered database of a Redis server: keys of other tests, `drainer:stop` among them, do not reach into it.
package struct RedisKeyspace: Sendable {
    package let server: RedisServer
    package let number: Int

    /// Databases of a server.
    static let limit = 2048

    package var url: String { "redis://127.0.0.1:\(server.port)/\(number)" }
    package var socketURL: String { "unix://\(server.folder)/socket?db=\(number)" }

    /// What redis-cli prints for a command in this database; see `RedisServer.cli`.
    @discardableResult
    package func cli(_ command: String...) async throws -> String {
        try await server.cli(command, database: number)
    }

    @discardableResult
    package func cli(_ command: [String]) async throws -> String {
        try await server.cli(command, database: number)
    }

    /// Appends entries with the one field `command` to a stream and returns their IDs.
    @discardableResult
    package func add(_ commands: [String], to stream: String) async throws -> [String] {
        var ids: [String] = []
        for command in commands {
            ids.append(try await cli("XADD", stream, "*", "command", command))
        }
        return ids
    }
}

/// Gives `body` an empty database of the Redis that this test process shares, and empties it afterwards.
package func withKeyspace<R>(_ body: (RedisKeyspace) async throws -> R) async throws -> R {
    let server = try await SharedServers.redis.value
    let keyspace = RedisKeyspace(server: server, number: SharedServers.nextKeyspace())
    return try await cleaningUp {
        try await body(keyspace)
    } afterwards: {
        _ = try? await keyspace.cli("FLUSHDB")
    }
}
