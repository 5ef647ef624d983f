import Entries
import Logging
import Telemetry

/// One try at writing a window: the statements of its plan in one open transaction, and what came of them.
struct Attempt<S: Sink> {
    private let sink: S
    private let window: Window
    private let statements: [Statement]
    private let metrics: DrainMetrics
    private let log: BatchLog

    /// Statements sent, whether or not they stood.
    private(set) var sent = 0
    /// What stands if the transaction commits.
    private(set) var standing = Totals()
    /// Commands that were refused, each alone.
    private(set) var refusals: [Int: Refusal] = [:]
    /// The statement at which an unguarded try ended.
    private(set) var refusedStatement: Int?

    /// Tables whose rows an INSERT took after a copy had been refused.
    private(set) var uncopied: Set<TableName> = []
    /// Bad rows that the refusals of copies named.
    private var named = 0
    /// Beyond this many in a window, halving finds them with fewer rows sent.
    private static var mostNamed: Int { 8 }

    /// By signature, commands that met no row and creates that met an existing key.
    private(set) var unmatched: [Int: Int] = [:]

    /// Signatures whose single statement the database refuses before it sees a row.
    private var hopeless: [Int: Refusal] = [:]

    init(sink: S, window: Window, statements: [Statement], metrics: DrainMetrics, logger: Logger) {
        self.sink = sink
        self.window = window
        self.statements = statements
        self.metrics = metrics
        log = BatchLog(logger, window, statements)
    }

    /// Without savepoints: the first refusal is thrown and ends the try.
    mutating func writeOptimistically() async throws(SinkFailure) {
        let start = ContinuousClock.now
        let progress = await sink.executeInOrder(statements, of: window)
        // Statements of one round trip share its time.
        let share = start.duration(to: .now) / max(1, progress.effects.count)
        for (statement, effect) in zip(statements, progress.effects) {
            note(effect, of: statement, isFallback: false, duration: share)
        }
        sent += progress.effects.count
        guard let failure = progress.failure else { return }
        sent += 1
        if let number = progress.failedStatement {
            if case .refused = failure { refusedStatement = number }
            report(failure, of: statements[number], isFallback: false)
        }
        throw failure
    }

    /// With a savepoint each: a refused batch is split until its bad rows stand alone, the rest is written, in order.
    ///
    /// - Parameter known: the statement that an optimistic try of these very statements ended at, and how; it need not be
    ///   refused again.
    mutating func writeCarefully(knownBad known: (statement: Int, refusal: Refusal)?) async throws(SinkFailure) {
        for (number, statement) in statements.enumerated() {
            if statement.form == .single {
                _ = try await writeAlone(statement.commands, of: statement.signature, isFallback: false)
            } else if hopeless[statement.signature] != nil {
                _ = try await writeAlone(statement.commands, of: statement.signature, isFallback: true)
            } else if let known, known.statement == number {
                try await fallBack(statement, after: known.refusal)
            } else if let refusal = try await refusal(of: statement, isFallback: false) {
                try await fallBack(statement, after: refusal)
            }
        }
    }

    /// Writes the commands of a refused batch in another way.
    private mutating func fallBack(_ statement: Statement, after refusal: Refusal) async throws(SinkFailure) {
        standing.fallbacks += 1
        metrics.fallback(table: window.signatures[statement.signature].table)
        if statement.form == .copy {
            try await writeAround(refusal, statement)
        } else if refusal.concernsStatement {
            _ = try await writeAlone(statement.commands, of: statement.signature, isFallback: true)
        } else {
            _ = try await isolate(statement, isKnownBad: true)
        }
    }

    /// Writes a refused copy's commands: the row that the database names is tried alone, between copies of those before
    /// and behind it. Where that leads to nothing, INSERTs are halved.
    private mutating func writeAround(_ refusal: Refusal, _ statement: Statement) async throws(SinkFailure) {
        var rest = statement.commands
        var current = refusal
        while named < Self.mostNamed, !current.meetsKey, let row = current.row, row < rest.count {
            let index = rest.startIndex + row
            // Copied again without it, they can still be refused for what is seen at a statement's end.
            if row > 0, try await self.refusal(of: statement.copying(rest[..<index]), isFallback: true) != nil { break }
            rest = rest[(index + 1)...]
            guard try await writeAlone(statement.commands[index...index], of: statement.signature, isFallback: true)
            else { break }
            named += 1
            if rest.isEmpty { return }
            guard let next = try await self.refusal(of: statement.copying(rest), isFallback: true) else { return }
            current = next
        }
        if rest.isEmpty { return }
        let insert = Statement(signature: statement.signature, commands: rest, form: .bulk)
        guard let refusal = try await self.refusal(of: insert, isFallback: true) else {
            uncopied.insert(window.signatures[statement.signature].table)
            return
        }
        if refusal.concernsStatement {
            _ = try await writeAlone(rest, of: statement.signature, isFallback: true)
        } else {
            _ = try await isolate(insert, isKnownBad: true)
        }
    }

    /// Halves until the bad rows stand alone. A half that must be bad, because its sibling is not, is not tried whole.
    ///
    /// - Returns: whether a command was refused.
    private mutating func isolate(_ statement: Statement, isKnownBad: Bool) async throws(SinkFailure) -> Bool {
        if statement.commands.count == 1 {
            return try await writeAlone(statement.commands, of: statement.signature, isFallback: true)
        }
        if !isKnownBad, try await refusal(of: statement, isFallback: true) == nil { return false }
        let commands = statement.commands
        let middle = commands.startIndex + commands.count / 2
        let left = Statement(signature: statement.signature, commands: commands[..<middle], form: .bulk)
        let right = Statement(signature: statement.signature, commands: commands[middle...], form: .bulk)
        let isLeftBad = try await isolate(left, isKnownBad: false)
        let isRightBad = try await isolate(right, isKnownBad: !isLeftBad)
        return isLeftBad || isRightBad
    }

    /// Executes commands one by one, each refused for itself.
    ///
    /// - Returns: whether one was refused.
    private mutating func writeAlone(_ commands: ArraySlice<Int>, of signature: Int, isFallback: Bool)
        async throws(SinkFailure) -> Bool
    {
        var isRefused = false
        for index in commands.indices {
            let statement = Statement(signature: signature, commands: commands[index...index], form: .single)
            if let refusal = hopeless[signature] {
                refusals[commands[index]] = refusal
                isRefused = true
            } else if let refusal = try await refusal(of: statement, isFallback: isFallback) {
                refusals[commands[index]] = refusal
                if refusal.concernsStatement { hopeless[signature] = refusal }
                isRefused = true
            }
        }
        return isRefused
    }

    private mutating func refusal(of statement: Statement, isFallback: Bool) async throws(SinkFailure) -> Refusal? {
        sent += 1
        let start = ContinuousClock.now
        do throws(SinkFailure) {
            let effect = try await sink.execute(statement, of: window, guarded: true)
            note(effect, of: statement, isFallback: isFallback, duration: start.duration(to: .now))
            return nil
        } catch {
            report(error, of: statement, isFallback: isFallback)
            guard case .refused(let refusal) = error else { throw error }
            if statement.form == .single, !isFallback { standing.sequential += 1 }
            return refusal
        }
    }

    private mutating func note(_ effect: Effect, of statement: Statement, isFallback: Bool, duration: Duration) {
        standing.rows += effect.rows
        standing.unmatched += effect.unmatched
        if effect.unmatched > 0 { unmatched[statement.signature, default: 0] += effect.unmatched }
        switch statement.form {
        case .copy, .bulk: standing.bulkStatements += 1
        case .single: standing.sequential += isFallback ? 0 : 1
        }
        let signature = window.signatures[statement.signature]
        metrics.statement(
            action: signature.operation,
            path: path(of: statement, isFallback: isFallback),
            table: signature.table,
            entries: statement.commands.count,
            duration: duration
        )
        log.executed(statement, isPart: isFallback, duration: duration)
    }

    private func report(_ failure: SinkFailure, of statement: Statement, isFallback: Bool) {
        let signature = window.signatures[statement.signature]
        let sqlState = failure.sqlState ?? "none"
        metrics.failed(
            action: signature.operation,
            path: path(of: statement, isFallback: isFallback),
            table: signature.table,
            sqlState: sqlState
        )
        log.failed(statement, isPart: isFallback, sqlState: sqlState)
    }

    private func path(of statement: Statement, isFallback: Bool) -> StatementPath {
        if isFallback { return .fallback }
        guard statement.form == .single, let command = statement.commands.first else { return .bulk }
        return window.commands[command].isForced ? .forced : .single
    }
}
