import Entries
package import Logging
import Telemetry

/// Carries windows from a source to a sink: while one is written, the next is read and decoded, and the one before is
/// acknowledged.
package struct DrainWorker<Stream: Source, Database: Sink> {
    private let source: Stream
    private var writer: WindowWriter<Database>
    private let totals: RunTotals
    private let settler: Settler<Stream>
    private let logger: Logger

    package init(source: Stream, writer: WindowWriter<Database>, totals: RunTotals, logger: Logger) {
        self.source = source
        self.writer = writer
        self.totals = totals
        self.logger = logger
        settler = Settler(source: source, totals: totals, logger: logger)
    }

    /// Runs until the source is finished.
    ///
    /// - Throws: `CancellationError` where the task was cancelled before that; what was in hand stays unacknowledged.
    package consuming func run() async throws(CancellationError) {
        let sink = writer.sink
        try await run(on: sink)
    }

    /// - Parameter sink: where everything runs that no child task does.
    private consuming func run(on sink: isolated Database) async throws(CancellationError) {
        var worker = self
        let result = await withTaskGroup { settling in
            // A closure runs where what it captures does.
            _ = sink
            do throws(CancellationError) {
                return Result<Void, CancellationError>.success(try await worker.carryAll(&settling))
            } catch {
                return .failure(error)
            }
        }
        try result.get()
    }

    /// - Parameter settling: acknowledges at most one window, which is committed, and answers it.
    private mutating func carryAll(_ settling: inout TaskGroup<Window>) async throws(CancellationError) {
        var current = await upcoming()
        while true {
            switch current {
            case .finished: return
            case .interrupted: current = await upcoming()
            case .claimed(let claim):
                // Between two windows: nothing of the stream is in hand.
                await finishSettling(&settling)
                try await open(claim)
                current = await upcoming()
            case .window(let draft):
                // Held here only, its memory can go on to the next one.
                current = .interrupted
                // What the child task reads must not change under it: `async let` would take `self` as it is by then.
                let worker = self
                async let upcoming = worker.upcoming()
                let stream = draft.window.stream
                let outcome = try await carry(consume draft, &settling)
                current = outcome.following(await upcoming, stream)
            }
        }
    }

    /// What the source hands out, a window with a draft of it.
    fileprivate enum Upcoming {
        case window(Draft)
        case claimed(StreamClaim)
        case interrupted
        case finished
    }

    private func upcoming() async -> Upcoming {
        switch await source.next() {
        case .window(let window): .window(await writer.draft(of: window))
        case .claimed(let claim): .claimed(claim)
        case .interrupted: .interrupted
        case .finished: .finished
        }
    }

    /// Becomes the owner of a stream and goes on with it.
    private mutating func open(_ claim: StreamClaim) async throws(CancellationError) {
        var takeover = try await writer.take(claim)
        var opening = await source.open(claim, takeover)
        if opening.wentBack {
            // Before the source notes that this was seen to: a death in between leaves it to whoever comes next.
            guard try await writer.forgetMoves(of: claim.stream) else { return await source.lose(claim.stream) }
            takeover = try await writer.take(claim)
            takeover.hasForgottenMoves = true
            opening = await source.open(claim, takeover)
        }
        await writer.noteMoved(opening.moved, of: claim.stream)
    }

    fileprivate enum Carried {
        case settled
        case halted
        case lost
    }

    private func finishSettling(_ settling: inout TaskGroup<Window>) async {
        if let window = await settling.next() { source.reuse(window) }
    }

    /// Writes a window, and settles it or has it settled.
    private mutating func carry(_ draft: consuming Draft, _ settling: inout TaskGroup<Window>)
        async throws(CancellationError) -> Carried
    {
        var window = draft.window
        let outcome = try await writer.write(draft)
        // Windows are settled in their order, and none is lost or halted before those ahead of it are settled.
        await finishSettling(&settling)
        if let loss = outcome.loss {
            let metadata: Logger.Metadata = [
                LogKey.stream: "\(window.stream)", LogKey.count: "\(window.entries.count)",
            ]
            switch loss {
            case .fenced:
                logger.warning(
                    "another process has become the owner of the stream; letting it go, this window is its to write",
                    metadata: metadata
                )
            case .disowned:
                logger.info(
                    "a new connection to PostgreSQL: reading the stream again from its checkpoint",
                    metadata: metadata
                )
            }
            await source.lose(window.stream)
            totals.add(outcome.totals)
            return .lost
        }
        report(outcome.deadLetters.filter { $0.record == nil }, of: window)
        if outcome.deadLetters.isEmpty, outcome.halt == nil {
            source.reuseContents(of: &window)
            settling.addTask { [settler, window] in
                await settler.settle(window, outcome.settled, [], outcome.totals)
                return window
            }
            return .settled
        }
        await settler.settle(window, outcome.settled, outcome.deadLetters, outcome.totals)
        if !outcome.deadLetters.isEmpty {
            await writer.noteMoved(outcome.deadLetters.map { window.entries[$0.entry].id }, of: window.stream)
        }
        guard let halt = outcome.halt else { return .settled }
        logger.error("the fleet is stopped", metadata: [LogKey.stream: "\(window.stream)", LogKey.reason: "\(halt)"])
        await source.halt(halt)
        return .halted
    }
}

/// Settles what is committed, also while the next window is written.
private struct Settler<Stream: Source>: Sendable {
    let source: Stream
    let totals: RunTotals
    let logger: Logger

    func settle(_ window: Window, _ settled: [Int], _ letters: [DeadLetter], _ done: Totals) async {
        if !settled.isEmpty { await source.settle(window, entries: settled, deadLetters: letters) }
        totals.add(done)
        logger.debug(
            "window written",
            metadata: [
                LogKey.stream: "\(window.stream)", LogKey.entries: "\(settled.count)", LogKey.rows: "\(done.rows)",
                LogKey.statements: "\(done.statements)",
            ]
        )
    }
}

extension DrainWorker.Carried {
    /// What to do with what was read while the window was written: what lies beyond a halt, or in a stream that was
    /// lost, is read again, in order, by whoever goes on with it.
    fileprivate func following(_ upcoming: DrainWorker.Upcoming, _ stream: String) -> DrainWorker.Upcoming {
        switch (self, upcoming) {
        case (_, .finished), (.settled, _): upcoming
        case (.halted, _): .interrupted
        case (.lost, .window(let draft)): draft.window.stream == stream ? .interrupted : upcoming
        case (.lost, _): upcoming
        }
    }
}

extension DrainWorker {
    /// One line for each table and reason, however many rows, and at debug one for each. PostgreSQL's words can quote
    /// the row, so they are there only where an operator wants values.
    private func report(_ letters: [DeadLetter], of window: Window) {
        let groups = Dictionary(grouping: letters) { "\($0.error) \($0.table.map(\.description) ?? "-")" }
        for (_, letters) in groups.sorted(by: { $0.key < $1.key }) {
            logger.warning(
                "dead letters",
                metadata: [
                    LogKey.stream: "\(window.stream)", LogKey.count: "\(letters.count)",
                    LogKey.first: "\(window.entries[letters[0].entry].id)", LogKey.error: "\(letters[0].error)",
                    LogKey.table: "\(letters[0].table.map(\.description) ?? "-")", LogKey.words: "\(letters[0].words)",
                ]
            )
        }
        guard logger.logLevel <= .debug else { return }
        for letter in letters {
            logger.debug(
                "dead letter",
                metadata: [
                    LogKey.stream: "\(window.stream)", LogKey.first: "\(window.entries[letter.entry].id)",
                    LogKey.error: "\(letter.error)", LogKey.table: "\(letter.table.map(\.description) ?? "-")",
                    LogKey.words: "\(letter.words)",
                ]
            )
        }
    }
}
