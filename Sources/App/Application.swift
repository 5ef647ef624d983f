package import Drain
package import Logging
import Postgres
import Redis
import ServiceLifecycle
package import Settings
import StreamSource
import TableSink
package import Telemetry

/// The drainer put together: settings in, running services out. Everything is made here and nowhere else.
package struct Application: Sendable {
    package let settings: DrainerSettings
    package let untilEmpty: Bool
    package let totals = RunTotals()
    package let metrics: DrainMetrics

    let logger: Logger
    let watch = ServerWatch()
    private let commands: RedisConnection
    let live: LiveKeys
    let redisHealth: RedisHealth
    let health = SinkHealth()
    private let breaker = SharedBreaker()
    let sources: [RedisSource]
    private let sinks: [PostgresSink]

    package init(settings: DrainerSettings, untilEmpty: Bool, logger: Logger) {
        self.settings = settings
        self.untilEmpty = untilEmpty
        self.logger = logger
        let metrics = DrainMetrics()
        self.metrics = metrics
        let commands = RedisConnection(address: settings.redis, name: "commands")
        let live = LiveKeys(
            connection: commands,
            prefix: settings.livePrefix,
            refreshInterval: settings.liveRefresh,
            metrics: metrics,
            logger: logger
        )
        let redisHealth = RedisHealth()
        self.redisHealth = redisHealth
        // One process start differs from the next under the same consumer name.
        let token = String(UInt32.random(in: 0...UInt32.max), radix: 36)
        self.commands = commands
        self.live = live
        let shares = Self.shares(of: settings.streamNames, among: settings.workers)
        sources = shares.enumerated().map { number, streams in
            RedisSource(
                SourceConfiguration(settings, streams: streams, untilEmpty: untilEmpty),
                commands: commands,
                live: live,
                token: shares.count > 1 ? "\(token)-\(number)" : token,
                health: redisHealth,
                metrics: metrics,
                logger: logger
            )
        }
        sinks = shares.map { _ in
            PostgresSink(
                connection: PostgresConnection(
                    conninfo: settings.database.text ?? "",
                    applicationName: "drainer"
                ),
                leaseTTL: settings.leaseTTL
            )
        }
    }

    /// Whether `drainer:stop`, a stop policy or the breaker has stopped the fleet.
    package var isStopped: Bool { live.isStopped }
    package var stopReason: String? { live.stopReason }

    /// The services, in the order of their start; they stop the other way round, so the drain goes first.
    var services: [any Service] {
        adminServices + [
            LoopService { [live, sources] in
                await live.refresh { for source in sources { await source.interrupt() } }
            },
            LoopService { [sources] in
                await withDiscardingTaskGroup { group in
                    for source in sources { group.addTask { await source.maintain() } }
                }
            },
            LoopService { [totals, logger] in await totals.report(to: logger) },
            DrainService(pairs: Array(zip(sources, sinks)), logger: logger, writer: writer, totals: totals),
        ]
    }

    /// Entries not yet acknowledged, as far as Redis knows.
    package func backlog() async -> Int? {
        var sum = 0
        for source in sources {
            guard let backlog = await source.backlog() else { return nil }
            sum += backlog
        }
        return sum
    }

    private func writer(for sink: PostgresSink) -> WindowWriter<PostgresSink> {
        let rules = DrainRules(settings)
        return WindowWriter(
            sink: sink,
            configuration: .init(
                retryAttempts: settings.batchRetryAttempts,
                retryDelay: settings.batchRetryDelay,
                refusalGrace: settings.refusalGrace
            ),
            rules: { [live] in await live.rules(for: $0, settings: rules) },
            health: health,
            breaker: breaker,
            metrics: metrics,
            logger: logger
        )
    }

    /// Each worker's streams: dealt out like cards, none without any.
    private static func shares(of streams: [String], among workers: Int) -> [[String]] {
        let count = min(workers, streams.count)
        var shares = [[String]](repeating: [], count: count)
        for (number, stream) in streams.enumerated() { shares[number % count].append(stream) }
        return shares
    }
}

extension Application {
    /// Whether both servers take us, for a run that must not wait for them.
    ///
    /// - Throws: `Unreachable` after `limit`.
    package func reachServers(within limit: Duration = .seconds(5)) async throws(Unreachable) {
        async let redis = Self.reach("Redis", at: settings.redis.description, within: limit) {
            do throws(RedisError) {
                try await commands.connect(timeout: limit)
                // The keys of the operator count from the first window on.
                try await live.read()
                return RedisConnection.fault(ofVersion: await commands.serverVersion).map(Unreachable.Cause.unusable)
            } catch {
                return Unreachable.Cause(error)
            }
        }
        async let postgres = Self.reach("PostgreSQL", at: settings.database.description, within: limit) {
            do throws(PostgresError) {
                let version = try await sinks[0].connectIfNeeded()
                return PostgresConnection.fault(ofVersion: version).map(Unreachable.Cause.unusable)
            } catch {
                return Unreachable.Cause(error)
            }
        }
        for failure in await [redis, postgres] {
            if let failure { throw failure }
        }
    }

    /// Tries until `limit`; a refusal that an operator must mend ends it at once.
    static func reach(
        _ server: String,
        at address: String,
        within limit: Duration,
        _ attempt: () async -> Unreachable.Cause?
    ) async -> Unreachable? {
        let end = ContinuousClock.now + limit
        while true {
            guard let cause = await attempt() else { return nil }
            if cause.isFinal || ContinuousClock.now + .milliseconds(200) > end || Task.isCancelled {
                return Unreachable(server: server, address: address, cause: cause)
            }
            // Cancellation is seen at the next turn.
            try? await Task.sleep(for: .milliseconds(200))
        }
    }
}
