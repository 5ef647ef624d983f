import CoreMetrics
import Synchronization

/// A value that rises and falls, for one label set; absent from the page while it is not known.
package final class GaugeSeries: MeterHandler, Sendable {
    /// A NaN says that nothing is known: no gauge of ours has one for a value.
    private let bits = Atomic<UInt64>(Double.nan.bitPattern)

    package init() {}

    package var value: Double? {
        let value = Double(bitPattern: bits.load(ordering: .relaxed))
        return value.isNaN ? nil : value
    }

    /// - Parameter value: nil where it is not known.
    package func set(known value: Double?) {
        bits.store((value ?? .nan).bitPattern, ordering: .relaxed)
    }

    package func set(_ value: Int64) { set(known: Double(value)) }
    package func set(_ value: Double) { set(known: value) }

    package func increment(by amount: Double) {
        var old = bits.load(ordering: .relaxed)
        while true {
            let known = Double(bitPattern: old)
            let new = ((known.isNaN ? 0 : known) + amount).bitPattern
            let result = bits.compareExchange(expected: old, desired: new, ordering: .relaxed)
            if result.exchanged { return }
            old = result.original
        }
    }

    package func decrement(by amount: Double) { increment(by: -amount) }
}
