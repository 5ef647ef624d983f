package import Logging
import Synchronization
import Telemetry

/// The totals of all workers of a process.
package final class RunTotals: Sendable {
    private let totals = Mutex(Totals())

    package init() {}

    package var current: Totals { totals.withLock { $0 } }

    package func add(_ other: Totals) {
        totals.withLock { $0 += other }
    }

    /// Says once a minute what was done in it, where anything was, until cancelled.
    package func report(to logger: Logger, clock: some Clock<Duration> = ContinuousClock()) async {
        var last = current
        while true {
            do { try await clock.sleep(for: .seconds(60)) } catch { return }
            let done = current.since(last)
            guard done != Totals() else { continue }
            last = current
            logger.info(
                "drained in the last minute",
                metadata: [
                    LogKey.entries: "\(done.entries)", LogKey.rate: "\(done.entries / 60)", LogKey.rows: "\(done.rows)",
                    LogKey.statements: "\(done.statements)", LogKey.fallbacks: "\(done.fallbacks)",
                    LogKey.deadLetters: "\(done.deadLetters)",
                ]
            )
        }
    }
}
