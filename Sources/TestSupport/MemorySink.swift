package import Drain
package import Entries

/// A sink whose database is in memory, and which fails when it is told to.
package actor MemorySink: Sink {
    /// A statement as it was sent.
    package struct Sent: Sendable {
        package let table: TableName
        package let operation: Operation
        package let form: Statement.Form
        /// Indices into `Window.commands`.
        package let commands: [Int]
        package let isGuarded: Bool
        package let failure: SinkFailure?

        package var isRefused: Bool {
            if case .refused = failure { true } else { false }
        }
    }

    /// What `begin`, `execute` and `commit` are told to throw.
    private struct Script {
        var begins: [SinkFailure] = []
        /// By the number of the statement, from 1.
        var statements: [Int: SinkFailure] = [:]
        var commits: [SinkFailure] = []
    }

    private var committed: MemoryDatabase
    /// The open transaction's.
    private var working: MemoryDatabase?
    /// An unguarded statement was refused: only a rollback helps.
    private var isAborted = false
    private var epoch: Int64 = 0
    /// Where the open transaction moves a stream's checkpoint.
    private var moving: (stream: String, checkpoint: Checkpoint)?
    /// Facts that were read, nil for a table that was not there: kept until they are asked for afresh.
    private var known: [TableName: TableFacts?] = [:]
    private var script = Script()
    private let journal: Journal
    private let beforeCommit: @Sendable () async -> Void

    package private(set) var sent: [Sent] = []
    package private(set) var begins = 0
    package private(set) var commits = 0
    package private(set) var rollbacks = 0
    /// How often facts were asked for, and how often afresh.
    package private(set) var factReads = (all: 0, fresh: 0)
    package private(set) var checkpoints: [String: Checkpoint] = [:]
    /// Recorded dead letters that stand in the dead-letter stream.
    package private(set) var moved: [StreamID] = []
    /// Calls that the protocol does not allow.
    package private(set) var misuses: [String] = []

    package init(
        _ database: MemoryDatabase,
        journal: Journal = Journal(),
        beforeCommit: @escaping @Sendable () async -> Void = {}
    ) {
        committed = database
        self.journal = journal
        self.beforeCommit = beforeCommit
    }

    /// What is committed.
    package var database: MemoryDatabase { committed }

    package func define(_ table: TableDefinition) { committed.define(table) }

    /// Another writer's work, outside of any transaction of the drainer.
    package func changeDatabase(_ change: @Sendable (inout MemoryDatabase) -> Void) { change(&committed) }

    package func failBegin(_ failures: SinkFailure...) { script.begins += failures }

    package func failStatement(_ number: Int, _ failure: SinkFailure) { script.statements[number] = failure }

    package func failCommit(_ failures: SinkFailure...) { script.commits += failures }

    package func facts(of tables: Set<TableName>, fresh: Bool) async throws(SinkFailure) -> [TableName: TableFacts] {
        factReads.all += 1
        if fresh { factReads.fresh += 1 }
        let unknown = fresh ? tables : tables.filter { known[$0] == nil }
        if !unknown.isEmpty {
            let read = committed.facts(of: unknown)
            for table in unknown { known[table] = .some(read[table]) }
        }
        return known.filter { tables.contains($0.key) }.compactMapValues { $0 }
    }

    package func take(_ claim: StreamClaim) async throws(SinkFailure) -> Takeover {
        epoch += 1
        let takeover = Takeover(epoch: epoch, checkpoint: checkpoints[claim.stream] ?? claim.start)
        checkpoints[claim.stream] = takeover.checkpoint
        return takeover
    }

    /// Of streams that were taken; others are drained without.
    package func checkpoint(of stream: String) async throws(SinkFailure) -> Checkpoint? { checkpoints[stream] }

    /// It keeps no record of dead letters.
    package func recorded(_ ids: [StreamID], of stream: String) async throws(SinkFailure) -> [RecordedDeadLetter] { [] }

    package func forgetMoves(of stream: String) async throws(SinkFailure) { moved = [] }

    package func noteMoved(_ ids: [StreamID], of stream: String) async { moved += ids }

    package func begin(_ stream: String, movingTo checkpoint: Checkpoint?) async throws(SinkFailure) {
        moving = checkpoint.map { (stream, $0) }
        if working != nil { misuses.append("begin in a transaction") }
        begins += 1
        if !script.begins.isEmpty { throw script.begins.removeFirst() }
        working = committed
        isAborted = false
        journal.note("begin")
    }

    package func execute(_ statement: Statement, of window: Window, guarded: Bool) async throws(SinkFailure) -> Effect {
        let result = outcome(of: statement, window, guarded)
        let failure: SinkFailure? = if case .failure(let failure) = result { failure } else { nil }
        let signature = window.signatures[statement.signature]
        sent.append(
            Sent(
                table: signature.table,
                operation: signature.operation,
                form: statement.form,
                commands: Array(statement.commands),
                isGuarded: guarded,
                failure: failure
            )
        )
        return try result.get()
    }

    package func commit(recording letters: [DeadLetter], of window: Window) async throws(SinkFailure) {
        await beforeCommit()
        guard let database = working, !isAborted else {
            misuses.append("commit of nothing")
            return
        }
        working = nil
        if !script.commits.isEmpty { throw script.commits.removeFirst() }
        committed = database
        if let moving { checkpoints[moving.stream] = moving.checkpoint }
        commits += 1
        journal.note("commit")
    }

    package func rollback() async {
        working = nil
        rollbacks += 1
        journal.note("rollback")
    }

    private func outcome(of statement: Statement, _ window: Window, _ guarded: Bool) -> Result<Effect, SinkFailure> {
        guard var database = working, !isAborted else {
            misuses.append("a statement outside of a transaction that works")
            return .failure(
                .unavailable(Unavailability(kind: .transient, isConnection: false, sqlState: "25P02", message: ""))
            )
        }
        if let failure = script.statements[sent.count + 1] {
            if case .unavailable = failure { working = nil } else { isAborted = !guarded }
            return .failure(failure)
        }
        if statement.form == .single, statement.commands.count != 1 { misuses.append("a single statement of several") }
        // The savepoint; without one the transaction alone could take the change back.
        let before = guarded ? database : nil
        working = nil
        do throws(SinkFailure) {
            let effect = try database.execute(statement, of: window)
            working = database
            return .success(effect)
        } catch {
            working = before ?? committed
            isAborted = !guarded
            return .failure(error)
        }
    }
}
