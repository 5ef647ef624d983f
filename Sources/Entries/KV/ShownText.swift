// What the text that a KV entry shows means to some columns.

extension [UInt8] {
    /// Appends the text of a checked Haskell string literal; `range` is its inside.
    ///
    /// - Parameter isArrayElement: as in `append(unescaping:)`.
    mutating func append(unescapingLiteral source: [UInt8], _ range: Range<Int>, isArrayElement: Bool = false) {
        let bytes = source.span
        var literal = HaskellLiteral(range)
        while let piece = literal.next(bytes) {
            switch piece {
            case .run(let run): append(contentsOf: source[run])
            case .scalar(let scalar): append(scalar: scalar, isArrayElement: isArrayElement)
            case .broken: return
            }
        }
    }

    /// Writes the number that starts at `start` without point and exponent where it is a whole one; anything else stays.
    mutating func makeWholeNumber(from start: Int) {
        guard let digits = self[start...].wholeNumber else { return }
        replaceSubrange(start..., with: digits)
    }

    /// A text that was shown from its UTF-8 bytes, each byte as a character, is made that text again: where every
    /// character is one of U+0000 to U+00FF, and these, as bytes, are UTF-8 with at least one above 7F.
    mutating func repairUTF8(from start: Int) {
        guard self[start...].contains(where: { $0 >= 0x80 }) else { return }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count - start)
        var index = start
        while index < count {
            switch self[index] {
            case 0..<0x80:
                bytes.append(self[index])
                index += 1
            // A character up to U+00FF, in UTF-8: 110000xx 10xxxxxx.
            case 0xC2, 0xC3:
                bytes.append(self[index] << 6 | self[index + 1] & 0x3F)
                index += 2
            default: return
            }
        }
        guard String(validating: bytes, as: UTF8.self) != nil else { return }
        replaceSubrange(start..., with: bytes)
    }
}

extension ArraySlice<UInt8> {
    /// More digits are no whole number that a column could hold.
    private static var mostDigits: Int { 40 }

    /// The digits of a number with a point or an exponent, where it is a whole one.
    fileprivate var wholeNumber: [UInt8]? {
        var rest = self
        let isNegative = rest.first == UInt8(ascii: "-")
        if isNegative { rest.removeFirst() }
        var digits = rest.removeDigits()
        guard !digits.isEmpty, digits.count <= Self.mostDigits, !rest.isEmpty else { return nil }
        var scale = 0
        if rest.first == UInt8(ascii: ".") {
            rest.removeFirst()
            let fraction = rest.removeDigits()
            guard !fraction.isEmpty else { return nil }
            digits += fraction
            scale = fraction.count
        }
        if rest.first == UInt8(ascii: "e") {
            rest.removeFirst()
            let sign = rest.first == UInt8(ascii: "-") ? -1 : 1
            if sign < 0 { rest.removeFirst() }
            let exponent = rest.removeDigits()
            guard 1...4 ~= exponent.count else { return nil }
            scale -= sign * exponent.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        }
        guard rest.isEmpty else { return nil }
        while scale > 0, digits.last == UInt8(ascii: "0") {
            digits.removeLast()
            scale -= 1
        }
        if digits.isEmpty { return [UInt8(ascii: "0")] }
        guard scale <= 0, digits.count - scale <= Self.mostDigits else { return nil }
        let sign = isNegative ? [UInt8(ascii: "-")] : []
        return sign + digits + Array(repeating: UInt8(ascii: "0"), count: -scale)
    }

    private mutating func removeDigits() -> ArraySlice<UInt8> {
        let digits = prefix { $0 &- UInt8(ascii: "0") <= 9 }
        removeFirst(digits.count)
        return digits
    }
}
