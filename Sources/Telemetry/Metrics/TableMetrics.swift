import Entries
import Synchronization

/// The series of one table, each made when it is first needed and then kept.
final class TableMetrics: Sendable {
    private struct Made {
        var batchEntriesProcessed: CounterSeries?
        var batchEntries: HistogramSeries?
        var batchExecutionTime: HistogramSeries?
        var fallbacks: CounterSeries?
        var signatures: GaugeSeries?
        var unmatched: [Operation: CounterSeries] = [:]
        var failures: [Failure: CounterSeries] = [:]
        var deadLetters: [String: CounterSeries] = [:]
    }

    private struct Failure: Hashable {
        let action: Operation
        let sqlState: String
    }

    /// Reasons and SQLSTATEs of one table that are kept; more are looked up each time.
    private static let mostKept = 64

    private let label: String
    private let registry: MetricRegistry
    private let made = Mutex(Made())

    init(label: String, registry: MetricRegistry) {
        self.label = label
        self.registry = registry
    }

    func batch(entries: Int, duration: Duration) {
        let (processed, sizes, times) = made.withLock { made in
            let processed = made.batchEntriesProcessed ?? registry.counter(.batchEntriesProcessed, [label])
            let sizes = made.batchEntries ?? registry.histogram(.batchEntries, [label])
            let times = made.batchExecutionTime ?? registry.histogram(.batchExecutionTime, [label])
            (made.batchEntriesProcessed, made.batchEntries, made.batchExecutionTime) = (processed, sizes, times)
            return (processed, sizes, times)
        }
        processed.increment(by: Int64(entries))
        sizes.record(Double(entries), times: 1)
        times.record(duration)
    }

    func fallback() {
        let series = made.withLock { made in
            let series = made.fallbacks ?? registry.counter(.batchFallbacks, [label])
            made.fallbacks = series
            return series
        }
        series.increment()
    }

    func signatures(_ count: Int) {
        let series = made.withLock { made in
            let series = made.signatures ?? registry.gauge(.schemaVariation, [label])
            made.signatures = series
            return series
        }
        series.set(known: Double(count))
    }

    func unmatched(_ action: Operation, count: Int) {
        let series = made.withLock { made in
            let series = made.unmatched[action] ?? registry.counter(.unmatched, [action.rawValue, label])
            made.unmatched[action] = series
            return series
        }
        series.increment(by: Int64(count))
    }

    func failed(_ action: Operation, sqlState: String) {
        let key = Failure(action: action, sqlState: sqlState)
        let series = made.withLock { made in
            let series = made.failures[key] ?? registry.counter(.queryFailures, [action.rawValue, label, sqlState])
            if made.failures.count < Self.mostKept { made.failures[key] = series }
            return series
        }
        series.increment()
    }

    func deadLetters(_ reason: String, count: Int) {
        let series = made.withLock { made in
            let series = made.deadLetters[reason] ?? registry.counter(.deadLetters, [label, reason])
            if made.deadLetters.count < Self.mostKept { made.deadLetters[reason] = series }
            return series
        }
        series.increment(by: Int64(count))
    }
}
