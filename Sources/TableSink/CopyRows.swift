import Drain
import Entries

/// Writes the cells of creates as the rows that COPY reads.
struct CopyRows {
    let window: Window
    let signature: Signature
    let table: TableDescription?

    /// In COPY's text format, a line each: COPY names a bad row by its line, so no cell may begin another.
    func text(_ commands: ArraySlice<Int>) -> [UInt8] {
        let shapes = signature.columns.map { table?.types[$0]?.shape ?? .plain }
        var rows: [UInt8] = []
        rows.reserveCapacity(commands.count * 16 * shapes.count)
        var text: [UInt8] = []
        for command in commands {
            for (shape, cell) in zip(shapes, window.cells(of: window.commands[command])) {
                if cell.isNull {
                    rows.append(contentsOf: Self.null)
                } else if shape == .plain, cell.holdsNoEscape {
                    window.appendText(of: cell, to: &rows)
                } else {
                    text.removeAll(keepingCapacity: true)
                    window.append(cell, shape, to: &text)
                    Self.append(escaping: text, to: &rows)
                }
                rows.append(UInt8(ascii: "\t"))
            }
            rows[rows.count - 1] = UInt8(ascii: "\n")
        }
        return rows
    }

    private static let null: [UInt8] = [UInt8(ascii: "\\"), UInt8(ascii: "N")]

    private static func append(escaping text: [UInt8], to rows: inout [UInt8]) {
        for byte in text {
            switch byte {
            case UInt8(ascii: "\\"): rows.append(contentsOf: [UInt8(ascii: "\\"), byte])
            case UInt8(ascii: "\n"): rows.append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "n")])
            case UInt8(ascii: "\r"): rows.append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "r")])
            case UInt8(ascii: "\t"): rows.append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "t")])
            default: rows.append(byte)
            }
        }
    }
}

extension Cell {
    /// Whether its bytes are its text, with neither a backslash nor a control character among them: JSON has both only
    /// escaped, or between the pieces of an array or object.
    fileprivate var holdsNoEscape: Bool {
        switch kind {
        case .string, .number, .true, .false, .text: true
        default: false
        }
    }
}

extension Window {
    /// Appends what a column of this shape reads. The cell must not be null.
    func append(_ cell: Cell, _ shape: ColumnType.Shape, to buffer: inout [UInt8]) {
        switch shape {
        case .plain: appendText(of: cell, to: &buffer)
        case .integer: appendInteger(of: cell, to: &buffer)
        case .json: appendJSON(of: cell, to: &buffer)
        case .array(let delimiter, let elements):
            appendArray(of: cell, delimiter: delimiter, elements: elements, to: &buffer)
        }
    }
}
