extension Window {
    /// Appends what an array column reads: a JSON array becomes an array literal (`{a,"b c",NULL}`, nested arrays
    /// nested braces), anything else is its text. The cell must not be null.
    ///
    /// Every string element is quoted, so that none is taken for NULL, loses its blanks or meets the delimiter.
    ///
    /// - Parameters:
    ///   - delimiter: the element type's (`pg_type.typdelim`), `,` but for `box`.
    ///   - elements: how the element type reads; json elements are stored as their JSON.
    package func appendArray(
        of cell: Cell,
        delimiter: UInt8,
        elements: CellReading = .text,
        to buffer: inout [UInt8]
    ) {
        // PostgreSQL reads `{{},{}}` only since 17; an array without elements is empty whatever its nesting.
        if cell.kind == .array || cell.kind == .texts, arena.span.holdsBracketsOnly(cell.bytes.range) {
            return buffer.append(contentsOf: "{}".utf8)
        }
        switch cell.kind {
        case .array: appendArray(ofJSON: cell, delimiter: delimiter, elementsAreJSON: elements == .json, to: &buffer)
        case .texts: appendArray(ofTexts: cell, delimiter: delimiter, elements: elements, to: &buffer)
        default: appendText(of: cell, to: &buffer)
        }
    }

    private func appendArray(
        ofJSON cell: Cell,
        delimiter: UInt8,
        elementsAreJSON: Bool,
        to buffer: inout [UInt8]
    ) {
        // The decoder has checked the JSON: each byte outside a string starts a value or is a bracket, comma or blank.
        let bytes = arena.span
        let end = cell.bytes.range.upperBound
        var index = cell.bytes.range.lowerBound
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
}

extension Span<UInt8> {
    /// The closing quote of a checked string whose text starts at `start`.
    func endOfCheckedString(_ start: Int) -> (end: Int, isEscaped: Bool) {
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
