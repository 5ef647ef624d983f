// Moments in ISO form. PostgreSQL reads many more; those are left to it.

extension Span<UInt8> {
    /// The days from 2000-01-01 to the `2026-08-18` at `start`, which must lie in the span.
    @inline(__always)
    func days(_ start: Int) -> Int? {
        guard self[start &+ 4] == UInt8(ascii: "-"), self[start &+ 7] == UInt8(ascii: "-"),
            let century = twoDigits(start), let rest = twoDigits(start &+ 2),
            let month = twoDigits(start &+ 5), let day = twoDigits(start &+ 8)
        else { return nil }
        let year = century &* 100 &+ rest
        guard year >= 1, month >= 1, month <= 12, day >= 1 else { return nil }
        let isLeap = year & 3 == 0 && (year % 100 != 0 || year % 400 == 0)
        let length = month == 2 ? (isLeap ? 29 : 28) : 30 &+ (month ^ (month &>> 3)) & 1
        guard day <= length else { return nil }
        // Years that begin in March end with the leap day.
        let (marchYear, marchMonth) = month > 2 ? (year, month &- 3) : (year &- 1, month &+ 9)
        let dayOfYear = (153 &* marchMonth &+ 2) / 5 &+ day &- 1
        return marchYear &* 365 &+ marchYear / 4 &- marchYear / 100 &+ marchYear / 400 &+ dayOfYear &- 730_425
    }

    /// The microseconds of `13:48:46` or `13:48:46.121123` at the start of `range`, and the index behind it.
    @inline(__always)
    func timeOfDay(_ range: Range<Int>) -> (microseconds: Int64, end: Int)? {
        var index = range.lowerBound
        guard range.count >= 8, self[index &+ 2] == UInt8(ascii: ":"), self[index &+ 5] == UInt8(ascii: ":"),
            let hours = twoDigits(index), let minutes = twoDigits(index &+ 3), let seconds = twoDigits(index &+ 6),
            // PostgreSQL takes 24:00:00 and a 60th second too.
            hours <= 23, minutes <= 59, seconds <= 59
        else { return nil }
        var fraction = 0
        index &+= 8
        if index < range.upperBound, self[index] == UInt8(ascii: ".") {
            index &+= 1
            let start = index
            var unit = 100_000
            while index < range.upperBound {
                let digit = digit(index)
                guard digit <= 9 else { break }
                // More digits are rounded.
                guard unit > 0 else { return nil }
                fraction &+= Int(digit) &* unit
                unit /= 10
                index &+= 1
            }
            guard index > start else { return nil }
        }
        let whole = (hours &* 60 &+ minutes) &* 60 &+ seconds
        return (Int64(whole) &* 1_000_000 &+ Int64(fraction), index)
    }

    /// The microseconds from 2000-01-01 00:00 UTC to a moment: a date, a blank or `T`, a time, and a zone or none, which
    /// the session takes for UTC.
    ///
    /// - Parameter appliesZone: false for a type without time zone, which passes over one.
    @inline(__always)
    func timestamp(_ range: Range<Int>, appliesZone: Bool) -> Int64? {
        let start = range.lowerBound
        guard range.count >= 19, self[start &+ 10] == UInt8(ascii: "T") || self[start &+ 10] == UInt8(ascii: " "),
            let days = days(start), let (time, end) = timeOfDay((start &+ 11)..<range.upperBound),
            let zone = zone(end..<range.upperBound)
        else { return nil }
        return Int64(days) &* 86_400_000_000 &+ time &- (appliesZone ? Int64(zone) &* 60_000_000 : 0)
    }

    /// The minutes east of UTC of `Z`, `+05`, `+0530`, `+05:30`, ` UTC`, or of nothing.
    @inline(__always)
    private func zone(_ range: Range<Int>) -> Int? {
        let start = range.lowerBound
        switch range.count {
        case 0: return 0
        case 1: return self[start] == UInt8(ascii: "Z") ? 0 : nil
        case 4 where self[start] == UInt8(ascii: " "):
            return self[start &+ 1] == UInt8(ascii: "U") && self[start &+ 2] == UInt8(ascii: "T")
                && self[start &+ 3] == UInt8(ascii: "C") ? 0 : nil
        case 3, 5, 6:
            let isWest = self[start] == UInt8(ascii: "-")
            guard isWest || self[start] == UInt8(ascii: "+"), let hours = twoDigits(start &+ 1), hours <= 14 else {
                return nil
            }
            var minutes = 0
            if range.count > 3 {
                if range.count == 6, self[start &+ 3] != UInt8(ascii: ":") { return nil }
                guard let written = twoDigits(range.upperBound &- 2), written <= 59 else { return nil }
                minutes = written
            }
            let offset = hours &* 60 &+ minutes
            return isWest ? -offset : offset
        default: return nil
        }
    }

    @inline(__always)
    private func twoDigits(_ index: Int) -> Int? {
        let tens = digit(index)
        let ones = digit(index &+ 1)
        guard tens <= 9, ones <= 9 else { return nil }
        return Int(tens) &* 10 &+ Int(ones)
    }
}
