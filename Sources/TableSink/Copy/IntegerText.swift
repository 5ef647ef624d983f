extension Span<UInt8> {
    /// `-` and up to 19 digits: what every version of PostgreSQL reads as the same integer. Blanks, a plus sign,
    /// underscores and other bases are left to it.
    @inline(__always)
    func integer(_ range: Range<Int>) -> Int64? {
        var index = range.lowerBound
        guard index < range.upperBound else { return nil }
        let isNegative = self[index] == UInt8(ascii: "-")
        if isNegative { index &+= 1 }
        let digits = range.upperBound &- index
        guard digits >= 1, digits <= 19 else { return nil }
        // 19 digits are less than 2^64.
        var value: UInt64 = 0
        while index < range.upperBound {
            let digit = digit(index)
            guard digit <= 9 else { return nil }
            value = value &* 10 &+ UInt64(digit)
            index &+= 1
        }
        if value <= UInt64(Int64.max) { return isNegative ? -Int64(value) : Int64(value) }
        return isNegative && value == UInt64(Int64.max) + 1 ? Int64.min : nil
    }

    /// The words that JSON writes, and their first letters, in any case.
    @inline(__always)
    func boolean(_ range: Range<Int>) -> Bool? {
        func holds(_ word: StaticString) -> Bool {
            for place in 0..<range.count
            where self[range.lowerBound &+ place] | 0x20 != word.utf8Start[place] { return false }
            return true
        }
        switch range.count {
        case 4: return holds("true") ? true : nil
        case 5: return holds("false") ? false : nil
        case 1 where self[range.lowerBound] | 0x20 == UInt8(ascii: "t"): return true
        case 1 where self[range.lowerBound] | 0x20 == UInt8(ascii: "f"): return false
        default: return nil
        }
    }
}
