import Drain
package import Logging
import Telemetry
package import Redis
import Synchronization

/// The keys in Redis by which an operator steers a running fleet, as they were last seen.
///
/// Redis being away changes nothing: the last good values stay.
package final class LiveKeys: Sendable {
    private struct Values {
        var isStopped = false
        var reason: String?
        var forcesDrain = false
        /// Set here and perhaps not yet to be seen in Redis.
        var ownStop: ContinuousClock.Instant?
    }

    package let refreshInterval: Duration
    private let connection: RedisConnection
    private let prefix: String
    private let logger: Logger
    private let values = Mutex(Values())

    package init(connection: RedisConnection, prefix: String, refreshInterval: Duration, logger: Logger) {
        self.connection = connection
        self.prefix = prefix
        self.refreshInterval = refreshInterval
        self.logger = logger
    }

    /// `drainer:stop`: take no entries until it is gone.
    package var isStopped: Bool { values.withLock { $0.isStopped } }
    /// `drainer:stop:reason`.
    package var stopReason: String? { values.withLock { $0.reason } }
    /// `drainer:force_drain`: batching off, both failure policies are `dead_letter`.
    package var forcesDrain: Bool { values.withLock { $0.forcesDrain } }

    /// The integer under a key; nil where there is none, or no integer.
    ///
    /// - Parameter key: without the prefix.
    package func getIntValueFromRedis(_ key: String) async throws -> Int? {
        try await connection.send(["GET", prefix + key]).integer.flatMap { Int(exactly: $0) }
    }

    /// Reads the keys every `refreshInterval` until cancelled.
    ///
    /// - Parameter whenStopped: called when a stop is seen, so that reads under way can be ended.
    package func refresh(whenStopped: @Sendable () async -> Void) async {
        while !Task.isCancelled {
            do throws(RedisError) {
                if try await read() { await whenStopped() }
            } catch {
                logger.debug("live keys not read", metadata: [LogKey.reason: "\(error)"])
            }
            // Cancellation ends the pause early, and the loop sees it.
            try? await Task.sleep(for: refreshInterval)
        }
    }

    /// Reads the keys once; true where a stop has begun.
    @discardableResult
    private func read() async throws(RedisError) -> Bool {
        let asked = ContinuousClock.now
        let reply = try await connection.send(["MGET", prefix + "stop", prefix + "stop:reason", prefix + "force_drain"])
        guard let found = reply.elements, found.count == 3 else { return false }
        let isStopped = found[0].integer.map { $0 != 0 } ?? false
        let change = values.withLock { values -> (began: Bool, ended: Bool) in
            // An answer from before our own stop says nothing about it.
            if let ownStop = values.ownStop, ownStop >= asked { return (false, false) }
            values.ownStop = nil
            defer {
                values.isStopped = isStopped
                values.reason = isStopped ? found[1].text : nil
                values.forcesDrain = found[2].integer == 1
            }
            return (isStopped && !values.isStopped, !isStopped && values.isStopped)
        }
        if change.began {
            logger.notice("stopped by \(prefix)stop", metadata: [LogKey.reason: "\(stopReason ?? "-")"])
        }
        if change.ended { logger.notice("going on: \(prefix)stop is gone") }
        return change.began
    }

    /// The first reading, before any window.
    package func readForStart() async throws(RedisError) {
        try await read()
    }

    /// Stops this process at once, before Redis knows.
    func stopNow(_ reason: String) {
        values.withLock { values in
            values.isStopped = true
            values.reason = reason
            values.ownStop = .now + .seconds(3600)
        }
    }

    /// Stops the fleet: sets the reason, then the key; a full Redis takes both.
    func publishStop(_ reason: String, over connection: RedisConnection) async throws(RedisError) {
        try await connection.connect()
        let version = await connection.serverVersion
        for (key, value) in [("stop:reason", reason), ("stop", "1")] {
            _ = try await connection.send(
                StreamScripts.command(StreamScripts.set, keys: [prefix + key], arguments: [value], version: version))
        }
        values.withLock { $0.ownStop = .now }
    }
}
