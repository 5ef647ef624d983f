package import CoreMetrics

/// What is measured through swift-metrics' own handles: the drainer's metrics by their name, with or without
/// `drainer_`, and whatever a library brings along.
extension MetricRegistry: MetricsFactory {
    /// Of families that nobody here has described.
    private static let defaultBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]
    private static let mostForeignSeries = 1000

    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        let (family, values) = family(label, dimensions, .counter)
        return counter(family, values)
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        let (family, values) = family(label, dimensions, .gauge)
        return gauge(family, values)
    }

    /// A recorder that does not aggregate is swift-metrics' gauge.
    package func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        guard aggregate else {
            let (family, values) = family(label, dimensions, .gauge)
            return LastValueRecorder(gauge: gauge(family, values))
        }
        let (family, values) = family(label, dimensions, .histogram(Self.defaultBounds))
        return histogram(family, values)
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        let (family, values) = family(label, dimensions, .histogram(Self.defaultBounds))
        return histogram(family, values)
    }

    package func destroyCounter(_ handler: any CounterHandler) { remove(handler) }
    package func destroyMeter(_ handler: any MeterHandler) { remove(handler) }
    package func destroyRecorder(_ handler: any RecorderHandler) {
        remove((handler as? LastValueRecorder)?.gauge ?? handler)
    }
    package func destroyTimer(_ handler: any TimerHandler) { remove(handler) }

    /// The described family of this name, with the dimensions in its order; else one made up from the name.
    private func family(
        _ label: String,
        _ dimensions: [(String, String)],
        _ kind: MetricFamily.Kind
    ) -> (MetricFamily, [String]) {
        let bare = Self.name(label)
        let name = bare.hasPrefix("drainer_") ? bare : "drainer_" + bare
        let sorted = dimensions.map { (Self.name($0.0), $0.1) }.sorted { $0.0 < $1.0 }
        if let known = MetricFamily.all.first(where: { $0.name == name }) {
            let values = known.labels.compactMap { wanted in sorted.first { $0.0 == wanted }?.1 }
            return (known, values)
        }
        let family = MetricFamily(
            name: kind == .counter && !name.hasSuffix("_total") ? name + "_total" : name,
            help: "As measured by a library.",
            kind: kind,
            labels: sorted.map(\.0),
            mostSeries: Self.mostForeignSeries
        )
        return (family, sorted.map(\.1))
    }

    /// Letters, digits and underscores of ASCII are all that a name may have, and no digit at its start.
    private static func name(_ text: String) -> String {
        let kept = text.unicodeScalars.map { scalar in
            scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
                ? Character(scalar) : "_"
        }
        return kept.first?.isNumber == true ? "_" + String(kept) : String(kept)
    }
}

/// swift-metrics' gauge: the last value recorded is the value.
private final class LastValueRecorder: RecorderHandler {
    let gauge: GaugeSeries

    init(gauge: GaugeSeries) {
        self.gauge = gauge
    }

    func record(_ value: Int64) { gauge.set(value) }
    func record(_ value: Double) { gauge.set(value) }
}
