// What columns read of an array cell of a KV entry, whose values are strings that show them.

extension Window {
    private enum Piece {
        case opening, closing, comma
        /// A value; a literal where it was shown as one.
        case element(Cell, isLiteral: Bool)
    }

    /// Goes through an array cell, which has been checked.
    private func forEachPiece(of cell: Cell, _ body: (Piece) -> Void) {
        let bytes = arena.span
        var index = cell.bytes.range.lowerBound
        while index < cell.bytes.range.upperBound {
            switch bytes[index] {
            case UInt8(ascii: "["): body(.opening)
            case UInt8(ascii: "]"): body(.closing)
            case UInt8(ascii: ","): body(.comma)
            case UInt8(ascii: "\""):
                let (end, isEscaped) = bytes.endOfCheckedString(index &+ 1)
                let raw = Cell(kind: isEscaped ? .escapedString : .string, bytes: Slice((index &+ 1)..<end))
                // Checked before: it shows something.
                if let shown = try? bytes.shown(raw) {
                    body(.element(shown, isLiteral: isEscaped && shown.kind != .escapedText))
                }
                index = end
            default: break
            }
            index &+= 1
        }
    }

    /// As an array literal.
    func appendArray(ofTexts cell: Cell, delimiter: UInt8, elements: CellReading, to buffer: inout [UInt8]) {
        forEachPiece(of: cell) { piece in
            switch piece {
            case .opening: buffer.append(UInt8(ascii: "{"))
            case .closing: buffer.append(UInt8(ascii: "}"))
            case .comma: buffer.append(delimiter)
            case .element(let element, _) where element.isNull: buffer.append(contentsOf: "NULL".utf8)
            case .element(let element, _):
                buffer.append(UInt8(ascii: "\""))
                switch (elements, element.kind) {
                case (.text, .literal):
                    buffer.append(unescapingLiteral: arena, element.bytes.range, isArrayElement: true)
                case (.text, .escapedText):
                    buffer.append(unescaping: arena, element.bytes.range, isArrayElement: true)
                // Without escapes it has neither a quote nor a backslash.
                case (.text, _): buffer.append(contentsOf: arena[element.bytes.range])
                default:
                    var text: [UInt8] = []
                    append(element, readAs: elements, to: &text)
                    buffer.append(escaping: text, 0..<text.count)
                }
                buffer.append(UInt8(ascii: "\""))
            }
        }
    }

    /// As a JSON array: literals are strings, `True` and `False` booleans, and what else is JSON stands for itself.
    ///
    /// - Parameter isJSON: the column reads JSON: what is no JSON spoils the array, so that it is refused. Any other
    ///   column gets it as a string.
    func appendJSON(ofTexts cell: Cell, isJSON: Bool, to buffer: inout [UInt8]) {
        forEachPiece(of: cell) { piece in
            switch piece {
            case .opening: buffer.append(UInt8(ascii: "["))
            case .closing: buffer.append(UInt8(ascii: "]"))
            case .comma: buffer.append(UInt8(ascii: ","))
            case .element(let element, _) where element.isNull: buffer.append(contentsOf: "null".utf8)
            case .element(let element, let isLiteral):
                var text: [UInt8] = []
                appendText(of: element, to: &text)
                if isJSON, repairsJSON { text.repairUTF8(from: 0) }
                if isLiteral {
                    buffer.append(jsonString: text)
                } else if text.elementsEqual("True".utf8) || text.elementsEqual("False".utf8) {
                    buffer.append(contentsOf: text[0] == UInt8(ascii: "T") ? "true".utf8 : "false".utf8)
                } else if text.isJSON {
                    buffer.append(contentsOf: text)
                } else if isJSON {
                    buffer.append(UInt8(ascii: "?"))
                } else {
                    buffer.append(jsonString: text)
                }
            }
        }
    }
}

extension [UInt8] {
    /// Whether the bytes are one JSON value.
    fileprivate var isJSON: Bool {
        var scanner = JSONScanner()
        do throws(ParseFailure) {
            let value = try scanner.value(span, at: span.endOfBlanks(0), depth: 0)
            return span.endOfBlanks(value.next) == count
        } catch {
            return false
        }
    }

    fileprivate mutating func append(jsonString text: [UInt8]) {
        let digits = Array("0123456789abcdef".utf8)
        append(UInt8(ascii: "\""))
        for byte in text {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                append(UInt8(ascii: "\\"))
                append(byte)
            case 0..<0x20: append(contentsOf: [0x5C, 0x75, 0x30, 0x30, digits[Int(byte >> 4)], digits[Int(byte & 15)]])
            default: append(byte)
            }
        }
        append(UInt8(ascii: "\""))
    }
}
