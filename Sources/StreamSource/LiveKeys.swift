package import Drain
package import Entries
package import Logging
package import Redis
import Synchronization
package import Telemetry

/// The keys in Redis by which an operator steers a running fleet, as they were last seen.
///
/// All are read in one round trip, however many tables are in play. Redis being away changes nothing, and neither does a
/// value that is none: the last good one stays.
package final class LiveKeys: Sendable {
    fileprivate struct Values {
        /// They have been read at all.
        var areKnown = false
        /// The last good value of each key that is set.
        var good: [LiveKey: Int] = [:]
        /// The bad value of each key that has one, so that it is told once.
        var bad: [LiveKey: String] = [:]
        /// How often a bad value was seen anew.
        var rejected: [LiveKey: Int] = [:]
        var reason: String?
        /// Tables whose keys are read too.
        var tables: Set<TableName> = []
        /// When this process stopped by itself: an answer from before says nothing about it.
        var ownStop: ContinuousClock.Instant?

        var isStopped: Bool { good[.stop] == 1 }
    }

    /// More tables than this have no keys of their own: names come from entries, and nobody bounds those.
    private static let mostTables = 4096

    package let refreshInterval: Duration
    private let connection: RedisConnection
    private let prefix: String
    private let reminderInterval: Duration
    private let metrics: DrainMetrics
    private let logger: Logger
    private let values = Mutex(Values())

    /// - Parameter reminderInterval: how often a stop that lasts is said again.
    package init(
        connection: RedisConnection,
        prefix: String,
        refreshInterval: Duration,
        reminderInterval: Duration = .seconds(60),
        metrics: DrainMetrics = DrainMetrics(),
        logger: Logger
    ) {
        self.connection = connection
        self.prefix = prefix
        self.refreshInterval = refreshInterval
        self.reminderInterval = reminderInterval
        self.metrics = metrics
        self.logger = logger
    }

    /// Whether they have been read at all: before that, no window is taken.
    package var areKnown: Bool { values.withLock { $0.areKnown } }
    /// `drainer:stop`: take no entries until it is gone.
    package var isStopped: Bool { values.withLock { $0.isStopped } }
    /// `drainer:stop:reason`.
    package var stopReason: String? { values.withLock { $0.isStopped ? $0.reason : nil } }
    /// How often each key was found with a value that is none.
    package var rejected: [LiveKey: Int] { values.withLock { $0.rejected } }

    /// The last good value of a key; nil where it is not set.
    package subscript(key: LiveKey) -> Int? { values.withLock { $0.good[key] } }

    /// Reads the keys of tables that were never seen before at once, so that they count from their first window on.
    package func meet(_ tables: Set<TableName>) async {
        let hasNew = values.withLock { values in
            guard !tables.isSubset(of: values.tables) else { return false }
            if values.tables.count + tables.count > Self.mostTables { values.tables = [] }
            values.tables.formUnion(tables)
            return true
        }
        if hasNew {
            do throws(RedisError) { try await read() } catch {
                logger.debug("live keys not read", metadata: [LogKey.reason: "\(error)"])
            }
        }
    }

    /// The rules for a window with commands of these tables: what the keys say, else what the settings say.
    package func rules(for tables: Set<TableName>, settings: DrainRules) -> DrainRules {
        values.withLock { values in
            if values.good[.forceDrain] == 1 { return settings.forced }
            var rules = settings
            rules.batching = values.rule(over: settings.batching) { $0 }
            for table in tables {
                let own = values.rule(over: rules.batching) { $0.of(table) }
                if own != rules.batching { rules.tables[table] = own }
            }
            return rules
        }
    }

    /// The integer under a key now; nil where there is none, or no integer.
    ///
    /// - Parameter key: without the prefix.
    package func getIntValueFromRedis(_ key: String) async throws -> Int? {
        try await connection.send(["GET", prefix + key]).integer.flatMap { Int(exactly: $0) }
    }

    /// Reads the keys every `refreshInterval` until cancelled.
    ///
    /// - Parameter whenStopped: called when a stop is seen, so that reads under way can be ended.
    package func refresh(whenStopped: @Sendable () async -> Void) async {
        var wasStopped = false
        var reminder = Complaint(every: reminderInterval)
        while !Task.isCancelled {
            do throws(RedisError) { try await read() } catch {
                logger.debug("live keys not read", metadata: [LogKey.reason: "\(error)"])
            }
            // Whoever noticed it first: a window's rules are read, too, and this process may have stopped by itself.
            let isStopped = isStopped
            if isStopped, !wasStopped {
                reminder = Complaint(every: reminderInterval)
                _ = reminder.isDue()
                await whenStopped()
            } else if isStopped, reminder.isDue() {
                logger.notice(
                    "still stopped by \(prefix)stop; drainer resume lets it go on",
                    metadata: [LogKey.reason: "\(stopReason ?? "-")"]
                )
            }
            wasStopped = isStopped
            // Cancellation ends the pause early, and the loop sees it.
            try? await Task.sleep(for: refreshInterval)
        }
    }

    /// Reads the keys once, and says where a stop has begun or ended.
    package func read() async throws(RedisError) {
        let asked = ContinuousClock.now
        let keys =
            LiveKey.global
            + values.withLock { values in
                values.tables.flatMap { table in LiveKey.perTable.map { $0.of(table) } }
            }
        var command: RedisCommand = ["MGET", prefix + "stop:reason"]
        for key in keys { command.append(prefix + key.name) }
        let found = try await connection.send(command).elements ?? []
        guard found.count == keys.count + 1 else { throw RedisError(.unexpectedReply, "MGET") }
        let (change, news) = values.withLock { values in
            let wasStopped = values.isStopped
            var news: [LiveKey] = []
            for (key, reply) in zip(keys, found.dropFirst()) {
                // An answer from before our own stop says nothing about it.
                if key == .stop, let ownStop = values.ownStop, ownStop >= asked { continue }
                if values.note(reply.text, under: key) { news.append(key) }
            }
            if let ownStop = values.ownStop, ownStop < asked { values.ownStop = nil }
            if values.ownStop == nil { values.reason = found[0].text }
            values.areKnown = true
            return ((wasStopped, values.isStopped), news)
        }
        for key in news {
            metrics.liveValueRejected(key: key.name)
            logger.warning(
                "a live key holds no value in its range and is ignored",
                metadata: [
                    LogKey.key: "\(prefix)\(key.name)",
                    LogKey.allowed: "\(key.range.lowerBound)…\(key.range.upperBound)",
                ]
            )
        }
        switch change {
        case (false, true):
            logger.notice("stopped by \(prefix)stop", metadata: [LogKey.reason: "\(stopReason ?? "-")"])
        case (true, false): logger.notice("going on: \(prefix)stop is gone")
        default: break
        }
    }

    /// Stops this process at once, before Redis knows.
    func stopNow(_ reason: String) {
        values.withLock { values in
            values.good[.stop] = 1
            values.reason = reason
            values.ownStop = .now + .seconds(86_400)
        }
    }

    /// Stops the fleet: sets the reason, then the key; a full Redis takes both.
    func publishStop(_ reason: String, over connection: RedisConnection) async throws(RedisError) {
        try await connection.connect()
        let version = await connection.serverVersion
        for (key, value) in [("stop:reason", reason), ("stop", "1")] {
            _ = try await connection.send(
                StreamScripts.command(StreamScripts.set, keys: [prefix + key], arguments: [value], version: version)
            )
        }
        values.withLock { $0.ownStop = .now }
    }
}

extension LiveKeys.Values {
    /// Takes what Redis holds under a key; true where that is a bad value not seen before.
    fileprivate mutating func note(_ text: String?, under key: LiveKey) -> Bool {
        guard let text else {
            good[key] = nil
            bad[key] = nil
            return false
        }
        if let value = Int(text), key.range.contains(value) {
            good[key] = value
            bad[key] = nil
            return false
        }
        guard bad[key] != text else { return false }
        bad[key] = text
        rejected[key, default: 0] += 1
        return true
    }

    fileprivate func rule(over base: BatchRule, _ key: (LiveKey) -> LiveKey) -> BatchRule {
        BatchRule(
            isEnabled: good[key(.batchedCreateEnabled)].map { $0 == 1 } ?? base.isEnabled,
            batchSize: good[key(.insertBatchSize)] ?? base.batchSize,
            chunkSize: good[key(.batchChunkSize)] ?? base.chunkSize,
            copySize: base.copySize
        )
    }
}
