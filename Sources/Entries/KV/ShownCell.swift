extension JSONScanner {
    /// Reads the cell of a KV entry at `start`; answers with what it shows and the index after it.
    @inline(__always)
    mutating func shownCell(
        _ bytes: Span<UInt8>,
        at start: Int,
        depth: Int
    ) throws(ParseFailure) -> (cell: Cell, next: Int) {
        // `"\"…\""`, as most are.
        if bytes.byte(start) == UInt8(ascii: "\""), bytes.byte(start &+ 1) == UInt8(ascii: "\\"),
            bytes.byte(start &+ 2) == UInt8(ascii: "\""),
            let (end, isEscaped) = bytes.endOfSimpleLiteral(start &+ 3)
        {
            return (Cell(kind: isEscaped ? .literal : .text, bytes: Slice((start &+ 3)..<end)), end &+ 3)
        }
        if bytes.byte(start) == UInt8(ascii: "[") {
            let end = try endOfTexts(bytes, at: start, depth: depth &+ 1)
            return (Cell(kind: .texts, bytes: Slice(start..<end)), end)
        }
        let value = try value(bytes, at: start, depth: depth)
        return (try bytes.shown(value.cell), value.next)
    }

    /// The index after the array at `start`, which must hold strings that show values, or such arrays. Recursion is
    /// bounded by `deepest`.
    @inline(never)
    private mutating func endOfTexts(_ bytes: Span<UInt8>, at start: Int, depth: Int) throws(ParseFailure) -> Int {
        guard depth <= Self.deepest else { throw Self.tooDeep(at: start) }
        var index = bytes.endOfBlanks(start &+ 1)
        if bytes.byte(index) == UInt8(ascii: "]") { return index &+ 1 }
        while true {
            index = bytes.endOfBlanks(try shownCell(bytes, at: index, depth: depth).next)
            switch bytes.byte(index) {
            case UInt8(ascii: ","): index = bytes.endOfBlanks(index &+ 1)
            case UInt8(ascii: "]"): return index &+ 1
            default: throw bytes.failure("a comma or bracket must stand here", at: index)
            }
        }
    }
}

extension Span<UInt8> {
    /// What a cell of a KV entry shows that is no array. `cell` is a value as the JSON has it, which has been checked.
    ///
    /// `SqlNull` is null; text that starts and ends with a quotation mark is a Haskell string literal; all other text
    /// stands for itself.
    @inline(__always)
    func shown(_ cell: Cell) throws(ParseFailure) -> Cell {
        switch cell.kind {
        case .escapedString: return try shownEscaped(cell.bytes.range)
        // A quotation mark would be escaped, so that this is no literal.
        case .string: return Cell(kind: isNullWord(cell.bytes.range) ? .null : .text, bytes: cell.bytes)
        default: throw ParseFailure("a cell must be a string, or an array of strings", at: Int(cell.bytes.start))
        }
    }

    private func shownEscaped(_ range: Range<Int>) throws(ParseFailure) -> Cell {
        let (opening, closing) = (openingQuote(range), closingQuote(range))
        guard opening > 0, closing > 0, opening &+ closing <= range.count else {
            return Cell(kind: isSpeltNullWord(range) ? .null : .escapedText, bytes: Slice(range))
        }
        let inside = (range.lowerBound &+ opening)..<(range.upperBound &- closing)
        if extracting(0..<inside.upperBound).endOfPlainLiteral(inside.lowerBound) == inside.upperBound {
            return Cell(kind: .text, bytes: Slice(inside))
        }
        var literal = HaskellLiteral(inside)
        while let piece = literal.next(self) {
            if case .broken(let index) = piece { throw ParseFailure("a broken Haskell string literal", at: index) }
        }
        return Cell(kind: .literal, bytes: Slice(inside))
    }

    /// The bytes of the quotation mark at the start of a string; 0 where none stands there.
    private func openingQuote(_ range: Range<Int>) -> Int {
        guard range.count >= 2, self[range.lowerBound] == UInt8(ascii: "\\") else { return 0 }
        if self[range.lowerBound &+ 1] == UInt8(ascii: "\"") { return 2 }
        return range.count >= 6 && codeUnit(range.lowerBound) == 0x22 ? 6 : 0
    }

    /// The bytes of the quotation mark at the end of a string; 0 where none stands there.
    private func closingQuote(_ range: Range<Int>) -> Int {
        // Inside of a JSON string no quotation mark stands without its backslash.
        if range.count >= 2, self[range.upperBound &- 1] == UInt8(ascii: "\"") { return 2 }
        guard range.count >= 6, codeUnit(range.upperBound &- 6) == 0x22 else { return 0 }
        var backslashes = 0
        var index = range.upperBound &- 6
        while index >= range.lowerBound, self[index] == UInt8(ascii: "\\") {
            backslashes &+= 1
            index &-= 1
        }
        return backslashes % 2 == 1 ? 6 : 0
    }

    /// Whether the bytes are `SqlNull`.
    @inline(__always)
    private func isNullWord(_ range: Range<Int>) -> Bool {
        // The word and the quote behind it, the first letter lowest; a shorter string stops at another quote.
        range.count == 7 && shortName(range.lowerBound)?.first == 0x226C_6C75_4E6C_7153
    }

    /// Whether a string with escapes spells `SqlNull`.
    private func isSpeltNullWord(_ range: Range<Int>) -> Bool {
        guard range.count <= 6 * 7 else { return false }
        return NameList(self, range, isEscaped: true).utf8(0).elementsEqual("SqlNull".utf8)
    }

    /// The end of the literal that starts at `start`, behind its quote, where it knows no escapes but `\"`, `\\`, letters
    /// and decimal numbers; nil where it is another one, or broken.
    @inline(__always)
    func endOfSimpleLiteral(_ start: Int) -> (end: Int, isEscaped: Bool)? {
        let end = endOfPlainLiteral(start)
        guard count &- end >= 4, self[end] == UInt8(ascii: "\\") else { return nil }
        if self[end &+ 1] == UInt8(ascii: "\""), self[end &+ 2] == UInt8(ascii: "\"") { return (end, false) }
        guard let escapedEnd = endOfEscapedLiteral(end) else { return nil }
        return (escapedEnd, true)
    }

    @inline(never)
    private func endOfEscapedLiteral(_ start: Int) -> Int? {
        var index = start
        while count &- index >= 4, self[index] == UInt8(ascii: "\\") {
            // In JSON, a backslash is two.
            switch (self[index &+ 1], self[index &+ 2]) {
            case (UInt8(ascii: "\""), UInt8(ascii: "\"")): return index
            case (UInt8(ascii: "\\"), UInt8(ascii: "\\")):
                guard self[index &+ 3] == UInt8(ascii: "\"") || self[index &+ 3] == UInt8(ascii: "\\") else {
                    return nil
                }
                index &+= 4
            case (UInt8(ascii: "\\"), UInt8(ascii: "n")), (UInt8(ascii: "\\"), UInt8(ascii: "r")),
                (UInt8(ascii: "\\"), UInt8(ascii: "t")), (UInt8(ascii: "\\"), UInt8(ascii: "&")):
                index &+= 3
            case (UInt8(ascii: "\\"), UInt8(ascii: "0")...UInt8(ascii: "9")):
                var number: UInt32 = 0
                index &+= 2
                while byte(index) &- UInt8(ascii: "0") <= 9 {
                    number = number &* 10 &+ UInt32(byte(index) &- UInt8(ascii: "0"))
                    guard number < 0x11_0000 else { return nil }
                    index &+= 1
                }
                guard number & 0xFFFF_F800 != 0xD800 else { return nil }
            default: return nil
            }
            index = endOfPlainLiteral(index)
        }
        return nil
    }

    /// Where, from `start` on, the first byte stands that is not printable ASCII, or is a quote or a backslash.
    @inline(__always)
    func endOfPlainLiteral(_ start: Int) -> Int {
        let ones: UInt64 = 0x0101_0101_0101_0101
        var index = start
        while count &- index >= 8 {
            let word = word(index)
            // One more makes a 7F an 80; what an FF carries over stands behind a stop.
            let stops = StringStops.in(word) | (word &+ ones) & 0x8080_8080_8080_8080
            guard stops == 0 else { return index &+ stops.trailingZeroBitCount &>> 3 }
            index &+= 8
        }
        while index < count, 0x20..<0x7F ~= self[index], self[index] != UInt8(ascii: "\""),
            self[index] != UInt8(ascii: "\\")
        {
            index &+= 1
        }
        return index
    }
}

extension Slice {
    init(_ range: Range<Int>) {
        self.init(start: range.lowerBound, length: range.count)
    }
}
