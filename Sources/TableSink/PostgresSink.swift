package import Drain
package import Entries
package import Postgres

/// Writes windows into PostgreSQL: one connection, one transaction at a time.
///
/// It runs on its connection's thread, so that a statement costs no change of threads between the two.
package actor PostgresSink: Sink {
    let connection: PostgresConnection
    private let session: String
    private var tables: [TableName: TableDescription?] = [:]
    private var statements = PreparedStatements()
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

    package nonisolated var unownedExecutor: UnownedSerialExecutor { connection.unownedExecutor }

    /// - Parameters:
    ///   - leaseTTL: the scale of the session's timeouts.
    ///   - keepsLedger: whether a checkpoint of every stream is kept in the database.
    package init(connection: PostgresConnection, leaseTTL: Duration, keepsLedger: Bool) {
        self.connection = connection
        ledger = keepsLedger ? Ledger(connection: connection) : nil
        session = SessionText.settings(leaseTTL: leaseTTL)
    }

    package func facts(of names: Set<TableName>, fresh: Bool) async throws(SinkFailure) -> [TableName: TableFacts] {
        var facts: [TableName: TableFacts] = [:]
        for name in names {
            // A table that was not there is looked for again: someone may have made it since.
            if fresh || (tables[name] ?? nil) == nil { try await read(name) }
            if let description = tables[name] ?? nil { facts[name] = description.facts }
        }
        return facts
    }

    package func begin(_ stream: String, movingTo checkpoint: Checkpoint?) async throws(SinkFailure) {
        do throws(PostgresError) {
            try await connectIfNeeded()
            if statements.areStale {
                try await connection.run("DEALLOCATE ALL")
                statements.forget()
            }
            guard let checkpoint, let ownership = owned[stream] else {
                moving = nil
                try await connection.run(SessionText.begin.joined(separator: "; "))
                return
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
        let signature = window.signatures[statement.signature]
        let text = StatementText(signature: signature, table: tables[signature.table] ?? nil)
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
            throw error
        }
    }

    package func executeInOrder(_ list: [Statement], of window: Window) async -> Progress {
        // A savepoint around one statement has no place in a pipeline.
        let needsSavepoints = list.contains { statement in
            tables[window.signatures[statement.signature].table]??.facts.createsGoAlone == true
        }
        if needsSavepoints { return await executeOneByOne(list, of: window) }
        var texts: [StatementText] = []
        var steps: [PostgresStep] = []
        // Which statement a step belongs to, and whether it prepares it.
        var owners: [(statement: Int, prepares: String?)] = []
        for (number, statement) in list.enumerated() {
            let signature = window.signatures[statement.signature]
            let text = StatementText(signature: signature, table: tables[signature.table] ?? nil)
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
        do throws(PostgresError) {
            let progress = try await connection.pipeline(steps)
            var effects: [Effect] = []
            for (owner, result) in zip(owners, progress.results) where owner.prepares == nil {
                let statement = list[owner.statement]
                effects.append(texts[owner.statement].effect(of: result, on: statement.commands.count, statement.form))
            }
            guard let refusal = progress.refusal else { return Progress(effects: effects) }
            for owner in owners[progress.results.count...] {
                if let name = owner.prepares { statements.isNotPrepared(name) }
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
        do throws(PostgresError) {
            if await connection.isConnected { try await connection.run("ROLLBACK") }
        } catch {
            // A connection that cannot roll back is given up, and the server rolls back for it.
            await connection.disconnect()
            statements.forget()
        }
    }

    /// Makes a connection now, where there is none: for whoever must know whether the server can be reached.
    package func connectIfNeeded() async throws(PostgresError) {
        if await !connection.isConnected { try await connect() }
    }

    private func connect() async throws(PostgresError) {
        generation += 1
        statements.forget()
        tables = [:]
        try await connection.connect(session: session)
        // Only superusers may; the drainer goes by SQLSTATE, so a refusal costs nothing.
        do throws(PostgresError) { try await connection.run("SET lc_messages = 'C'") } catch {
            if error.sqlState == nil { throw error }
        }
    }

    private func read(_ name: TableName) async throws(SinkFailure) {
        let description: TableDescription?
        do throws(PostgresError) {
            description = try await Catalog(connection: connection).describe(name)
        } catch {
            throw await failure(error)
        }
        if let known = tables[name], known != description { statements.expire() }
        tables[name] = .some(description)
    }

    private func run(_ statement: Statement, _ text: StatementText, of window: Window) async throws(SinkFailure)
        -> Effect
    {
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
            return text.effect(of: try await connection.run(step), on: statement.commands.count, statement.form)
        } catch {
            throw await failure(error)
        }
    }

    /// What the server is to execute for a statement.
    ///
    /// - Throws: `.refused` for what could only be sent cut: a value by libpq, a name by PostgreSQL.
    private func step(for statement: Statement, _ text: StatementText, of window: Window) throws(SinkFailure)
        -> PostgresStep
    {
        if let refusal = text.signature.refusalOfNames { throw .refused(refusal) }
        let parameters = StatementParameters(window: window, signature: text.signature, table: text.table)
        let key = PreparedStatements.Key(signature: text.signature, form: statement.form)
        switch statement.form {
        case .bulk:
            return .execute(name: statements.name(of: key) { text.bulk }, parameters.bulk(statement.commands))
        case .single:
            let index = statement.commands[statement.commands.startIndex]
            let values = parameters.single(index)
            // libpq reads a text parameter up to its first NUL: PostgreSQL would take the cut value for whole.
            if values.textHoldsNUL {
                throw .refused(Refusal(sqlState: "22021", message: "invalid byte sequence for encoding \"UTF8\": 0x00"))
            }
            if let predicate = window.commands[index].predicate {
                return .run(sql: text.single(window.predicates[predicate]), values)
            }
            return .execute(name: statements.name(of: key) { text.single() }, values)
        }
    }

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
