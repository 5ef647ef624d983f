package import Drain
package import Entries
package import Postgres

/// Writes windows into PostgreSQL: one connection, one transaction at a time.
///
/// It runs on its connection's thread, so that a statement costs no change of threads between the two.
package actor PostgresSink: Sink {
    private let connection: PostgresConnection
    private let session: String
    private var tables: [TableName: TableDescription?] = [:]
    private var statements = PreparedStatements()

    package nonisolated var unownedExecutor: UnownedSerialExecutor { connection.unownedExecutor }

    /// - Parameter leaseTTL: the scale of the session's timeouts.
    package init(connection: PostgresConnection, leaseTTL: Duration) {
        self.connection = connection
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

    package func begin() async throws(SinkFailure) {
        do throws(PostgresError) {
            if await !connection.isConnected { try await connect() }
            if statements.areStale {
                try await connection.run("DEALLOCATE ALL")
                statements.forget()
            }
            try await connection.run(SessionText.begin)
        } catch {
            throw await failure(error)
        }
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

    package func commit(upTo last: StreamID?) async throws(SinkFailure) {
        // The checkpoint's row will be written here, in the window's own transaction.
        do throws(PostgresError) {
            try await connection.run("COMMIT")
        } catch {
            throw await failure(error)
        }
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

    private func run(_ statement: Statement, _ text: StatementText, of window: Window) async throws(SinkFailure) -> Effect {
        let parameters = StatementParameters(window: window, signature: text.signature, table: text.table)
        switch statement.form {
        case .bulk:
            let name = try await prepared(text, .bulk)
            let result = try await execute(name, parameters.bulk(statement.commands))
            let count = statement.commands.count
            guard text.countsCommands else { return Effect(rows: result.affected, unmatched: count - result.affected) }
            let counts = (result.rows.first ?? []).map { $0.flatMap { Int($0) } ?? 0 }
            return Effect(rows: counts.first ?? 0, unmatched: count - (counts.last ?? 0))
        case .single:
            guard let index = statement.commands.first else { return Effect(rows: 0, unmatched: 0) }
            let values = parameters.single(index)
            // libpq reads a text parameter up to its first NUL: PostgreSQL would take the cut value for whole.
            if values.textHoldsNUL {
                throw .refused(Refusal(sqlState: "22021", message: "invalid byte sequence for encoding \"UTF8\": 0x00"))
            }
            let result: PostgresResult
            if let predicate = window.commands[index].predicate {
                do throws(PostgresError) {
                    result = try await connection.run(text.single(window.predicates[predicate]), values)
                } catch {
                    throw await failure(error)
                }
            } else {
                result = try await execute(try await prepared(text, .single), values)
            }
            return Effect(rows: result.affected, unmatched: result.affected == 0 ? 1 : 0)
        }
    }

    private func prepared(_ text: StatementText, _ form: Statement.Form) async throws(SinkFailure) -> String {
        let key = PreparedStatements.Key(signature: text.signature, form: form)
        if let name = statements[key] { return name }
        let name = statements.newName()
        do throws(PostgresError) {
            try await connection.prepare(name, form == .bulk ? text.bulk : text.single())
        } catch {
            throw await failure(error, concernsStatement: true)
        }
        statements[key] = name
        return name
    }

    private func execute(_ name: String, _ parameters: PostgresParameters) async throws(SinkFailure) -> PostgresResult {
        do throws(PostgresError) {
            return try await connection.execute(name, parameters)
        } catch {
            throw await failure(error)
        }
    }

    private func release() async throws(SinkFailure) {
        do throws(PostgresError) {
            try await connection.run("RELEASE SAVEPOINT drainer")
        } catch {
            throw await failure(error)
        }
    }

    private func failure(_ error: PostgresError, concernsStatement: Bool = false) async -> SinkFailure {
        let failure = SinkFailure(error, concernsStatement: concernsStatement)
        if case .unavailable(let unavailability) = failure, unavailability.isConnection {
            await connection.disconnect()
            statements.forget()
        }
        return failure
    }
}
