import Drain
import Entries

/// Writes creates as the rows that COPY reads: in its binary format where every column has an encoder that is sure of
/// every cell, else as text.
struct CopyRows: Sendable {
    enum Format: Sendable {
        case binary, text
    }

    private var buffer = RowBuffer()
    private var lines: [UInt8] = []
    /// One cell's text where it has to be made first.
    private var text: [UInt8] = []

    /// The rows of a statement, valid until the next.
    mutating func write(_ commands: ArraySlice<Int>, of window: Window, _ columns: [ColumnType?])
        -> (format: Format, rows: ArraySlice<UInt8>)
    {
        let encodings = columns.compactMap { $0?.encoding }
        if encodings.count == columns.count, writeBinary(commands, of: window, encodings) {
            return (.binary, buffer.rows)
        }
        writeText(commands, of: window, columns.map { $0?.shape ?? .plain })
        return (.text, lines[...])
    }

    // MARK: Binary

    /// A signature, no flags, no extension.
    private static let header: [UInt8] = [UInt8]("PGCOPY\n".utf8) + [0xFF, 0x0D, 0x0A, 0] + [0, 0, 0, 0, 0, 0, 0, 0]

    /// False where an encoder is not sure of a cell.
    private mutating func writeBinary(
        _ commands: ArraySlice<Int>,
        of window: Window,
        _ encodings: [BinaryEncoding]
    ) -> Bool {
        // For as long as it is lent, the rest of us can be used.
        var buffer = RowBuffer()
        swap(&buffer, &self.buffer)
        defer { swap(&buffer, &self.buffer) }
        buffer.removeAll()
        let header = Self.header
        _ = buffer.append(upTo: header.count &+ 8) { room, place in room.copy(header.span, 0..<header.count, at: place)
        }
        let arena = window.arena.span
        let cells = window.cells.span
        let encodings = encodings.span
        for command in commands {
            let first = window.commands[command].firstCell
            var size = 2
            for place in 0..<encodings.count {
                size &+= Int(cells[first &+ place].bytes.length) &+ BinaryEncoding.overhead
            }
            let isSure = buffer.append(upTo: size) { room, start in
                room.store(Int16(truncatingIfNeeded: encodings.count), at: start)
                var end = start &+ 2
                for place in 0..<encodings.count {
                    let cell = cells[first &+ place]
                    let encoding = encodings[place]
                    if cell.isNull {
                        room.store(-1 as Int32, at: end)
                        end &+= 4
                        continue
                    }
                    let next =
                        if let range = cell.plainRange(as: encoding) {
                            encoding.write(arena, range, to: &room, at: end)
                        } else {
                            writeMadeText(of: cell, in: window, encoding, to: &room, at: end)
                        }
                    guard let next else { return nil }
                    end = next
                }
                return end
            }
            guard isSure else { return false }
        }
        return buffer.append(upTo: 2) { room, place in
            room.store(-1 as Int16, at: place)
            return place &+ 2
        }
    }

    /// A cell whose bytes are not its text.
    private mutating func writeMadeText(
        of cell: Cell,
        in window: Window,
        _ encoding: BinaryEncoding,
        to room: inout MutableRawSpan,
        at place: Int
    ) -> Int? {
        text.removeAll(keepingCapacity: true)
        window.append(cell, encoding.isJSON ? .json : .plain, to: &text)
        // The room was made for the cell's own bytes.
        guard text.count <= Int(cell.bytes.length) &+ 2 else { return nil }
        return encoding.write(text.span, 0..<text.count, to: &room, at: place)
    }

    // MARK: Text

    private static let null: [UInt8] = [UInt8(ascii: "\\"), UInt8(ascii: "N")]

    /// A line each: COPY names a bad row by its line, so no cell may begin another.
    private mutating func writeText(_ commands: ArraySlice<Int>, of window: Window, _ shapes: [ColumnType.Shape]) {
        lines.removeAll(keepingCapacity: lines.capacity <= 1 << 22)
        for command in commands {
            for (shape, cell) in zip(shapes, window.cells(of: window.commands[command])) {
                if cell.isNull {
                    lines.append(contentsOf: Self.null)
                } else if shape == .plain, cell.holdsNoEscape {
                    window.appendText(of: cell, to: &lines)
                } else {
                    text.removeAll(keepingCapacity: true)
                    window.append(cell, shape, to: &text)
                    appendEscaped()
                }
                lines.append(UInt8(ascii: "\t"))
            }
            lines[lines.count - 1] = UInt8(ascii: "\n")
        }
    }

    private mutating func appendEscaped() {
        for byte in text {
            let letter: UInt8
            switch byte {
            case UInt8(ascii: "\\"): letter = byte
            case UInt8(ascii: "\n"): letter = UInt8(ascii: "n")
            case UInt8(ascii: "\r"): letter = UInt8(ascii: "r")
            case UInt8(ascii: "\t"): letter = UInt8(ascii: "t")
            default:
                lines.append(byte)
                continue
            }
            lines.append(UInt8(ascii: "\\"))
            lines.append(letter)
        }
    }
}

extension BinaryEncoding {
    @inline(__always)
    fileprivate var isJSON: Bool { self == .json || self == .jsonb }
}

extension Cell {
    /// Where in the arena the text lies that a column reads; nil where it has to be made of the cell's bytes.
    @inline(__always)
    fileprivate func plainRange(as encoding: BinaryEncoding) -> Range<Int>? {
        switch kind {
        case .string:
            // json stores a string with its quotes, which stand beside its bytes.
            encoding.isJSON ? (bytes.range.lowerBound &- 1)..<(bytes.range.upperBound &+ 1) : bytes.range
        case .number, .true, .false, .array, .object: bytes.range
        default: nil
        }
    }

    /// Whether its bytes are its text, with neither a backslash nor a control character among them: JSON has both only
    /// escaped, or between the pieces of an array or object.
    fileprivate var holdsNoEscape: Bool {
        switch kind {
        case .string, .number, .true, .false: true
        default: false
        }
    }
}

extension Window {
    /// Appends what a column of this shape reads. The cell must not be null.
    func append(_ cell: Cell, _ shape: ColumnType.Shape, to buffer: inout [UInt8]) {
        switch shape {
        case .plain: appendText(of: cell, to: &buffer)
        case .json: appendJSON(of: cell, to: &buffer)
        case .array(let delimiter, let elementsAreJSON):
            appendArray(of: cell, delimiter: delimiter, elementsAreJSON: elementsAreJSON, to: &buffer)
        }
    }
}
