package import Drain
package import Logging
package import Postgres
package import Redis
package import Settings
package import StreamSource
import TableSink

/// What a command works with that writes by itself: the road of the drain, over connections of its own.
package struct Errand: Sendable {
    package let settings: DrainerSettings
    package let stream: String
    /// Counts what has been written so far.
    package let totals = RunTotals()

    package let logger: Logger

    let configuration: SourceConfiguration
    let group: StreamGroup
    let letters: DeadLetterStream
    let redis: RedisConnection
    let sink: PostgresSink
    let guest: FleetGuest
    private let live: LiveKeys
    private let rules: DrainRules

    /// - Parameters:
    ///   - name: what the processes of the fleet see of it.
    ///   - rules: what the settings say; both failure policies are `dead_letter` here, and there is no breaker.
    ///   - redis: for everything but the lease.
    ///   - postgres: not connected yet.
    package init(
        _ settings: DrainerSettings,
        stream: String,
        name: String,
        configuration: SourceConfiguration,
        rules: DrainRules,
        redis: RedisConnection,
        postgres: PostgresConnection,
        logger: Logger
    ) {
        self.settings = settings
        self.stream = stream
        self.configuration = configuration
        self.redis = redis
        self.logger = logger
        var rules = rules
        rules.onParseFailure = .deadLetter
        rules.onWriteFailure = .deadLetter
        rules.breakerPercent = 0
        self.rules = rules
        group = StreamGroup(connection: redis, stream: stream, name: settings.streamGroup)
        letters = DeadLetterStream(connection: redis, stream: stream)
        sink = PostgresSink(
            connection: postgres,
            leaseTTL: settings.leaseTTL,
            keepsLedger: settings.keepsLedger
        )
        live = LiveKeys(
            connection: RedisConnection(address: settings.redis, name: "live"),
            prefix: settings.livePrefix,
            refreshInterval: settings.liveRefresh,
            logger: logger
        )
        guest = FleetGuest(
            connection: RedisConnection(address: settings.redis, name: "fleet"),
            group: settings.streamGroup,
            stream: stream,
            profile: .own(consumer: "\(settings.streamConsumer) (\(name))", streams: [], mode: settings.mode),
            leaseTTL: settings.leaseTTL,
            needsLease: settings.ordering == .stream,
            logger: logger
        )
    }

    /// Of the process, where a lease is needed.
    var leaseToken: String? { settings.ordering == .stream ? guest.token : nil }

    /// Makes sure of what writing needs in the database.
    func prepare() async throws(ErrandFailure) {
        let obstacle = try await asking { () async throws(PostgresError) in
            try await sink.connectIfNeeded()
            return try await sink.prepareLedger()
        }
        if let obstacle { throw .postgres(PostgresError(sqlState: "42501", message: obstacle)) }
    }

    /// - Throws: where the stream is none, or is not there.
    func requireStream() async throws(ErrandFailure) {
        let kind = try await asking { () async throws(RedisError) in try await redis.send(["TYPE", stream]).text }
        switch kind {
        case "stream": return
        case nil, "none": throw .usage("there is no stream \(stream.line()): see STREAM_NAMES and REDIS_URL")
        default: throw .usage("\(stream.line()) holds a \(kind ?? "-") and no stream: give the name of a stream")
        }
    }

    /// Waits until the stream is this command's, then writes what the source hands out.
    ///
    /// - Parameter whileHeld: told who holds it.
    /// - Returns: false where it was told to stop before.
    func carryAlone(
        _ source: some Source,
        whileHeld: @Sendable (FleetProfile) -> Void,
        atTheEnd finish: @Sendable () async -> Void
    ) async throws(ErrandFailure) -> Bool {
        do throws(ModeConflict) {
            guard try await guest.take(whileHeld: whileHeld) else { return false }
        } catch {
            throw .configuration("\(error)")
        }
        await withDiscardingTaskGroup { group in
            group.addTask { await guest.keep() }
            await carry(source)
            await finish()
            group.cancelAll()
        }
        await guest.leave()
        return true
    }

    /// Writes what the source hands out.
    func carry(_ source: some Source) async {
        await withDiscardingTaskGroup { group in
            group.addTask { await live.refresh {} }
            let writer = WindowWriter(
                sink: sink,
                configuration: .init(
                    retryAttempts: settings.batchRetryAttempts,
                    retryDelay: settings.batchRetryDelay,
                    refusalGrace: settings.refusalGrace
                ),
                // The operator's keys count for batches, too.
                rules: { [live, rules] in live.rules(for: $0, settings: rules) },
                meet: { [live] in await live.meet($0) },
                health: SinkHealth(),
                logger: logger
            )
            do throws(CancellationError) {
                try await DrainWorker(source: source, writer: writer, totals: totals, logger: logger).run()
            } catch {
                // Nobody cancels it: sources are told to stop.
                logger.debug("the errand was cancelled")
            }
            group.cancelAll()
        }
    }

    /// Drops the checkpoint of a command that has done all its work.
    func forget(_ claim: StreamClaim?) async {
        guard let claim else { return }
        for attempt in 1...3 {
            do throws(SinkFailure) {
                try await sink.forget(claim)
                return
            } catch {
                if case .fenced = error { return }
                logger.debug("could not drop the command's checkpoint", metadata: ["attempt": "\(attempt)"])
                // Cancellation ends the pause early; then there is one try less.
                try? await Task.sleep(for: settings.batchRetryDelay)
            }
        }
        logger.warning("the command's checkpoint could not be dropped: the next run of it begins where this one ended")
    }
}
