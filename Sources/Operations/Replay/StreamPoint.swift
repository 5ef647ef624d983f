package import Entries
import Foundation

/// A place in a stream as an operator names it: an ID, or a time.
package struct StreamPoint: Sendable, Hashable {
    /// The first ID that is meant.
    package let first: StreamID
    /// The last one: of a time, all of its millisecond.
    package let last: StreamID

    /// Reads `1700000000000-5`, `1700000000000`, `2026-11-26`, `2026-11-26T10:00`, `2026-11-26T10:00:00.250+01:00`; a blank
    /// will do for the T, and a time without an offset is UTC. nil for anything else.
    package init?(_ text: String) {
        if let id = StreamID(text) {
            let isWhole = text.contains("-")
            first = id
            last = isWhole ? id : StreamID(milliseconds: id.milliseconds, sequence: .max)
            return
        }
        guard let milliseconds = Self.milliseconds(of: text) else { return nil }
        first = StreamID(milliseconds: milliseconds, sequence: 0)
        last = StreamID(milliseconds: milliseconds, sequence: .max)
    }

    private static func milliseconds(of text: String) -> UInt64? {
        let pattern =
            /(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(?:([Zz])|([+-])(\d\d):?(\d\d))?)?/
        guard let match = text.wholeMatch(of: pattern)?.output else { return nil }
        func number(_ digits: Substring?) -> Int { digits.flatMap { Int($0) } ?? 0 }
        var parts = DateComponents()
        parts.year = number(match.1)
        parts.month = number(match.2)
        parts.day = number(match.3)
        parts.hour = number(match.4)
        parts.minute = number(match.5)
        parts.second = number(match.6)
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        guard parts.isValidDate(in: calendar), let date = calendar.date(from: parts) else { return nil }
        let offset = (number(match.10) * 60 + number(match.11)) * (match.9 == "-" ? -60 : 60)
        let seconds = Int(date.timeIntervalSince1970.rounded()) - offset
        // Milliseconds of a fraction of any length.
        let fraction = number(((match.7 ?? "") + "000").prefix(3))
        return seconds < 0 ? nil : UInt64(seconds * 1000 + fraction)
    }
}
