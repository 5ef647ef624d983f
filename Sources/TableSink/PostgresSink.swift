package import Drain
package import Entries
package import Postgres

/// Writes windows into PostgreSQL: one connection, one transaction at a time.
///
/// It runs on its connection's thread, so that a statement costs no change of threads between the two.
package actor PostgresSink: Sink {
    let connection: PostgresConnection
    private let session: String
    private let patience: Duration
    /// Those that were looked for; nil where there was none.
    var tables: [TableName: KnownTable?] = [:]
    /// The tables of the plan that is being executed.
    var planned: Set<TableName> = []
    /// Whether they still are what the plan was made for; nil where nobody has looked since the last statement.
    var planHolds: Bool?
    var statements = PreparedStatements()
    /// Watches made so far.
    var watches = 0
    var copyRoom = CopyRows.Room()
    /// nil where no checkpoint is kept.
    let ledger: Ledger?
    /// The streams that this process owns.
    var owned: [String: Ledger.Ownership] = [:]
    /// By stream, checkpoints beside which those in `owned` are kept: owned, too, and held still.
    var heldStill: [String: Ledger.Ownership] = [:]
    /// Dead letters that were moved and are not marked yet.
    var toBeMarked: [String: [StreamID]] = [:]
    /// The stream of the open transaction and where its checkpoint will be.
    var moving: (stream: String, checkpoint: Checkpoint)?
    /// Counts connections.
    private(set) var generation = 0
    /// The connection on which the fence is prepared.
    private var fencedGeneration = 0

    package nonisolated var unownedExecutor: UnownedSerialExecutor { connection.unownedExecutor }

    /// - Parameters:
    ///   - leaseTTL: the scale of the session's timeouts.
    ///   - keepsLedger: whether a checkpoint of every stream is kept in the database.
    package init(connection: PostgresConnection, leaseTTL: Duration, keepsLedger: Bool) {
        self.connection = connection
        ledger = keepsLedger ? Ledger(connection: connection) : nil
        session = SessionText.settings(leaseTTL: leaseTTL)
        patience = SessionText.patience(leaseTTL: leaseTTL)
    }

    package func begin(_ stream: String, movingTo checkpoint: Checkpoint?) async throws(SinkFailure) {
        do throws(PostgresError) {
            // What is planned was read over the connection that stood then.
            guard await connection.isConnected else { throw PostgresError(sqlState: nil, message: "not connected") }
            planHolds = nil
            if !statements.obsolete.isEmpty {
                try await connection.run(statements.obsolete.map { "DEALLOCATE \($0)" }.joined(separator: ";"))
                statements.haveDropped()
            }
            guard let checkpoint, let ownership = owned[stream] else {
                moving = nil
                try await connection.run(SessionText.begin.joined(separator: "; "))
                return
            }
            if fencedGeneration != generation {
                try await connection.run(Ledger.fencePreparation)
                fencedGeneration = generation
            }
            moving = (stream, checkpoint)
            var steps = SessionText.begin.map { PostgresStep.run(sql: $0, PostgresParameters()) }
            if let still = heldStill[stream] { steps.append(Ledger.hold(still)) }
            steps.append(Ledger.fence(ownership, movingTo: checkpoint))
            let progress = try await connection.pipeline(steps)
            guard let refusal = progress.refusal else { return }
            if refusal.sqlState != LedgerText.fencedState { throw refusal }
        } catch {
            throw await failure(error)
        }
        owned[stream] = nil
        throw .fenced
    }

    package func execute(_ statement: Statement, of window: Window, guarded: Bool) async throws(SinkFailure) -> Effect {
        planHolds = nil
        let text = text(of: statement, in: window)
        let needsSavepoint = guarded || (statement.form == .single && text.createMeetsKeyAsError)
        do throws(PostgresError) {
            if needsSavepoint { try await connection.run("SAVEPOINT drainer") }
        } catch {
            throw await failure(error)
        }
        do throws(SinkFailure) {
            let effect = try await run(statement, text, of: window)
            if needsSavepoint { try await release() }
            return effect
        } catch {
            guard needsSavepoint, case .refused(let refusal) = error else { throw error }
            do throws(PostgresError) {
                try await connection.run("ROLLBACK TO SAVEPOINT drainer; RELEASE SAVEPOINT drainer")
            } catch {
                throw await failure(error)
            }
            if text.createMeetsKeyAsError, ["23505", "23P01"].contains(refusal.sqlState) {
                return Effect(rows: 0, unmatched: 1)
            }
            // A row is judged by its table as it is.
            let isJudged: Bool
            do throws(PostgresError) { isJudged = try await holds([text.signature.table]) } catch {
                throw await failure(error)
            }
            throw isJudged ? error : .stale
        }
    }

    package func executeInOrder(_ list: [Statement], of window: Window) async -> Progress {
        // A savepoint around one statement has no place in a pipeline.
        let needsSavepoints = list.contains { statement in
            tables[window.signatures[statement.signature].table]??.description.facts.createsGoAlone == true
        }
        if needsSavepoints { return await executeOneByOne(list, of: window) }
        // Nor has a COPY: it stands between two of them.
        var effects: [Effect] = []
        while effects.count < list.count {
            let rest = list[effects.count...]
            let piece = rest.first?.form == .copy ? rest.prefix(1) : rest.prefix { $0.form != .copy }
            let isLast = piece.count == rest.count
            let progress =
                if let statement = piece.first, statement.form == .copy {
                    await copyInOrder(statement, of: window, looksAgain: isLast)
                } else {
                    await pipeline(Array(piece), of: window, looksAgain: isLast)
                }
            guard let failure = progress.failure else {
                effects += progress.effects
                continue
            }
            return Progress(
                effects: effects + progress.effects,
                failedStatement: progress.failedStatement.map { $0 + effects.count },
                failure: failure
            )
        }
        return Progress(effects: effects)
    }

    /// - Parameter looksAgain: nothing follows: asks whether the tables still are what they were.
    private func pipeline(_ list: [Statement], of window: Window, looksAgain: Bool) async -> Progress {
        var texts: [StatementText] = []
        var steps: [PostgresStep] = []
        // Which statement a step belongs to, and whether it prepares it.
        var owners: [(statement: Int, prepares: String?)] = []
        for (number, statement) in list.enumerated() {
            let text = text(of: statement, in: window)
            texts.append(text)
            do throws(SinkFailure) {
                let step = try step(for: statement, text, of: window)
                if case .execute(let name, _) = step, let sql = statements.sqlToPrepare(name) {
                    statements.isPrepared(name)
                    steps.append(.prepare(name: name, sql: sql))
                    owners.append((number, name))
                }
                steps.append(step)
                owners.append((number, nil))
            } catch {
                for owner in owners { if let name = owner.prepares { statements.isNotPrepared(name) } }
                return Progress(effects: [], failedStatement: number, failure: error)
            }
        }
        let questions = looksAgain ? watched(planned).map(\.watch.question) : []
        do throws(PostgresError) {
            let progress = try await connection.pipeline(steps + questions)
            var effects: [Effect] = []
            for (owner, result) in zip(owners, progress.results) where owner.prepares == nil {
                let statement = list[owner.statement]
                effects.append(texts[owner.statement].effect(of: result, on: statement.commands.count, statement.form))
            }
            guard let refusal = progress.refusal else {
                if looksAgain {
                    planHolds = try await holds(planned, answers: progress.results[owners.count...].map(\.rows))
                }
                return try await checked(effects, of: list, texts, window)
            }
            for owner in owners[min(progress.results.count, owners.count)...] {
                if let name = owner.prepares { statements.isNotPrepared(name) }
            }
            guard progress.results.count < owners.count else {
                return Progress(effects: effects, failure: await failure(refusal))
            }
            let owner = owners[progress.results.count]
            return Progress(
                effects: effects,
                failedStatement: owner.statement,
                failure: await failure(refusal, concernsStatement: owner.prepares != nil)
            )
        } catch {
            statements.forget()
            return Progress(effects: [], failure: await failure(error))
        }
    }

    package func commit(recording letters: [DeadLetter], of window: Window) async throws(SinkFailure) {
        var steps: [PostgresStep] = []
        if let claim = moving.flatMap({ owned[$0.stream]?.claim }) {
            steps = letters.map { Ledger.record($0, of: window, claim) }
        }
        do throws(PostgresError) {
            if planHolds == nil { planHolds = try await holds(planned) }
        } catch {
            throw await failure(error)
        }
        guard planHolds == true else { throw .stale }
        planned = []
        do throws(PostgresError) {
            if steps.isEmpty {
                try await connection.run("COMMIT")
            } else {
                steps.append(.run(sql: "COMMIT", PostgresParameters()))
                if let refusal = try await connection.pipeline(steps).refusal { throw refusal }
            }
        } catch {
            throw await failure(error)
        }
        if let moving { owned[moving.stream]?.checkpoint = moving.checkpoint }
        moving = nil
    }

    package func rollback() async {
        // Whatever it was that failed, nothing is taken for granted in the next try.
        for name in planned { tables[name]??.answer = nil }
        planned = []
        do throws(PostgresError) {
            if await connection.isConnected { try await connection.run("ROLLBACK") }
        } catch {
            // A connection that cannot roll back is given up, and the server rolls back for it.
            await connection.disconnect()
            statements.forget()
        }
    }

    /// Makes a connection now, where there is none: for whoever must know whether the server can be reached.
    ///
    /// - Returns: the server's version, such as 150018.
    @discardableResult
    package func connectIfNeeded() async throws(PostgresError) -> Int {
        if await !connection.isConnected { try await connect() }
        return await connection.serverVersion
    }

    private func connect() async throws(PostgresError) {
        generation += 1
        statements.forget()
        tables = [:]
        try await connection.connect(session: session, patience: patience)
        // Only superusers may; the drainer goes by SQLSTATE, so a refusal costs nothing.
        do throws(PostgresError) { try await connection.run("SET lc_messages = 'C'") } catch {
            if error.sqlState == nil { throw error }
        }
    }

    func text(of statement: Statement, in window: Window) -> StatementText {
        let signature = window.signatures[statement.signature]
        return StatementText(signature: signature, table: tables[signature.table]??.description)
    }

    private func run(_ statement: Statement, _ text: StatementText, of window: Window) async throws(SinkFailure)
        -> Effect
    {
        if statement.form == .copy { return try await copy(statement, text, of: window, looksAgain: false) }
        let step = try step(for: statement, text, of: window)
        if case .execute(let name, _) = step, let sql = statements.sqlToPrepare(name) {
            do throws(PostgresError) {
                try await connection.run(.prepare(name: name, sql: sql))
                statements.isPrepared(name)
            } catch {
                statements.isNotPrepared(name)
                throw await failure(error, concernsStatement: true)
            }
        }
        do throws(PostgresError) {
            let effect = text.effect(
                of: try await connection.run(step),
                on: statement.commands.count,
                statement.form
            )
            if let check = check(effect, of: statement, text, window) { try await connection.run(check) }
            return effect
        } catch {
            throw await failure(error)
        }
    }

    /// What finds the values that PostgreSQL would have refused in a typed statement and did not look at in this one.
    private func check(_ effect: Effect, of statement: Statement, _ text: StatementText, _ window: Window)
        -> PostgresStep?
    {
        guard text.mayHideRefusal(effect, statement.form),
            // A statement that is not prepared is planned with its values.
            statement.commands.allSatisfy({ window.commands[$0].predicate == nil })
        else { return nil }
        let parameters = StatementParameters(window: window, signature: text.signature, table: text.table)
        return .run(sql: text.check, parameters.bulk(statement.commands))
    }

    private func checked(_ effects: [Effect], of list: [Statement], _ texts: [StatementText], _ window: Window)
        async throws(PostgresError) -> Progress
    {
        let checks = list.indices.compactMap { index in
            check(effects[index], of: list[index], texts[index], window).map { (statement: index, step: $0) }
        }
        guard !checks.isEmpty else { return Progress(effects: effects) }
        let progress = try await connection.pipeline(checks.map(\.step))
        guard let refusal = progress.refusal else { return Progress(effects: effects) }
        let refused = checks[progress.results.count].statement
        return Progress(
            effects: Array(effects[..<refused]),
            failedStatement: refused,
            failure: await failure(refusal)
        )
    }

    /// What the server is to execute for a statement other than a COPY.
    ///
    /// - Throws: `.refused` for what could only be sent cut: a value by libpq, a name by PostgreSQL.
    private func step(for statement: Statement, _ text: StatementText, of window: Window) throws(SinkFailure)
        -> PostgresStep
    {
        if let refusal = text.signature.refusalOfNames { throw .refused(refusal) }
        let parameters = StatementParameters(window: window, signature: text.signature, table: text.table)
        if let refusal = parameters.refusal(of: statement.commands) { throw .refused(refusal) }
        let key = PreparedStatements.Key(signature: text.signature, form: statement.form)
        switch statement.form {
        case .copy, .bulk:
            return .execute(name: statements.name(of: key) { text.bulk }, parameters.bulk(statement.commands))
        case .single:
            let index = statement.commands[statement.commands.startIndex]
            let values = parameters.single(index)
            // libpq reads a text parameter up to its first NUL: PostgreSQL would take the cut value for whole.
            if values.textHoldsNUL {
                throw .refused(Refusal(sqlState: "22021", message: "invalid byte sequence for encoding \"UTF8\": 0x00"))
            }
            if values.count > Self.mostParameters {
                throw .refused(Refusal(sqlState: "54000", message: "more than 65535 values in a statement"))
            }
            if let predicate = window.commands[index].predicate {
                return .run(sql: text.single(window.predicates[predicate]), values)
            }
            return .execute(name: statements.name(of: key) { text.single() }, values)
        }
    }

    /// PostgreSQL's protocol has no room for more.
    private static let mostParameters = 65_535

    private func release() async throws(SinkFailure) {
        do throws(PostgresError) {
            try await connection.run("RELEASE SAVEPOINT drainer")
        } catch {
            throw await failure(error)
        }
    }

    func failure(_ error: PostgresError, concernsStatement: Bool = false) async -> SinkFailure {
        let failure = SinkFailure(error, concernsStatement: concernsStatement)
        if case .unavailable(let unavailability) = failure, unavailability.isConnection {
            await connection.disconnect()
            statements.forget()
        }
        return failure
    }
}
