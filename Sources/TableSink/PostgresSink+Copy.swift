import Drain
import Entries
import Postgres

/// The road of creates that COPY takes.
extension PostgresSink {
    /// Copies as a part of a list of statements.
    ///
    /// - Parameter looksAgain: see `pipeline`.
    func copyInOrder(_ statement: Statement, of window: Window, looksAgain: Bool) async -> Progress {
        planHolds = nil
        do throws(SinkFailure) {
            let text = text(of: statement, in: window)
            return Progress(effects: [try await copy(statement, text, of: window, looksAgain: looksAgain)])
        } catch {
            return Progress(effects: [], failedStatement: 0, failure: error)
        }
    }

    func copy(_ statement: Statement, _ text: StatementText, of window: Window, looksAgain: Bool)
        async throws(SinkFailure) -> Effect
    {
        if let refusal = text.signature.refusalOfNames { throw .refused(refusal) }
        let values = StatementParameters(window: window, signature: text.signature, table: text.table)
        if let refusal = values.refusal(of: statement.commands) { throw .refused(refusal) }
        let columns = text.signature.columns.map { text.table?.types[$0] }
        var rows = CopyRows(statement.commands, of: window, columns, in: copyRoom)
        // It is lent, so that nobody has to copy it.
        copyRoom = CopyRows.Room()
        defer { copyRoom = rows.room }
        // Asked in the same message, since a COPY stands in no pipeline.
        let questions = looksAgain ? watched(planned).map(\.watch.questionText) : []
        var affected = 0
        repeat {
            let done = statement.commands.count - rows.rest.count
            do throws(PostgresError) {
                let sql = ([text.copy(rows.begin())] + questions).joined(separator: "; ")
                let results = try await connection.copy(sql, &rows)
                affected += results.first?.affected ?? 0
                if looksAgain, rows.rest.isEmpty {
                    planHolds = try await holds(planned, answers: results.dropFirst().map(\.rows))
                }
            } catch {
                throw await failure(error.copied(behind: done))
            }
        } while !rows.rest.isEmpty
        return Effect(rows: affected, unmatched: statement.commands.count - affected)
    }
}
