extension [UInt8] {
    /// Appends the text of a checked JSON string from inside its quotes.
    ///
    /// - Parameter isArrayElement: put a backslash before each quote and backslash of the text, as PostgreSQL wants
    ///   them inside a quoted element of an array literal.
    mutating func append(unescaping source: [UInt8], _ range: Range<Int>, isArrayElement: Bool = false) {
        let bytes = source.span
        var index = range.lowerBound
        while index < range.upperBound {
            let end = bytes.endOfRun(index, in: range, endsAtQuote: false)
            append(contentsOf: source[index..<end])
            guard end < range.upperBound else { return }
            index = end &+ 2
            switch bytes[end &+ 1] {
            case UInt8(ascii: "b"): append(0x08)
            case UInt8(ascii: "f"): append(0x0C)
            case UInt8(ascii: "n"): append(0x0A)
            case UInt8(ascii: "r"): append(0x0D)
            case UInt8(ascii: "t"): append(0x09)
            case UInt8(ascii: "u"): index = appendScalar(bytes, at: end, isArrayElement: isArrayElement)
            case let letter: append(character: letter, isArrayElement: isArrayElement)
            }
        }
    }

    /// Appends bytes as they stand, with a backslash before each quote and backslash.
    mutating func append(escaping source: [UInt8], _ range: Range<Int>) {
        let bytes = source.span
        var index = range.lowerBound
        while index < range.upperBound {
            let end = bytes.endOfRun(index, in: range, endsAtQuote: true)
            append(contentsOf: source[index..<end])
            guard end < range.upperBound else { return }
            append(character: bytes[end], isArrayElement: true)
            index = end &+ 1
        }
    }

    /// Appends the character of the `\uXXXX` at `start`, or of the surrogate pair; returns the index after it.
    private mutating func appendScalar(_ source: Span<UInt8>, at start: Int, isArrayElement: Bool) -> Int {
        var scalar = source.codeUnit(start) ?? 0xFFFD
        var end = start &+ 6
        if scalar & 0xFC00 == 0xD800, let low = source.codeUnit(end) {
            scalar = 0x10000 &+ (scalar & 0x3FF) &<< 10 &+ (low & 0x3FF)
            end &+= 6
        }
        append(scalar: scalar, isArrayElement: isArrayElement)
        return end
    }

    /// Appends a character in UTF-8.
    mutating func append(scalar: UInt32, isArrayElement: Bool) {
        switch scalar {
        case 0..<0x80: append(character: UInt8(scalar), isArrayElement: isArrayElement)
        case 0x80..<0x800:
            append(0xC0 | UInt8(scalar >> 6))
            append(0x80 | UInt8(scalar & 0x3F))
        case 0x800..<0x10000:
            append(0xE0 | UInt8(scalar >> 12))
            append(0x80 | UInt8(scalar >> 6 & 0x3F))
            append(0x80 | UInt8(scalar & 0x3F))
        default:
            append(0xF0 | UInt8(scalar >> 18))
            append(0x80 | UInt8(scalar >> 12 & 0x3F))
            append(0x80 | UInt8(scalar >> 6 & 0x3F))
            append(0x80 | UInt8(scalar & 0x3F))
        }
    }

    private mutating func append(character: UInt8, isArrayElement: Bool) {
        if isArrayElement, character == UInt8(ascii: "\"") || character == UInt8(ascii: "\\") {
            append(UInt8(ascii: "\\"))
        }
        append(character)
    }
}

extension Span<UInt8> {
    /// Where the run of bytes from `start` on meets a backslash (or, where asked, a quote) or the end of `range`.
    func endOfRun(_ start: Int, in range: Range<Int>, endsAtQuote: Bool) -> Int {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let other: UInt64 = endsAtQuote ? 0x2222_2222_2222_2222 : 0x5C5C_5C5C_5C5C_5C5C
        var index = start
        while range.upperBound &- index >= 8 {
            let word = word(index)
            let backslash = word ^ 0x5C5C_5C5C_5C5C_5C5C
            let second = word ^ other
            let stops = ((backslash &- ones) & ~backslash | (second &- ones) & ~second) & 0x8080_8080_8080_8080
            if stops != 0 { return index &+ stops.trailingZeroBitCount &>> 3 }
            index &+= 8
        }
        while index < range.upperBound {
            let byte = self[index]
            if byte == UInt8(ascii: "\\") || endsAtQuote && byte == UInt8(ascii: "\"") { return index }
            index &+= 1
        }
        return index
    }
}
