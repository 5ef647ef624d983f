/// The text format of Prometheus, version 0.0.4, as it grows.
struct MetricPage {
    private(set) var text = ""

    /// A family without a known value is absent, heading and all.
    mutating func add(_ shelf: MetricRegistry.Shelf) {
        let family = shelf.family
        var hasHeading = false
        for values in shelf.order {
            guard let (labels, series) = shelf.series[values] else { continue }
            if case .gauge(let gauge) = series, gauge.value == nil { continue }
            if !hasHeading {
                text += "# HELP \(family.name) \(Self.escapedHelp(family.help))\n"
                text += "# TYPE \(family.name) \(family.kind.word)\n"
                hasHeading = true
            }
            switch series {
            case .counter(let counter): line(family.name, labels, "\(counter.value)")
            case .gauge(let gauge): if let value = gauge.value { line(family.name, labels, Self.number(value)) }
            case .histogram(let histogram): add(histogram, family.name, labels)
            }
        }
    }

    private mutating func add(_ histogram: HistogramSeries, _ name: String, _ labels: String) {
        let current = histogram.current
        var count: UInt64 = 0
        let bounds = histogram.bounds.map(Self.number) + ["+Inf"]
        for (bound, inBucket) in zip(bounds, current.counts) {
            count += inBucket
            line(name + "_bucket", labels + (labels.isEmpty ? "" : ",") + "le=\"\(bound)\"", "\(count)")
        }
        line(name + "_sum", labels, Self.number(current.sum))
        line(name + "_count", labels, "\(count)")
    }

    private mutating func line(_ name: String, _ labels: String, _ value: String) {
        text += name
        if !labels.isEmpty {
            text += "{"
            text += labels
            text += "}"
        }
        text += " "
        text += value
        text += "\n"
    }

    /// `name="value",…`, rendered once for a series.
    static func labels(_ names: [String], _ values: [String]) -> String {
        zip(names, values).map { "\($0)=\"\(escapedValue($1))\"" }.joined(separator: ",")
    }

    /// By scalars: to Swift a carriage return with its line feed is one character, and no line feed.
    private static func escapedValue(_ value: String) -> String {
        var escaped = String.UnicodeScalarView()
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": escaped.append(contentsOf: "\\\\".unicodeScalars)
            case "\"": escaped.append(contentsOf: "\\\"".unicodeScalars)
            case "\n": escaped.append(contentsOf: "\\n".unicodeScalars)
            default: escaped.append(scalar)
            }
        }
        return String(escaped)
    }

    private static func escapedHelp(_ help: String) -> String {
        help.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
    }

    /// Whole numbers without a fraction, the others in the shortest form that reads back the same.
    private static func number(_ value: Double) -> String {
        if let whole = Int64(exactly: value) { return "\(whole)" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return value.isNaN ? "NaN" : "\(value)"
    }
}

extension MetricFamily.Kind {
    fileprivate var word: String {
        switch self {
        case .counter: "counter"
        case .gauge: "gauge"
        case .histogram: "histogram"
        }
    }
}
