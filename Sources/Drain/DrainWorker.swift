import Entries
package import Logging
import Telemetry

/// Carries windows from a source to a sink: while one is written, the next is read and decoded.
package struct DrainWorker<Stream: Source, Database: Sink> {
    private let source: Stream
    private var writer: WindowWriter<Database>
    private let totals: RunTotals
    private let logger: Logger

    package init(source: Stream, writer: WindowWriter<Database>, totals: RunTotals, logger: Logger) {
        self.source = source
        self.writer = writer
        self.totals = totals
        self.logger = logger
    }

    /// Runs until the source is finished.
    ///
    /// - Throws: `CancellationError` where the task was cancelled before that; what was in hand stays unacknowledged.
    package consuming func run() async throws(CancellationError) {
        var current = await source.next()
        while true {
            switch current {
            case .finished: return
            case .interrupted: current = await source.next()
            case .window(let window):
                async let upcoming = source.next()
                let isHalted = try await carry(window)
                let following = await upcoming
                // What was read beyond a halt is read again, in order, when the fleet goes on.
                current = isHalted && !following.isFinished ? .interrupted : following
            }
        }
    }

    /// Writes and settles a window; true where it ended in a halt.
    private mutating func carry(_ window: Window) async throws(CancellationError) -> Bool {
        let outcome = try await writer.write(window)
        report(outcome.deadLetters, of: window)
        if outcome.count > 0 {
            await source.settle(window, count: outcome.count, deadLetters: outcome.deadLetters)
        }
        totals.add(outcome.totals)
        logger.debug(
            "window written",
            metadata: [
                LogKey.stream: "\(window.stream)", LogKey.entries: "\(outcome.count)",
                LogKey.rows: "\(outcome.totals.rows)", LogKey.statements: "\(outcome.totals.statements)",
            ]
        )
        guard let halt = outcome.halt else { return false }
        logger.error("the fleet is stopped", metadata: [LogKey.stream: "\(window.stream)", LogKey.reason: "\(halt)"])
        await source.halt(halt)
        return true
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

extension Delivery {
    fileprivate var isFinished: Bool {
        if case .finished = self { true } else { false }
    }
}
