import CoreMetrics
import Synchronization

/// A count that only grows, for one label set. Made once and kept by whoever counts.
package final class CounterSeries: CounterHandler, Sendable {
    private let count = Atomic<UInt64>(0)

    package init() {}

    package var value: UInt64 { count.load(ordering: .relaxed) }

    /// Adds an amount; a negative one is none, since a counter that falls reads as a restart.
    package func increment(by amount: Int64 = 1) {
        guard amount > 0 else { return }
        count.wrappingAdd(UInt64(amount), ordering: .relaxed)
    }

    package func reset() { count.store(0, ordering: .relaxed) }
}
