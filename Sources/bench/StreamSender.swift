import ArgumentParser
import Foundation
import Redis

/// Appends entries to a stream, a thousand in one write.
struct StreamSender {
    private static let inFlight = 1000

    private let connection: RedisConnection
    private let stream: String
    private var waiting: [RedisCommand] = []

    /// - Throws: `ValidationError` where `redis` is no URL of a server.
    init(redis: String, stream: String) throws {
        connection = RedisConnection(address: try Self.address(of: redis), name: "bench")
        self.stream = stream
        waiting.reserveCapacity(Self.inFlight)
    }

    mutating func send(field: String, value: [UInt8]) async throws {
        var command: RedisCommand = ["XADD", stream, "*", field]
        command.append(contentsOf: value)
        waiting.append(command)
        if waiting.count == Self.inFlight { try await flush() }
    }

    /// Returns once Redis has taken all that was sent.
    ///
    /// - Throws: `RedisError`, also for an entry that Redis refused.
    mutating func flush() async throws {
        guard !waiting.isEmpty else { return }
        var replies = try await connection.send(waiting).cursor
        while !replies.isAtEnd { _ = try replies.string() }
        waiting.removeAll(keepingCapacity: true)
    }

    private static func address(of redis: String) throws -> RedisAddress {
        guard let url = URLComponents(string: redis) else { throw ValidationError("--redis \(redis): not a URL") }
        switch url.scheme {
        case "unix":
            let database = url.queryItems?.first { $0.name == "db" }?.value ?? "0"
            return RedisAddress(endpoint: .unix(path: url.path), database: Int(database) ?? 0)
        case "redis":
            return RedisAddress(
                endpoint: .tcp(host: url.host ?? "127.0.0.1", port: url.port ?? 6379),
                database: Int(url.path.dropFirst()) ?? 0,
                user: url.user.flatMap { $0.isEmpty ? nil : $0 },
                password: url.password
            )
        default:
            throw ValidationError("--redis \(redis): redis://host:port/db or unix:///path?db=0")
        }
    }
}
