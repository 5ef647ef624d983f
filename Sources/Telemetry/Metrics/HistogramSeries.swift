import CoreMetrics
import Synchronization

/// How often values fell below each bound, for one label set.
///
/// Under a lock, which nobody holds for longer than an addition: buckets, sum and count on a page belong together.
package final class HistogramSeries: RecorderHandler, TimerHandler, Sendable {
    struct State {
        /// One more than there are bounds; not cumulative.
        var counts: [UInt64]
        var sum = 0.0
    }

    let bounds: [Double]
    private let state: Mutex<State>

    package init(bounds: [Double]) {
        self.bounds = bounds
        state = Mutex(State(counts: [UInt64](repeating: 0, count: bounds.count + 1)))
    }

    var current: State { state.withLock { $0 } }

    /// Notes a value, `times` over.
    package func record(_ value: Double, times: Int) {
        guard value.isFinite, times > 0 else { return }
        let bucket = bounds.firstIndex { value <= $0 } ?? bounds.count
        state.withLock { state in
            state.counts[bucket] += UInt64(times)
            state.sum += value * Double(times)
        }
    }

    package func record(_ value: Double) { record(value, times: 1) }
    package func record(_ value: Int64) { record(Double(value), times: 1) }
    package func record(_ duration: Duration) { record(duration.inSeconds, times: 1) }
    /// Base units: seconds on the page.
    package func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9, times: 1) }
}

extension Duration {
    package var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
