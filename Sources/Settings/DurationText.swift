/// A span of time as settings write it: `250ms`, `30s`, `15m`, `1h`, `7d`; a bare number is seconds.
package struct DurationText: Sendable {
    package let text: String
    package let duration: Duration

    /// Nil for a sign, a fraction, an unknown unit and for what is longer than time can be counted.
    package init?(_ text: some StringProtocol) {
        let trimmed = text.trimmed
        let digits = trimmed.prefix { $0.isASCII && $0.isNumber }
        guard let number = Int64(digits) else { return nil }
        let milliseconds: Int64
        switch trimmed.dropFirst(digits.count) {
        case "ms": milliseconds = 1
        case "", "s": milliseconds = 1000
        case "m": milliseconds = 60_000
        case "h": milliseconds = 3_600_000
        case "d": milliseconds = 86_400_000
        default: return nil
        }
        let (total, overflow) = number.multipliedReportingOverflow(by: milliseconds)
        guard !overflow else { return nil }
        self.text = trimmed
        duration = .milliseconds(total)
    }

    /// Ten minutes: nobody waits longer within one window.
    static let tenMinutes = DurationText("10m", .seconds(600))
    /// Ten years: far beyond what a stream can hold, and safe to subtract from any clock.
    static let tenYears = DurationText("3650d", .seconds(3650 * 86_400))

    private init(_ text: String, _ duration: Duration) {
        self.text = text
        self.duration = duration
    }
}
