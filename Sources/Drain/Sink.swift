package import Entries

/// A database that takes windows, one transaction at a time. One sink serves one worker, which runs where the sink does:
/// between two statements there is no change of threads.
///
/// Every method throws `SinkFailure`; after `.unavailable` no transaction is open and the next `begin` reconnects.
package protocol Sink: Actor {
    /// Becomes the owner of a stream. Waits for a transaction of its owner before, and ends one that does not end by
    /// itself: after this, nothing that was sent under an older epoch can be committed.
    func take(_ claim: StreamClaim) async throws(SinkFailure) -> Takeover

    /// What of a stream has taken effect, with a connection that works; nil where no checkpoint is kept.
    ///
    /// - Throws: also `.fenced` and `.disowned`.
    func checkpoint(of stream: String) async throws(SinkFailure) -> Checkpoint?

    /// What planning must know of the tables; tables that are not there are missing from the answer. Asked before the
    /// transaction that executes the plan, which cannot be committed where they have changed since.
    ///
    /// - Parameter fresh: read from the database now, not from memory.
    func facts(of tables: Set<TableName>, fresh: Bool) async throws(SinkFailure) -> [TableName: TableFacts]

    /// Opens a transaction that moves the checkpoint of `stream`, where one is kept.
    ///
    /// - Throws: also `.fenced`.
    func begin(_ stream: String, movingTo checkpoint: Checkpoint?) async throws(SinkFailure)

    /// Executes commands of one signature in the open transaction.
    ///
    /// - Parameter guarded: keep the transaction usable where the statement is refused.
    func execute(_ statement: Statement, of window: Window, guarded: Bool) async throws(SinkFailure) -> Effect

    /// Executes statements in order, none of them guarded, up to the first that fails; in as few round trips as it can.
    func executeInOrder(_ statements: [Statement], of window: Window) async -> Progress

    /// Ends the transaction with everything in it, and with a record of these dead letters where a checkpoint is kept.
    ///
    /// - Throws: also `.stale`.
    func commit(recording letters: [DeadLetter], of window: Window) async throws(SinkFailure)

    /// Ends the transaction with nothing of it; never fails, since a lost connection does the same.
    func rollback() async

    /// Which of these entries of a stream are recorded dead letters, moved or not.
    func recorded(_ ids: [StreamID], of stream: String) async throws(SinkFailure) -> [RecordedDeadLetter]

    /// Counts all recorded dead letters of a stream as not moved: what they were moved to has gone back to an older state.
    func forgetMoves(of stream: String) async throws(SinkFailure)

    /// Notes that recorded dead letters stand in the dead-letter stream, for the stream's owner only. What could not be noted
    /// is found at the next `take`.
    func noteMoved(_ ids: [StreamID], of stream: String) async
}

extension Sink {
    /// One after the other: for sinks that have no shorter way.
    package func executeOneByOne(_ statements: [Statement], of window: Window) async -> Progress {
        var effects: [Effect] = []
        for statement in statements {
            do throws(SinkFailure) {
                effects.append(try await execute(statement, of: window, guarded: false))
            } catch {
                return Progress(effects: effects, failure: error)
            }
        }
        return Progress(effects: effects)
    }

    package func executeInOrder(_ statements: [Statement], of window: Window) async -> Progress {
        await executeOneByOne(statements, of: window)
    }
}

/// How far a list of statements was executed.
package struct Progress: Sendable {
    /// Of the statements before the one that failed.
    package let effects: [Effect]
    package let failedStatement: Int?
    package let failure: SinkFailure?

    /// - Parameter failedStatement: the one behind those with effects, unless another is named.
    package init(effects: [Effect], failedStatement: Int? = nil, failure: SinkFailure? = nil) {
        self.effects = effects
        self.failedStatement = failure == nil ? nil : failedStatement ?? effects.count
        self.failure = failure
    }
}

/// One data statement to be: which commands, and in which form.
package struct Statement: Sendable {
    package enum Form: Sendable {
        /// All commands, creates, by the database's fastest load. It has no way round a key that exists: that refuses the
        /// whole.
        case copy
        /// All commands in one statement, prepared once whatever their number.
        case bulk
        /// Exactly one command.
        case single
    }

    /// Index into `Window.signatures`.
    package let signature: Int
    /// Indices into `Window.commands`.
    package let commands: ArraySlice<Int>
    package let form: Form

    package init(signature: Int, commands: ArraySlice<Int>, form: Form) {
        self.signature = signature
        self.commands = commands
        self.form = form
    }

    /// A copy of other commands of the same signature.
    func copying(_ commands: ArraySlice<Int>) -> Statement {
        Statement(signature: signature, commands: commands, form: .copy)
    }
}

/// What a statement did.
package struct Effect: Sendable, Equatable {
    /// Rows inserted, updated or deleted.
    package var rows: Int
    /// Commands that met no row, and creates that met an existing key.
    package var unmatched: Int

    package init(rows: Int, unmatched: Int) {
        self.rows = rows
        self.unmatched = unmatched
    }
}

/// Why a sink did not do what it was asked.
package enum SinkFailure: Error, Sendable {
    /// The row, or the statement, is refused: trying again changes nothing.
    case refused(Refusal)
    /// The world is bad: trying again may help, and no row is to blame.
    case unavailable(Unavailability)
    /// Another process has become the stream's owner: nothing of this one is written any more.
    case fenced
    /// The connection over which the stream was owned is gone, and whether its last COMMIT was done nobody knows: the
    /// stream is to be taken and read anew.
    case disowned
    /// A table is no longer what the plan was made for: to be planned anew, at once.
    case stale

    var sqlState: String? {
        switch self {
        case .refused(let refusal): refusal.sqlState
        case .unavailable(let unavailability): unavailability.sqlState
        case .fenced, .disowned, .stale: nil
        }
    }

    /// The failure of something that concerns no row: a refused BEGIN or COMMIT leaves nothing to isolate.
    var asUnavailability: Unavailability {
        switch self {
        case .unavailable(let unavailability): unavailability
        case .fenced, .disowned:
            Unavailability(kind: .transient, isConnection: false, message: "the stream has another owner")
        case .stale: Unavailability(kind: .transient, isConnection: false, message: "a table has changed")
        case .refused(let refusal):
            Unavailability(
                kind: .lasting,
                isConnection: false,
                sqlState: refusal.sqlState,
                message: "refused outside any statement that carries rows",
                words: refusal.words
            )
        }
    }
}

/// The database's answer to a bad row.
package struct Refusal: Sendable, Hashable {
    package let sqlState: String
    /// The database's primary message; can quote a value, so it goes to the dead letter and into no log.
    package let message: String
    /// All that the database said; echoes values. For a log in which an operator wants them, and for nothing else.
    package let words: String
    /// The statement was refused before it saw a row: every command of its signature will be.
    package let concernsStatement: Bool
    /// Which of the statement's commands a refused copy had come to, where the database says so. It may not be to blame.
    package let row: Int?

    package init(
        sqlState: String,
        message: String,
        words: String? = nil,
        concernsStatement: Bool = false,
        row: Int? = nil
    ) {
        self.sqlState = sqlState
        self.message = message
        self.words = words ?? message
        self.concernsStatement = concernsStatement
        self.row = row
    }

    /// A key, or a range that excludes others, exists already.
    package var meetsKey: Bool { ["23505", "23P01"].contains(sqlState) }

    /// Another writer may be about to bring what is missing: a table, a column, a schema, a referenced row.
    package var mayHeal: Bool { ["42P01", "42703", "3F000", "23503"].contains(sqlState) }
}

/// Why the database cannot be written at the moment.
package struct Unavailability: Sendable, Hashable {
    package enum Kind: Sendable, Hashable {
        /// Worth a few quick tries: a deadlock, a serialization failure, a cut connection.
        case transient
        /// Not mended by trying quickly: a missing grant, a refused login, a read-only server, a full disk.
        case lasting
    }

    package let kind: Kind
    /// The connection itself is gone.
    package let isConnection: Bool
    package let sqlState: String?
    /// Safe to log: holds no row value.
    package let message: String
    /// All that the database said; as with a refusal, for a log in which an operator wants values.
    package let words: String

    package init(
        kind: Kind,
        isConnection: Bool,
        sqlState: String? = nil,
        message: String,
        words: String? = nil
    ) {
        self.kind = kind
        self.isConnection = isConnection
        self.sqlState = sqlState
        self.message = message
        self.words = words ?? message
    }
}
