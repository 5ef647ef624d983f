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

    /// What became of a window. The entries that are settled are committed; a halt says why the others are not.
    package struct Outcome: Sendable {
        /// Indices into `Window.entries`, ascending: those to be acknowledged.
        package var settled: [Int] = []
        package var deadLetters: [DeadLetter] = []
        package var halt: HaltReason?
        /// Why the stream is this process' no more: nothing is to be acknowledged.
        package var loss: Loss?
        /// Of this window, the refused tries included.
        package var totals = Totals()
    }

    package enum Loss: Sendable {
        /// Another process is its owner.
        case fenced
        /// It is to be taken and read anew.
        case disowned
    }

    let sink: S
    private let configuration: Configuration
    /// For a window with commands of these tables, now.
    private let rules: @Sendable (Set<TableName>) -> DrainRules
    private let meet: @Sendable (Set<TableName>) async -> Void
    private let logger: Logger
    private let clock: any Clock<Duration>
    /// Since the writer was made.
    private let now: @Sendable () -> Duration
    private let health: SinkHealth
    private let breaker: SharedBreaker
    private let metrics: DrainMetrics
    private var grace: Grace
    private var copyRoad = CopyRoad()
    /// Of the tables written to so far, as they were last seen.
    private var seen: [TableName: TableFacts] = [:]

    /// - Parameters:
    ///   - rules: for a window with commands of these tables; asked for anew for every window.
    ///   - meet: awaited before rules are asked for that concern these tables.
    package init(
        sink: S,
        configuration: Configuration,
        rules: @escaping @Sendable (Set<TableName>) -> DrainRules,
        meet: @escaping @Sendable (Set<TableName>) async -> Void = { _ in },
        health: SinkHealth,
        breaker: SharedBreaker = SharedBreaker(),
        metrics: DrainMetrics = DrainMetrics(),
        logger: Logger,
        clock: any Clock<Duration> = ContinuousClock()
    ) {
        self.sink = sink
        self.configuration = configuration
        self.rules = rules
        self.meet = meet
        self.health = health
        self.breaker = breaker
        self.metrics = metrics
        self.logger = logger
        self.clock = clock
        now = clock.stopwatch()
        grace = Grace(length: configuration.refusalGrace)
    }

    /// Becomes the owner of a stream; waits for as long as the world is bad.
    ///
    /// - Throws: `CancellationError` only.
    package mutating func take(_ claim: StreamClaim) async throws(CancellationError) -> Takeover {
        var retry = RetrySchedule(attempts: configuration.retryAttempts, delay: configuration.retryDelay)
        while true {
            if Task.isCancelled { throw CancellationError() }
            do throws(SinkFailure) {
                let takeover = try await sink.take(claim)
                noteSuccess(claim.stream)
                return takeover
            } catch {
                try await wait(after: error, &retry, stream: claim.stream)
            }
        }
    }

    /// Counts all recorded dead letters of a stream as not moved; waits for as long as the world is bad.
    ///
    /// - Returns: false where the stream is this process' no more.
    /// - Throws: `CancellationError` only.
    package mutating func forgetMoves(of stream: String) async throws(CancellationError) -> Bool {
        var retry = RetrySchedule(attempts: configuration.retryAttempts, delay: configuration.retryDelay)
        while true {
            if Task.isCancelled { throw CancellationError() }
            do throws(SinkFailure) {
                try await sink.forgetMoves(of: stream)
                return true
            } catch {
                // Whoever takes the stream next finds out by itself.
                if case .fenced = error { return false }
                if case .disowned = error { return false }
                try await wait(after: error, &retry, stream: stream)
            }
        }
    }

    /// Notes that dead letters stand in the dead-letter stream.
    package func noteMoved(_ ids: [StreamID], of stream: String) async {
        if !ids.isEmpty { await sink.noteMoved(ids, of: stream) }
    }

    /// Writes the window and returns once it is committed, or why it is not. Waits for as long as the world is bad.
    ///
    /// - Throws: `CancellationError` only; then nothing of the window is committed, or the answer to its COMMIT is lost.
    package mutating func write(_ window: Window) async throws(CancellationError) -> Outcome {
        try await write(await draft(of: window))
    }

    /// Plans a window as far as that can be done before those ahead of it are written: while they are. What has changed
    /// by the time when it is written is planned again.
    func draft(of window: consuming Window) async -> Draft {
        let tables = window.tables
        await meet(tables)
        var draft = Draft(window: window, rules: rules(tables))
        var facts: [TableName: TableFacts] = [:]
        for table in tables { facts[table] = seen[table] }
        if facts.count == tables.count { draft.plan(with: facts) }
        return draft
    }

    /// The same for a window of which a draft was made.
    mutating func write(_ draft: consuming Draft) async throws(CancellationError) -> Outcome {
        var draft = draft
        let window = draft.window
        let rules = rules(window.tables)
        draft.setOut(under: rules, copyRoad)
        var retry = RetrySchedule(attempts: configuration.retryAttempts, delay: configuration.retryDelay)
        while true {
            if Task.isCancelled { throw CancellationError() }
            do throws(SinkFailure) {
                switch try await attempt(&draft, window, rules) {
                case .again: continue
                case .waitForGrace: break
                case .done(let outcome):
                    noteSuccess(window.stream)
                    metrics.duplicatesSkipped(outcome.totals.duplicatesSkipped)
                    return outcome
                }
            } catch {
                await sink.rollback()
                switch error {
                case .fenced: return draft.outcome(losing: .fenced)
                case .disowned: return draft.outcome(losing: .disowned)
                case .stale:
                    logger.info("a table has changed: planning again", metadata: [LogKey.stream: "\(window.stream)"])
                    draft.startAgain()
                    continue
                case .refused, .unavailable: draft.startAgain()
                }
                try await wait(after: error, &retry, stream: window.stream)
                continue
            }
            try await wait(configuration.refusalGrace)
        }
    }

    private func noteSuccess(_ stream: String) {
        if health.recover() { logger.notice("PostgreSQL is back", metadata: [LogKey.stream: "\(stream)"]) }
    }

    private func wait(after failure: SinkFailure, _ retry: inout RetrySchedule, stream: String)
        async throws(CancellationError)
    {
        let unavailability = failure.asUnavailability
        metrics.retry(sqlState: unavailability.sqlState)
        let pause = retry.wait(after: unavailability)
        report(unavailability, isOutage: retry.isOutage, stream: stream)
        try await wait(pause)
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
        let checkpoint = try await sink.checkpoint(of: window.stream)
        draft.drop(coveredBy: checkpoint)
        if !draft.dropped.isEmpty {
            draft.judgeDropped(
                by: try await sink.recorded(draft.dropped.map { window.entries[$0].id }, of: window.stream)
            )
        }
        guard draft.isOpen else {
            if draft.stopsAtParseFailure { metrics.parseFailures(1) }
            return .done(draft.outcome())
        }
        if draft.hasCommands {
            let facts = try await sink.facts(of: draft.tables, fresh: draft.wantsFreshFacts)
            for (table, facts) in facts where seen[table] != facts { seen[table] = facts }
            draft.plan(with: facts)
        }
        let part = draft.nextPart(after: checkpoint)
        // Without a checkpoint, what only goes into the dead-letter stream concerns no transaction.
        let needsTransaction = draft.hasCommands || checkpoint != nil
        if needsTransaction { try await sink.begin(window.stream, movingTo: part.checkpoint) }

        var attempt = Attempt(sink: sink, window: window, statements: part.statements, metrics: metrics, logger: logger)
        do throws(SinkFailure) {
            if draft.isCareful {
                try await attempt.writeCarefully(knownBad: draft.knownBad)
            } else {
                try await attempt.writeOptimistically()
            }
            draft.sent += attempt.sent
        } catch {
            draft.sent += attempt.sent
            guard !draft.isCareful, case .refused(let refusal) = error else { throw error }
            await sink.rollback()
            learn(from: refusal, of: attempt.refusedStatement, &draft, part.statements, window)
            return .again
        }

        if !attempt.refusals.isEmpty {
            if draft.setApart(attempt.refusals, of: part) {
                await sink.rollback()
                return .again
            }
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

        let letters = draft.deadLetters(of: part, with: attempt.refusals)
        let isDead = draft.isDead(letters, of: part)
        let after = breaker.current.after(isDead)
        if after.isTripped(at: rules.breakerPercent) {
            if needsTransaction { await sink.rollback() }
            breaker.forget()
            let share = after.share
            return .done(
                draft.outcome(
                    haltedBy: HaltReason(
                        "breaker: \(share.deadLetters) of the last \(share.entries) entries would be dead letters"
                            + draft.mostFrequentReason(among: letters)
                    )
                )
            )
        }
        if needsTransaction { try await sink.commit(recording: letters, of: window) }
        draft.commit(part, attempt.standing, letters)
        // While it is off nothing is held against the time when it is on again.
        if rules.breakerPercent > 0 { breaker.add(isDead) } else { breaker.forget() }
        note(attempt, of: part.statements, window)
        metrics.tell(window, part.entries, unmatched: attempt.unmatched, deadLetters: letters)
        if part.isLast, draft.stopsAtParseFailure { metrics.parseFailures(1) }
        return part.isLast ? .done(draft.outcome()) : .again
    }

    /// Decides how the window is tried again after a try without savepoints was refused.
    private mutating func learn(
        from refusal: Refusal,
        of number: Int?,
        _ draft: inout Draft,
        _ statements: [Statement],
        _ window: Window
    ) {
        guard let number, !refusal.concernsStatement else { return draft.beCareful(afterRefusalOf: nil) }
        let statement = statements[number]
        guard statement.form == .copy, refusal.meetsKey else {
            return draft.beCareful(afterRefusalOf: (number, refusal))
        }
        // No row is bad: an INSERT passes over what exists.
        let table = window.signatures[statement.signature].table
        copyRoad.close(to: table)
        metrics.fallback(table: table)
        draft.leaveCopyRoad()
    }

    /// What a committed window teaches of the tables that it copied or could have.
    private mutating func note(_ attempt: Attempt<S>, of statements: [Statement], _ window: Window) {
        var inserted: [TableName: Bool] = [:]
        var copied: Set<TableName> = []
        for statement in statements where window.signatures[statement.signature].operation == .create {
            let table = window.signatures[statement.signature].table
            switch statement.form {
            case .copy: copied.insert(table)
            case .bulk:
                let metKeys = attempt.unmatched[statement.signature] != nil
                inserted[table] = metKeys || inserted[table] == true
            case .single: break
            }
        }
        for (table, metKeys) in inserted { copyRoad.noteInserted(table, meetingKeys: metKeys) }
        for table in copied.subtracting(attempt.uncopied) { copyRoad.noteCopied(table) }
        for table in attempt.uncopied { copyRoad.close(to: table) }
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
