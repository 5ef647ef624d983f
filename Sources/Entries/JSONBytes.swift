// Where the pieces of JSON end. Every function takes the index at which a piece starts, checks the piece by the strict
// grammar and returns the index after it; none looks past the span, none keeps anything.

extension Span<UInt8> {
    /// The byte at `index`, or 0 past the end: JSON allows 0 nowhere, so one comparison checks both.
    @inline(__always)
    func byte(_ index: Int) -> UInt8 {
        index < count ? self[index] : 0
    }

    /// The eight bytes from `index` on, the first one lowest. All of them must lie in the span.
    @inline(__always)
    func word(_ index: Int) -> UInt64 {
        // One check for the eight bytes; the compiler then makes one load of them.
        let bytes = extracting(index..<(index &+ 8))
        let low =
            UInt64(bytes[0]) | UInt64(bytes[1]) &<< 8 | UInt64(bytes[2]) &<< 16 | UInt64(bytes[3]) &<< 24
        let high =
            UInt64(bytes[4]) &<< 32 | UInt64(bytes[5]) &<< 40 | UInt64(bytes[6]) &<< 48 | UInt64(bytes[7]) &<< 56
        return low | high
    }

    /// Whether the bytes of two ranges are the same.
    func areEqual(_ one: Range<Int>, _ other: Range<Int>) -> Bool {
        guard one.count == other.count else { return false }
        var place = 0
        while one.count &- place >= 8 {
            guard word(one.lowerBound &+ place) == word(other.lowerBound &+ place) else { return false }
            place &+= 8
        }
        while place < one.count {
            guard self[one.lowerBound &+ place] == self[other.lowerBound &+ place] else { return false }
            place &+= 1
        }
        return true
    }

    /// A failure at `index`, or one that says that the text ends too early.
    func failure(_ reason: String, at index: Int) -> ParseFailure {
        index < count ? ParseFailure(reason, at: index) : ParseFailure("the JSON ends too early", at: count)
    }

    @inline(__always)
    func endOfBlanks(_ start: Int) -> Int {
        var index = start
        while index < count {
            let byte = self[index]
            guard byte <= 0x20 else { return index }
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return index }
            index &+= 1
        }
        return index
    }

    /// Over the colon that must follow a key.
    @inline(__always)
    func startOfValue(afterKey end: Int) throws(ParseFailure) -> Int {
        let index = endOfBlanks(end)
        guard byte(index) == UInt8(ascii: ":") else { throw failure("a colon must stand here", at: index) }
        return endOfBlanks(index &+ 1)
    }

    func endOfNumber(_ start: Int) throws(ParseFailure) -> Int {
        var index = start
        if byte(index) == UInt8(ascii: "-") { index &+= 1 }
        if byte(index) == UInt8(ascii: "0") {
            index &+= 1
        } else {
            index = try endOfDigits(index)
        }
        if byte(index) == UInt8(ascii: ".") { index = try endOfDigits(index &+ 1) }
        if byte(index) | 0x20 == UInt8(ascii: "e") {
            index &+= 1
            if byte(index) == UInt8(ascii: "+") || byte(index) == UInt8(ascii: "-") { index &+= 1 }
            index = try endOfDigits(index)
        }
        return index
    }

    @inline(__always)
    private func endOfDigits(_ start: Int) throws(ParseFailure) -> Int {
        var index = start
        while byte(index) &- UInt8(ascii: "0") <= 9 { index &+= 1 }
        guard index > start else { throw failure("a digit must stand here", at: start) }
        return index
    }

    /// `true`, `false` or `null`; `start` is at its first letter.
    func literal(_ start: Int) throws(ParseFailure) -> (kind: Cell.Kind, end: Int) {
        let word =
            UInt32(byte(start)) | UInt32(byte(start &+ 1)) &<< 8 | UInt32(byte(start &+ 2)) &<< 16
            | UInt32(byte(start &+ 3)) &<< 24
        switch word {
        case 0x6C6C_756E: return (.null, start &+ 4)
        case 0x6575_7274: return (.true, start &+ 4)
        case 0x736C_6166 where byte(start &+ 4) == UInt8(ascii: "e"): return (.false, start &+ 5)
        default: throw failure("a value must stand here", at: start)
        }
    }

    /// Reads a string from the byte after its opening quote on; `end` is its closing quote.
    @inline(__always)
    func endOfString(_ start: Int) throws(ParseFailure) -> (end: Int, isEscaped: Bool) {
        var index = start
        while count &- index >= 8 {
            let word = word(index)
            let stops = StringStops.in(word)
            guard stops == 0 else {
                index &+= stops.trailingZeroBitCount &>> 3
                if self[index] == UInt8(ascii: "\"") { return (index, false) }
                break
            }
            index &+= 8
        }
        return try endOfUnplainString(index)
    }

    /// The rest of a string that brings an escape, a letter beyond ASCII, or the end of the bytes.
    @inline(never)
    private func endOfUnplainString(_ start: Int) throws(ParseFailure) -> (end: Int, isEscaped: Bool) {
        var index = start
        var isEscaped = false
        while true {
            while count &- index >= 8 {
                let stops = StringStops.in(word(index))
                guard stops == 0 else {
                    index &+= stops.trailingZeroBitCount &>> 3
                    break
                }
                index &+= 8
            }
            guard index < count else { throw failure("", at: index) }
            switch self[index] {
            case UInt8(ascii: "\""): return (index, isEscaped)
            case UInt8(ascii: "\\"):
                isEscaped = true
                switch byte(index &+ 1) {
                case UInt8(ascii: "\""), UInt8(ascii: "\\"): index &+= 2
                default: index = try endOfEscape(index)
                }
            case 0..<0x20: throw ParseFailure("a control character stands unescaped in a string", at: index)
            case 0x80...:
                repeat { index = try endOfCharacter(index) } while byte(index) >= 0x80
            default: index &+= 1
            }
        }
    }

    /// One character beyond ASCII, by the table of well-formed UTF-8 (Unicode 3.9, table 3-7).
    private func endOfCharacter(_ start: Int) throws(ParseFailure) -> Int {
        let lead = self[start]
        let second = byte(start &+ 1)
        let isContinued: Bool
        let length: Int
        switch lead {
        case 0xC2...0xDF: (isContinued, length) = (0x80...0xBF ~= second, 2)
        case 0xE0: (isContinued, length) = (0xA0...0xBF ~= second, 3)
        case 0xED: (isContinued, length) = (0x80...0x9F ~= second, 3)
        case 0xE1...0xEF: (isContinued, length) = (0x80...0xBF ~= second, 3)
        case 0xF0: (isContinued, length) = (0x90...0xBF ~= second, 4)
        case 0xF1...0xF3: (isContinued, length) = (0x80...0xBF ~= second, 4)
        case 0xF4: (isContinued, length) = (0x80...0x8F ~= second, 4)
        default: (isContinued, length) = (false, 1)
        }
        guard isContinued,
            length < 3 || byte(start &+ 2) & 0xC0 == 0x80,
            length < 4 || byte(start &+ 3) & 0xC0 == 0x80
        else { throw ParseFailure("invalid UTF-8", at: start) }
        return start &+ length
    }

    /// One escape, of a surrogate pair both halves; `start` is at the backslash.
    private func endOfEscape(_ start: Int) throws(ParseFailure) -> Int {
        switch byte(start &+ 1) {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return start &+ 2
        case UInt8(ascii: "u"):
            guard let unit = codeUnit(start) else { throw failure("an unknown escape", at: start) }
            guard unit & 0xF800 == 0xD800 else { return start &+ 6 }
            guard unit < 0xDC00, let low = codeUnit(start &+ 6), low & 0xFC00 == 0xDC00 else {
                throw failure("a lone surrogate", at: start)
            }
            return start &+ 12
        default: throw failure("an unknown escape", at: start)
        }
    }

    /// The UTF-16 code unit of the `\uXXXX` at `index`; nil where there is none.
    func codeUnit(_ index: Int) -> UInt32? {
        guard byte(index) == UInt8(ascii: "\\"), byte(index &+ 1) == UInt8(ascii: "u") else { return nil }
        var unit: UInt32 = 0
        for place in (index &+ 2)..<(index &+ 6) {
            let digit: UInt8
            switch byte(place) {
            case let byte where byte &- UInt8(ascii: "0") <= 9: digit = byte &- UInt8(ascii: "0")
            case let byte where (byte | 0x20) &- UInt8(ascii: "a") <= 5:
                digit = (byte | 0x20) &- UInt8(ascii: "a") &+ 10
            default: return nil
            }
            unit = unit &<< 4 | UInt32(digit)
        }
        return unit
    }
}

/// Finds, in eight bytes at once, those at which the plain run of a string stops: quote, backslash, control character,
/// byte beyond ASCII.
enum StringStops {
    /// The highest bit of each byte that stops; bits above the lowest one set may be wrong (a borrow runs upwards).
    @inline(__always)
    static func `in`(_ word: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let quote = word ^ 0x2222_2222_2222_2222
        let backslash = word ^ 0x5C5C_5C5C_5C5C_5C5C
        let control = (word &- 0x2020_2020_2020_2020) & ~word
        return ((quote &- ones) & ~quote | (backslash &- ones) & ~backslash | control | word) & 0x8080_8080_8080_8080
    }
}
