import CoreMetrics
import Synchronization

/// All series of the process, and the text page of them.
///
/// A series is looked up under a lock once, by whoever keeps it from there on; counting takes no lock of the registry.
/// It stands behind swift-metrics' API too, so that what a library measures is on the same page.
package final class MetricRegistry: Sendable {
    enum Series: Sendable {
        case counter(CounterSeries)
        case gauge(GaugeSeries)
        case histogram(HistogramSeries)
    }

    /// A family's series, each with its labels as they stand on the page.
    struct Shelf {
        let family: MetricFamily
        var series: [[String]: (labels: String, series: Series)] = [:]
        /// In the order of their making, so that a page reads like the one before.
        var order: [[String]] = []
    }

    private struct State {
        var shelves: [Shelf] = []
        var indices: [String: Int] = [:]
        var updates: [@Sendable () -> Void] = []
    }

    /// Most families that libraries bring along.
    private static let mostForeignFamilies = 200

    private let state: Mutex<State>

    package init(families: [MetricFamily] = MetricFamily.all) {
        var state = State()
        for family in families {
            state.indices[family.name] = state.shelves.count
            state.shelves.append(Shelf(family: family))
        }
        self.state = Mutex(state)
    }

    /// Has `update` called before each page, for values that are cheaper asked for than told. It must not block.
    package func beforePage(_ update: @escaping @Sendable () -> Void) {
        state.withLock { $0.updates.append(update) }
    }

    /// The counter with these label values; a new one where there was none.
    package func counter(_ family: MetricFamily, _ values: [String] = []) -> CounterSeries {
        guard case .counter(let series) = series(family, values) else { return CounterSeries() }
        return series
    }

    package func gauge(_ family: MetricFamily, _ values: [String] = []) -> GaugeSeries {
        guard case .gauge(let series) = series(family, values) else { return GaugeSeries() }
        return series
    }

    package func histogram(_ family: MetricFamily, _ values: [String] = []) -> HistogramSeries {
        guard case .histogram(let series) = series(family, values) else { return HistogramSeries(bounds: []) }
        return series
    }

    func series(_ family: MetricFamily, _ values: [String]) -> Series? {
        state.withLock { state in
            let index: Int
            if let known = state.indices[family.name] {
                index = known
            } else {
                guard state.shelves.count < MetricFamily.all.count + Self.mostForeignFamilies else { return nil }
                index = state.shelves.count
                state.indices[family.name] = index
                state.shelves.append(Shelf(family: family))
            }
            // A library's second idea of the same name is counted, and shown nowhere.
            guard state.shelves[index].family.labels == family.labels else { return nil }
            return state.shelves[index].series(values)
        }
    }

    /// Forgets a series: from the next page on it is absent.
    package func remove(_ family: MetricFamily, _ values: [String]) {
        state.withLock { state in
            guard let index = state.indices[family.name] else { return }
            state.shelves[index].series[values] = nil
            state.shelves[index].order.removeAll { $0 == values }
        }
    }

    func remove(_ handler: AnyObject) {
        state.withLock { state in
            for index in state.shelves.indices {
                guard let entry = state.shelves[index].series.first(where: { $0.value.series.object === handler })
                else { continue }
                state.shelves[index].series[entry.key] = nil
                state.shelves[index].order.removeAll { $0 == entry.key }
                return
            }
        }
    }

    /// The page in Prometheus' text format, version 0.0.4.
    package func page() -> String {
        for update in state.withLock({ $0.updates }) { update() }
        // Rendered outside the lock: a scrape never makes a writer wait.
        let shelves = state.withLock { $0.shelves }
        var page = MetricPage()
        for shelf in shelves { page.add(shelf) }
        return page.text
    }
}

extension MetricRegistry.Series {
    fileprivate var object: AnyObject {
        switch self {
        case .counter(let series): series
        case .gauge(let series): series
        case .histogram(let series): series
        }
    }
}

extension MetricRegistry.Shelf {
    /// The series with these label values, or with `other` for some of them where there are enough.
    fileprivate mutating func series(_ given: [String]) -> MetricRegistry.Series? {
        guard given.count == family.labels.count else { return nil }
        if let found = series[given] { return found.series }
        var values = given
        if series.count >= family.mostSeries {
            // Beyond the bound a second, as large, for what `other` still tells apart.
            let isBounded = series.count < 2 * family.mostSeries
            for index in values.indices where !isBounded || family.labels[index] == MetricLabel.table.rawValue {
                values[index] = MetricLabel.other
            }
            if !family.labels.contains(MetricLabel.table.rawValue) {
                values = values.map { _ in MetricLabel.other }
            }
            if let found = series[values] { return found.series }
        }
        let new: MetricRegistry.Series =
            switch family.kind {
            case .counter: .counter(CounterSeries())
            case .gauge: .gauge(GaugeSeries())
            case .histogram(let bounds): .histogram(HistogramSeries(bounds: bounds))
            }
        series[values] = (MetricPage.labels(family.labels, values), new)
        order.append(values)
        return new
    }
}
