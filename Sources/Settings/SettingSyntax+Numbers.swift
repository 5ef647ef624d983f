extension SettingSyntax where Value == Int {
    /// Whole numbers in decimal digits. Nothing is rounded: `1e3`, `10.0` and `1_000` are refused.
    static func count(_ range: ClosedRange<Int>, of unit: String? = nil) -> Self {
        let amount = unit.map { "a whole number of \($0)" } ?? "a whole number"
        return Self("N", allowed: "\(amount) from \(range.lowerBound) to \(range.upperBound)") {
            text throws(ValueRefusal) in
            guard let number = Int(text.trimmed), range.contains(number) else { throw ValueRefusal() }
            return number
        }
    }
}

extension SettingSyntax where Value == Duration {
    /// Whole milliseconds without a unit, for settings whose name ends in `_MS`.
    static func milliseconds(_ range: ClosedRange<Int>) -> Self {
        let count = SettingSyntax<Int>.count(range, of: "milliseconds")
        return Self("MS", allowed: count.allowed) { text throws(ValueRefusal) in
            .milliseconds(try count.value(of: text))
        }
    }

    /// A number with a unit: `250ms`, `30s`, `15m`, `1h`, `7d`; a bare number is seconds.
    static func duration(upTo limit: DurationText) -> Self {
        Self("DURATION", allowed: "a duration from 0s to \(limit.text), such as 250ms, 30s, 15m, 1h or 7d") {
            text throws(ValueRefusal) in
            guard let duration = DurationText(text)?.duration, duration <= limit.duration else { throw ValueRefusal() }
            return duration
        }
    }
}

extension SettingSyntax where Value == Retention {
    /// A duration, or `forever`.
    static func retention(upTo limit: DurationText) -> Self {
        let duration = SettingSyntax<Duration>.duration(upTo: limit)
        return Self(duration.placeholder, allowed: duration.allowed + ", or forever") { text throws(ValueRefusal) in
            text.trimmed.lowercased() == "forever" ? .forever : .duration(try duration.value(of: text))
        }
    }
}
