extension Window {
    /// Appends what PostgreSQL's text input reads for `cell` in a column that is neither an array nor json: the text of
    /// a string, the digits of a number, `true` or `false`, the JSON of an array or object. The cell must not be null.
    package func appendText(of cell: Cell, to buffer: inout [UInt8]) {
        switch cell.kind {
        case .escapedString, .escapedText: buffer.append(unescaping: arena, cell.bytes.range)
        case .literal: buffer.append(unescapingLiteral: arena, cell.bytes.range)
        case .texts: appendJSON(ofTexts: cell, isJSON: false, to: &buffer)
        default: buffer.append(contentsOf: arena[cell.bytes.range])
        }
    }

    /// As `appendText`, for a column of whole numbers: where a KV entry shows one as a Double shows it (`1240.0`,
    /// `1.24e7`), its digits.
    package func appendInteger(of cell: Cell, to buffer: inout [UInt8]) {
        let start = buffer.count
        appendText(of: cell, to: &buffer)
        switch cell.kind {
        case .text, .escapedText, .literal: buffer.makeWholeNumber(from: start)
        default: break
        }
    }

    /// Appends what a json or jsonb column stores: the cell's JSON as it stands; of a KV entry the text itself, which
    /// is JSON or refused. The cell must not be null.
    package func appendJSON(of cell: Cell, to buffer: inout [UInt8]) {
        switch cell.kind {
        case .text, .escapedText, .literal:
            let start = buffer.count
            appendText(of: cell, to: &buffer)
            if repairsJSON { buffer.repairUTF8(from: start) }
        case .texts: appendJSON(ofTexts: cell, isJSON: true, to: &buffer)
        // The quotes of a string stand beside its bytes.
        case .string, .escapedString:
            let range = cell.bytes.range
            buffer.append(contentsOf: arena[(range.lowerBound &- 1)..<(range.upperBound &+ 1)])
        default: buffer.append(contentsOf: arena[cell.bytes.range])
        }
    }

    /// Appends what a column, or an element of an array column, reads. The cell must not be null.
    package func append(_ cell: Cell, readAs reading: CellReading, to buffer: inout [UInt8]) {
        switch reading {
        case .text: appendText(of: cell, to: &buffer)
        case .integer: appendInteger(of: cell, to: &buffer)
        case .json: appendJSON(of: cell, to: &buffer)
        }
    }
}
