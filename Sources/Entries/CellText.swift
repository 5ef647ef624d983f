extension Window {
    /// Appends what PostgreSQL's text input reads for `cell` in a column that is neither an array nor json: the text of
    /// a string, the digits of a number, `true` or `false`, the JSON of an array or object. The cell must not be null.
    package func appendText(of cell: Cell, to buffer: inout [UInt8]) {
        if cell.kind == .escapedString {
            buffer.append(unescaping: arena, cell.bytes.range)
        } else {
            buffer.append(contentsOf: arena[cell.bytes.range])
        }
    }

    /// Appends the cell's JSON as it stands: what a json or jsonb column stores. The cell must not be null.
    package func appendJSON(of cell: Cell, to buffer: inout [UInt8]) {
        buffer.append(contentsOf: arena[jsonRange(of: cell)])
    }

    /// Appends what an array column reads: a JSON array becomes an array literal (`{a,"b c",NULL}`, nested arrays
    /// nested braces), anything else is its text. The cell must not be null.
    ///
    /// Every string element is quoted, so that none is taken for NULL, loses its blanks or meets the delimiter.
    ///
    /// - Parameters:
    ///   - delimiter: the element type's (`pg_type.typdelim`), `,` but for `box`.
    ///   - elementsAreJSON: the elements are json or jsonb: each is stored as its JSON.
    package func appendArray(of cell: Cell, delimiter: UInt8, elementsAreJSON: Bool, to buffer: inout [UInt8]) {
        guard cell.kind == .array else { return appendText(of: cell, to: &buffer) }
        // The decoder has checked the JSON: each byte outside a string starts a value or is a bracket, comma or blank.
        let bytes = arena.span
        let end = cell.bytes.range.upperBound
        var index = cell.bytes.range.lowerBound
        // PostgreSQL reads `{{},{}}` only since 17; an array without elements is empty whatever its nesting.
        if bytes.holdsBracketsOnly(cell.bytes.range) { return buffer.append(contentsOf: "{}".utf8) }
        while index < end {
            let start = index
            index &+= 1
            switch bytes[start] {
            case UInt8(ascii: "["): buffer.append(UInt8(ascii: "{"))
            case UInt8(ascii: "]"): buffer.append(UInt8(ascii: "}"))
            case UInt8(ascii: ","): buffer.append(delimiter)
            case 0x20, 0x0A, 0x0D, 0x09: continue
            case UInt8(ascii: "\""):
                let (close, isEscaped) = bytes.endOfCheckedString(index)
                buffer.append(UInt8(ascii: "\""))
                if elementsAreJSON {
                    buffer.append(escaping: arena, start..<(close &+ 1))
                } else if isEscaped {
                    buffer.append(unescaping: arena, index..<close, isArrayElement: true)
                } else {
                    buffer.append(contentsOf: arena[index..<close])
                }
                buffer.append(UInt8(ascii: "\""))
                index = close &+ 1
            case UInt8(ascii: "{"):
                index = bytes.endOfCheckedObject(start)
                buffer.append(UInt8(ascii: "\""))
                buffer.append(escaping: arena, start..<index)
                buffer.append(UInt8(ascii: "\""))
            case UInt8(ascii: "n"):
                index = start &+ 4
                buffer.append(contentsOf: "NULL".utf8)
            default:
                while index < end, !bytes.endsScalar(index) { index &+= 1 }
                // A number or boolean holds nothing that an array literal gives a meaning to.
                if elementsAreJSON { buffer.append(UInt8(ascii: "\"")) }
                buffer.append(contentsOf: arena[start..<index])
                if elementsAreJSON { buffer.append(UInt8(ascii: "\"")) }
            }
        }
    }

    /// Where the JSON of `cell` lies: the quotes of a string stand beside its bytes.
    private func jsonRange(of cell: Cell) -> Range<Int> {
        let range = cell.bytes.range
        switch cell.kind {
        case .string, .escapedString: return (range.lowerBound &- 1)..<(range.upperBound &+ 1)
        default: return range
        }
    }
}

extension Span<UInt8> {
    /// The closing quote of a checked string whose text starts at `start`.
    fileprivate func endOfCheckedString(_ start: Int) -> (end: Int, isEscaped: Bool) {
        var index = start
        var isEscaped = false
        while true {
            index = endOfRun(index, in: index..<count, endsAtQuote: true)
            switch self[index] {
            case UInt8(ascii: "\""): return (index, isEscaped)
            case UInt8(ascii: "\\"):
                isEscaped = true
                index &+= 2
            default: return (index, isEscaped)
            }
        }
    }

    /// The index after the checked object that starts at `start`.
    fileprivate func endOfCheckedObject(_ start: Int) -> Int {
        var depth = 0
        var index = start
        repeat {
            switch self[index] {
            case UInt8(ascii: "{"): depth &+= 1
            case UInt8(ascii: "}"): depth &-= 1
            case UInt8(ascii: "\""): index = endOfCheckedString(index &+ 1).end
            default: break
            }
            index &+= 1
        } while depth > 0
        return index
    }

    /// Whether a checked array has no elements but empty arrays.
    fileprivate func holdsBracketsOnly(_ range: Range<Int>) -> Bool {
        var index = range.lowerBound
        while index < range.upperBound {
            switch self[index] {
            case UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: ","), 0x20, 0x0A, 0x0D, 0x09: index &+= 1
            default: return false
            }
        }
        return true
    }

    /// Whether the number or literal of a checked array ends before `index`.
    @inline(__always)
    fileprivate func endsScalar(_ index: Int) -> Bool {
        switch self[index] {
        case UInt8(ascii: ","), UInt8(ascii: "]"), 0x20, 0x0A, 0x0D, 0x09: true
        default: false
        }
    }
}
