/// A decimal number of at most 19 digits: `mantissa` times ten to the `exponent`.
private struct Decimal {
    let isNegative: Bool
    let mantissa: UInt64
    let exponent: Int
}

extension Span<UInt8> {
    /// The double nearest to the number, as PostgreSQL's own reading finds it.
    func double(_ range: Range<Int>) -> Double? {
        guard let decimal = decimal(range) else { return nil }
        // Both the mantissa and the power are exact, so that one operation rounds once.
        if decimal.mantissa <= 1 << 53, abs(decimal.exponent) <= 22 {
            let magnitude = Double(decimal.mantissa)
            let power = Self.powers[abs(decimal.exponent)]
            let value = decimal.exponent < 0 ? magnitude / power : magnitude * power
            return decimal.isNegative ? -value : value
        }
        // PostgreSQL refuses what is too large or too small.
        guard let value = Double(text(range)), value.isNormal else { return nil }
        return value
    }

    /// The float nearest to the number: by way of a double it could be rounded twice.
    func float(_ range: Range<Int>) -> Float? {
        guard let decimal = decimal(range) else { return nil }
        if decimal.mantissa <= 1 << 24, abs(decimal.exponent) <= 10 {
            let magnitude = Float(decimal.mantissa)
            let power = Float(Self.powers[abs(decimal.exponent)])
            let value = decimal.exponent < 0 ? magnitude / power : magnitude * power
            return decimal.isNegative ? -value : value
        }
        guard let value = Float(text(range)), value.isNormal else { return nil }
        return value
    }

    private static var powers: [Double] { exactPowers }

    private func text(_ range: Range<Int>) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(range.count)
        for index in range { bytes.append(self[index]) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Reads `-`, digits, a point with digits, an exponent: the grammar of a JSON number, zeros in front allowed.
    private func decimal(_ range: Range<Int>) -> Decimal? {
        var index = range.lowerBound
        let end = range.upperBound
        let isNegative = index < end && self[index] == UInt8(ascii: "-")
        if isNegative { index &+= 1 }
        var mantissa: UInt64 = 0
        var exponent = 0
        var digits = 0
        var isFraction = false
        let start = index
        while index < end {
            let digit = digit(index)
            if digit <= 9 {
                // Zeros in front are no digits of the mantissa.
                if mantissa > 0 || digit > 0 { digits &+= 1 }
                guard digits <= 19 else { return nil }
                mantissa = mantissa &* 10 &+ UInt64(digit)
                if isFraction { exponent &-= 1 }
            } else if self[index] == UInt8(ascii: "."), !isFraction, index > start, index &+ 1 < end {
                isFraction = true
                guard self.digit(index &+ 1) <= 9 else { return nil }
            } else {
                break
            }
            index &+= 1
        }
        guard index > start else { return nil }
        if index < end {
            guard self[index] | 0x20 == UInt8(ascii: "e"), let written = exponentText((index &+ 1)..<end) else {
                return nil
            }
            exponent &+= written
        }
        return Decimal(isNegative: isNegative, mantissa: mantissa, exponent: exponent)
    }

    private func exponentText(_ range: Range<Int>) -> Int? {
        var start = range.lowerBound
        if start &+ 1 < range.upperBound, self[start] == UInt8(ascii: "+"), digit(start &+ 1) <= 9 { start &+= 1 }
        // More digits than four are beyond every type.
        guard range.upperBound &- start <= 5 else { return nil }
        return integer(start..<range.upperBound).map { Int($0) }
    }
}

/// Ten to the place, exact up to the 22nd.
private let exactPowers: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
]

extension MutableRawSpan {
    /// Writes a numeric: groups of four digits, the place of the first, the sign and the number of digits shown.
    ///
    /// Only digits with a point between them: an exponent is left to PostgreSQL.
    @inline(__always)
    mutating func storeNumeric(_ source: Span<UInt8>, _ range: Range<Int>, at place: Int) -> Int? {
        var start = range.lowerBound
        let end = range.upperBound
        // Far beyond what is written in practice, far within what the format holds.
        guard start < end, range.count <= 1000 else { return nil }
        let isNegative = source[start] == UInt8(ascii: "-")
        if isNegative { start &+= 1 }
        var point = start
        while point < end, source.digit(point) <= 9 { point &+= 1 }
        guard point > start else { return nil }
        let scale = point < end ? end &- point &- 1 : 0
        if point < end, source[point] != UInt8(ascii: ".") || scale == 0 { return nil }
        let whole = (point &- start &+ 3) / 4
        var target = place &+ 12
        // The first group is shorter, so that the groups meet at the point.
        var index = start
        var left = (point &- start) % 4
        if left == 0 { left = 4 }
        while index < point {
            var group: UInt16 = 0
            for _ in 0..<left {
                group = group &* 10 &+ UInt16(source.digit(index))
                index &+= 1
            }
            store(group, at: target)
            target &+= 2
            left = 4
        }
        index = point &+ 1
        while index < end {
            var group: UInt16 = 0
            for offset in 0..<4 {
                var digit: UInt8 = 0
                if index &+ offset < end {
                    digit = source.digit(index &+ offset)
                    guard digit <= 9 else { return nil }
                }
                group = group &* 10 &+ UInt16(digit)
            }
            store(group, at: target)
            target &+= 2
            index &+= 4
        }
        store(Int32(truncatingIfNeeded: target &- place &- 4), at: place)
        store(Int16(truncatingIfNeeded: (target &- place &- 12) / 2), at: place &+ 4)
        store(Int16(truncatingIfNeeded: whole &- 1), at: place &+ 6)
        store(isNegative ? 0x4000 : 0 as UInt16, at: place &+ 8)
        store(Int16(truncatingIfNeeded: scale), at: place &+ 10)
        return target
    }
}
