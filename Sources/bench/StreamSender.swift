import ArgumentParser
import Redis
import Settings

/// Appends entries to a stream, a thousand in one write.
struct StreamSender {
    private static let inFlight = 1000

    private let connection: RedisConnection
    private let stream: String
    private var waiting: [RedisCommand] = []

    /// - Throws: `ValidationError` where `redis` is no URL of a server.
    init(redis: String, stream: String) throws {
        do throws(ValueRefusal) {
            connection = RedisConnection(address: try RedisAddress(redis), name: "bench")
        } catch {
            throw ValidationError("--redis \(error.reason ?? "is wrong"): redis://host:port/db or unix:///path?db=0")
        }
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
        while !replies.isAtEnd { _ = try replies.range() }
        waiting.removeAll(keepingCapacity: true)
    }
}
