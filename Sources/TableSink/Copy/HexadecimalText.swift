extension Span<UInt8> {
    /// Both halves of a uuid in its usual form, in either case.
    @inline(__always)
    func uuid(_ range: Range<Int>) -> (high: UInt64, low: UInt64)? {
        guard range.count == 36 else { return nil }
        let start = range.lowerBound
        for place in [8, 13, 18, 23] where self[start &+ place] != UInt8(ascii: "-") { return nil }
        let mask: UInt64 = 0xFFFF_FFFF
        guard let first = Hexadecimal(word(start)),
            let second = Hexadecimal(word(start &+ 9) & mask | word(start &+ 14) &<< 32),
            let third = Hexadecimal(word(start &+ 19) & mask | word(start &+ 24) &<< 32),
            let fourth = Hexadecimal(word(start &+ 28))
        else { return nil }
        return (UInt64(first.value) &<< 32 | UInt64(second.value), UInt64(third.value) &<< 32 | UInt64(fourth.value))
    }
}

extension MutableRawSpan {
    /// Writes a bytea of the form `\x00ff`.
    mutating func storeHexadecimal(_ source: Span<UInt8>, _ range: Range<Int>, at place: Int) -> Int? {
        var index = range.lowerBound
        guard range.count >= 2, range.count % 2 == 0, source[index] == UInt8(ascii: "\\"),
            source[index &+ 1] == UInt8(ascii: "x")
        else { return nil }
        index &+= 2
        var target = place &+ 4
        while range.upperBound &- index >= 8 {
            guard let four = Hexadecimal(source.word(index)) else { return nil }
            store(four.value, at: target)
            index &+= 8
            target &+= 4
        }
        while index < range.upperBound {
            // Six zeros in front.
            let pair = UInt64(source[index]) &<< 48 | UInt64(source[index &+ 1]) &<< 56 | 0x3030_3030_3030
            guard let one = Hexadecimal(pair) else { return nil }
            store(UInt8(truncatingIfNeeded: one.value), at: target)
            index &+= 2
            target &+= 1
        }
        store(Int32(truncatingIfNeeded: target &- place &- 4), at: place)
        return target
    }
}

/// Eight hexadecimal digits, read at once.
private struct Hexadecimal {
    let value: UInt32

    /// - Parameter letters: the first digit lowest.
    @inline(__always)
    init?(_ letters: UInt64) {
        let ones: UInt64 = 0x0101_0101_0101_0101
        // Letters of both cases have a bit that digits lack.
        let isLetter = letters &>> 6 & ones
        let lowered = letters | isLetter &<< 5
        let values = letters & (0x0F &* ones) &+ 9 &* isLetter
        // Written again, what was no digit comes out as something else, or is not of its kind: letters stand for ten to 15.
        let back = values &+ 0x30 &* ones &+ 0x27 &* isLetter
        let isTenOrMore = (values &+ 6 &* ones) &>> 4 & ones
        guard back == lowered, isTenOrMore == isLetter, values & (0x10 &* ones) == 0 else { return nil }
        let pairs = (values &<< 4 | values &>> 8) & 0x00FF_00FF_00FF_00FF
        let quads = (pairs | pairs &>> 8) & 0x0000_FFFF_0000_FFFF
        value = UInt32(truncatingIfNeeded: quads | quads &>> 16).byteSwapped
    }
}
