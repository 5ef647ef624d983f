package import Entries
package import Logging
package import Telemetry

/// Writes windows into a sink, one transaction each, and decides what to do when it is refused or the world is bad.
package struct WindowWriter<S: Sink> {
    /// What does not change while the process runs.
    package struct Configuration: Sendable {
        package var retryAttempts: Int
        package var retryDelay: Duration
        package var refusalGrace: Duration

        package init(retryAttempts: Int = 3, retryDelay: Duration = .seconds(1), refusalGrace: Duration = .seconds(5)) {
            self.retryAttempts = retryAttempts
            self.retryDelay = retryDelay
            self.refusalGrace = refusalGrace
        }
    }

    /// What became of a window. The first `count` entries are committed; a halt says why the others are not.
    package struct Outcome: Sendable {
        package var count: Int
        package var deadLetters: [DeadLetter] = []
        package var halt: HaltReason?
        /// Of this window, the refused tries included.
        package var totals = Totals()
    }

    private let sink: S
    private let configuration: Configuration
    private let rules: @Sendable (Set<TableName>) async -> DrainRules
    private let logger: Logger
    private let clock: any Clock<Duration>
    /// Since the writer was made.
    private let now: @Sendable () -> Duration
    private let health: SinkHealth
    private let breaker: SharedBreaker
    private let metrics: DrainMetrics
    private var grace: Grace

    package init(
        sink: S,
        configuration: Configuration,
        rules: @escaping @Sendable (Set<TableName>) async -> DrainRules,
        health: SinkHealth,
        breaker: SharedBreaker = SharedBreaker(),
        metrics: DrainMetrics = DrainMetrics(),
        logger: Logger,
        clock: any Clock<Duration> = ContinuousClock()
    ) {
        self.sink = sink
        self.configuration = configuration
        self.rules = rules
        self.health = health
        self.breaker = breaker
        self.metrics = metrics
        self.logger = logger
        self.clock = clock
        now = clock.stopwatch()
        grace = Grace(length: configuration.refusalGrace)
    }

    /// Writes the window and returns once it is committed, or why it is not. Waits for as long as the world is bad.
    ///
    /// - Throws: `CancellationError` only; then nothing of the window is committed, or the answer to its COMMIT is lost.
    package mutating func write(_ window: Window) async throws(CancellationError) -> Outcome {
        let rules = await rules(window.tables)
        var draft = Draft(window: window, rules: rules)
        var retry = RetrySchedule(attempts: configuration.retryAttempts, delay: configuration.retryDelay)
        while true {
            if Task.isCancelled { throw CancellationError() }
            let result: Result<Step, SinkFailure>
            do throws(SinkFailure) {
                result = .success(try await attempt(&draft, window, rules))
            } catch {
                result = .failure(error)
            }
            switch result {
            case .success(.again): continue
            case .success(.waitForGrace): try await wait(configuration.refusalGrace)
            case .success(.done(let outcome)):
                if health.recover() {
                    logger.notice("PostgreSQL is back", metadata: [LogKey.stream: "\(window.stream)"])
                }
                return outcome
            case .failure(let failure):
                let unavailability = failure.asUnavailability
                await sink.rollback()
                draft.startAgain()
                metrics.retry(sqlState: unavailability.sqlState)
                let pause = retry.wait(after: unavailability)
                report(unavailability, isOutage: retry.isOutage, stream: window.stream)
                try await wait(pause)
            }
        }
    }

    private func report(_ unavailability: Unavailability, isOutage: Bool, stream: String) {
        guard health.fail(unavailability, isOutage: isOutage) else { return }
        logger.warning(
            "PostgreSQL cannot take the window; trying until it can",
            metadata: [
                LogKey.stream: "\(stream)", LogKey.sqlState: "\(unavailability.sqlState ?? "-")",
                LogKey.reason: "\(unavailability.message)", LogKey.words: "\(unavailability.words)",
            ]
        )
    }

    /// What follows from one try.
    private enum Step {
        case again
        case waitForGrace
        case done(Outcome)
    }

    private mutating func attempt(_ draft: inout Draft, _ window: Window, _ rules: DrainRules)
        async throws(SinkFailure) -> Step
    {
        func start(_ plan: Plan) -> Attempt<S> {
            Attempt(sink: sink, window: window, plan: plan, rules: rules, metrics: metrics, logger: logger)
        }
        let tables = draft.tables
        var attempt: Attempt<S>
        if draft.hasCommands {
            try await sink.begin()
            let facts = try await sink.facts(of: tables, fresh: draft.wantsFreshFacts)
            if facts != draft.facts { draft.replan(with: facts) }
            attempt = start(draft.plan)
            defer { draft.sent += attempt.sent }
            if draft.isCareful {
                try await attempt.writeCarefully(knownBad: draft.knownBad)
            } else {
                do throws(SinkFailure) {
                    try await attempt.writeOptimistically()
                } catch {
                    guard case .refused(let refusal) = error else { throw error }
                    await sink.rollback()
                    draft.beCareful(afterRefusalOf: refusal.concernsStatement ? nil : attempt.refusedStatement)
                    return .again
                }
            }
        } else {
            attempt = start(Plan())
        }

        if !attempt.refusals.isEmpty {
            let refused = attempt.refusals.map {
                (window.signatures[window.commands[$0.key].signature].table, $0.value)
            }
            if !draft.hadGrace, grace.applies(to: refused, now: now()) {
                await sink.rollback()
                draft.startAgainAfterGrace()
                return .waitForGrace
            }
            if rules.onWriteFailure == .stop {
                await sink.rollback()
                draft.stop(before: attempt.refusals)
                return .again
            }
            grace.ranOut(for: refused, afterWaiting: draft.hadGrace, now: now())
        }

        let deadLetters = draft.deadLetters(with: attempt.refusals)
        let isDead = draft.isDead(deadLetters)
        let after = breaker.current.after(isDead)
        if after.isTripped(at: rules.breakerPercent) {
            if draft.hasCommands { await sink.rollback() }
            breaker.forget()
            let share = after.share
            return .done(
                Outcome(
                    count: 0,
                    halt: HaltReason(
                        "breaker: \(share.deadLetters) of the last \(share.entries) entries would be dead letters"
                            + draft.mostFrequentReason(among: deadLetters)
                    ),
                    totals: draft.refusedTotals
                )
            )
        }
        if draft.hasCommands { try await sink.commit(upTo: draft.lastID) }
        // While it is off nothing is held against the time when it is on again.
        if rules.breakerPercent > 0 { breaker.add(isDead) } else { breaker.forget() }
        metrics.tell(window, count: draft.count, unmatched: attempt.unmatched, deadLetters: deadLetters)
        if draft.stopsAtParseFailure { metrics.parseFailures(1) }
        return .done(draft.outcome(attempt.standing, deadLetters))
    }

    private func wait(_ duration: Duration) async throws(CancellationError) {
        do { try await clock.sleep(for: duration) } catch { throw CancellationError() }
    }
}

extension Clock<Duration> {
    /// Says how much time has passed on this clock since now.
    fileprivate func stopwatch() -> @Sendable () -> Duration {
        let start = now
        return { start.duration(to: now) }
    }
}
