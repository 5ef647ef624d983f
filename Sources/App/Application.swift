package import Drain
package import Logging
import Postgres
import Redis
import ServiceLifecycle
package import Settings
import StreamSource
import Synchronization
import TableSink
package import Telemetry

/// The drainer put together: settings in, running services out. Everything is made here and nowhere else.
package struct Application: Sendable {
    package let settings: DrainerSettings
    package let untilEmpty: Bool
    package let totals = RunTotals()
    package let metrics: DrainMetrics
    /// Asks both servers for the status of the fleet: one JSON object, nil where they do not answer.
    let fleetStatus: @Sendable () async -> String?
    /// What it was last.
    let fleetText = SharedText("{}")

    let logger: Logger
    let watch = ServerWatch()
    let commands: RedisConnection
    let live: LiveKeys
    let redisHealth: RedisHealth
    let health = SinkHealth()
    private let breaker = SharedBreaker()
    let sources: [RedisSource]
    private let sinks: [PostgresSink]
    private let fleet: Fleet

    package init(
        settings: DrainerSettings,
        untilEmpty: Bool,
        logger: Logger,
        fleetStatus: @escaping @Sendable () async -> String? = { nil }
    ) {
        self.settings = settings
        self.fleetStatus = fleetStatus
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
        let sources = Self.lanes(of: settings).enumerated().map { number, streams in
            RedisSource(
                SourceConfiguration(settings, streams: streams, untilEmpty: untilEmpty),
                commands: commands,
                live: live,
                token: token,
                lane: number,
                health: redisHealth,
                metrics: metrics,
                logger: logger
            )
        }
        self.sources = sources
        sinks = sources.map { _ in
            PostgresSink(
                connection: PostgresConnection(
                    conninfo: settings.database.text ?? "",
                    applicationName: "drainer"
                ),
                leaseTTL: settings.leaseTTL,
                keepsLedger: settings.keepsLedger
            )
        }
        fleet = Fleet(
            connection: RedisConnection(address: settings.redis, name: "fleet"),
            group: settings.streamGroup,
            token: token,
            profile: .own(
                consumer: settings.streamConsumer,
                streams: settings.streamNames,
                mode: settings.mode
            ),
            leaseTTL: settings.leaseTTL,
            leasesStreams: settings.ordering == .stream,
            lanes: sources,
            metrics: metrics,
            logger: logger,
            trouble: { [health] in health.outage.map { "PostgreSQL: \($0.message)" } }
        )
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
                    for source in sources {
                        group.addTask { await source.maintain() }
                        group.addTask { await source.observe() }
                    }
                }
            },
            LoopService { [totals, logger] in await totals.report(to: logger) },
            LoopService { await warnOfSettings() },
            FleetService(fleet: fleet),
            DrainService(
                pairs: Array(zip(sources, sinks)),
                ownershipInterval: max(.milliseconds(100), min(.seconds(2), settings.leaseTTL / 3)),
                logger: logger,
                writer: writer,
                totals: totals
            ),
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
            rules: { [live] in live.rules(for: $0, settings: rules) },
            meet: { [live] in await live.meet($0) },
            health: health,
            breaker: breaker,
            metrics: metrics,
            logger: logger
        )
    }

    /// The streams that each worker may be given: any where leases say whose they are; else they are dealt out like
    /// cards, none without any.
    private static func lanes(of settings: DrainerSettings) -> [[String]] {
        let streams = settings.streamNames
        let count = min(settings.workers, streams.count)
        guard settings.ordering == .none else { return Array(repeating: streams, count: count) }
        var lanes = [[String]](repeating: [], count: count)
        for (number, stream) in streams.enumerated() { lanes[number % count].append(stream) }
        return lanes
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
                if let fault = PostgresConnection.fault(ofVersion: version) { return .unusable(fault) }
                return try await sinks[0].prepareLedger().map(Unreachable.Cause.permission)
            } catch {
                return Unreachable.Cause(error)
            }
        }
        for failure in await [redis, postgres] {
            if let failure { throw failure }
        }
    }

    /// Whether the drainer's schema is there or could be made, for a run that waits for its servers: one that cannot be
    /// reached within `limit` says nothing against that.
    package func prepareLedger(within limit: Duration = .seconds(5)) async throws(Unreachable) {
        let failure = await Self.reach("PostgreSQL", at: settings.database.description, within: limit) {
            do throws(PostgresError) {
                return try await sinks[0].prepareLedger().map(Unreachable.Cause.permission)
            } catch {
                return nil
            }
        }
        if let failure { throw failure }
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

/// A text that one writes and others read.
final class SharedText: Sendable {
    private let text: Mutex<String>

    init(_ text: String) {
        self.text = Mutex(text)
    }

    func withLock<Value: Sendable>(_ body: (inout String) -> Value) -> Value { text.withLock { body(&$0) } }
}
