import Drain
import Entries
import Postgres

/// Writes creates as the rows that COPY reads, a piece at a time: PostgreSQL reads the first rows while later ones are
/// written. In COPY's binary format where every column has an encoder; from the first row on where one is not sure of a
/// cell, another COPY takes the rest as text.
struct CopyRows: CopySource {
    enum Format: Sendable {
        case binary, text
    }

    /// What is kept from statement to statement, so that a row costs no allocation.
    struct Room: Sendable {
        fileprivate var buffer = RowBuffer()
        fileprivate var lines: [UInt8] = []
        /// One cell's text where it has to be made first.
        fileprivate var text: [UInt8] = []
    }

    /// A piece ends behind the row with which it has so many bytes.
    private static let pieceSize = 60_000

    private let window: Window
    /// Of all columns, or of none.
    private let encodings: [BinaryEncoding]
    private let shapes: [ColumnType.Shape]
    private(set) var room: Room
    /// Commands that no COPY has taken yet.
    private(set) var rest: ArraySlice<Int>
    private var format = Format.binary
    /// The next piece begins with what is in the buffer.
    private var isBegun = false
    private var isEnded = false

    init(_ commands: ArraySlice<Int>, of window: Window, _ columns: [ColumnType?], in room: Room) {
        self.window = window
        self.room = room
        rest = commands
        let encodings = columns.compactMap { $0?.encoding }
        self.encodings = encodings.count == columns.count ? encodings : []
        shapes = columns.map { $0?.shape ?? .plain }
    }

    /// Begins a COPY of commands that are left.
    mutating func begin() -> Format {
        isEnded = false
        if format == .binary {
            room.buffer.removeAll()
            appendHeader()
            isBegun = true
            if encodings.isEmpty || !writeBinary(atMost: 1) { format = .text }
        }
        return format
    }

    /// The next rows of the COPY, valid until the next call; nil at its end.
    mutating func next() -> ArraySlice<UInt8>? {
        if isEnded { return nil }
        switch format {
        case .binary:
            if !isBegun { room.buffer.removeAll() }
            isBegun = false
            isEnded = !writeBinary(atMost: .max) || rest.isEmpty
            if isEnded { appendTrailer() }
            return room.buffer.rows
        case .text:
            writeText()
            isEnded = rest.isEmpty
            return room.lines[...]
        }
    }

    // MARK: Binary

    /// A signature, no flags, no extension.
    private static let header: [UInt8] = [UInt8]("PGCOPY\n".utf8) + [0xFF, 0x0D, 0x0A, 0] + [0, 0, 0, 0, 0, 0, 0, 0]

    private mutating func appendHeader() {
        let header = Self.header
        _ = room.buffer.append(upTo: header.count &+ 8) { room, place in
            room.copy(header.span, 0..<header.count, at: place)
        }
    }

    private mutating func appendTrailer() {
        _ = room.buffer.append(upTo: 2) { room, place in
            room.store(-1 as Int16, at: place)
            return place &+ 2
        }
    }

    /// Adds rows to the piece until it is large enough.
    ///
    /// - Returns: false where an encoder is not sure of a cell of the first command that is left.
    private mutating func writeBinary(atMost limit: Int) -> Bool {
        // For as long as they are lent, the rest of us can be used.
        var buffer = RowBuffer()
        var text: [UInt8] = []
        swap(&buffer, &room.buffer)
        swap(&text, &room.text)
        defer {
            swap(&buffer, &room.buffer)
            swap(&text, &room.text)
        }
        let (window, codes, left) = (window, encodings, rest)
        let arena = window.arena.span
        let cells = window.cells.span
        let commands = window.commands.span
        let encodings = codes.span
        var written = 0
        defer { rest = left.dropFirst(written) }
        for command in left {
            if buffer.count >= Self.pieceSize || written == limit { break }
            let first = commands[command].firstCell
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
                            Self.write(cell, by: &text, in: window, encoding, to: &room, at: end)
                        }
                    guard let next else { return nil }
                    end = next
                }
                return end
            }
            guard isSure else { return false }
            written &+= 1
        }
        return true
    }

    /// A cell whose bytes are not its text.
    private static func write(
        _ cell: Cell,
        by text: inout [UInt8],
        in window: Window,
        _ encoding: BinaryEncoding,
        to room: inout MutableRawSpan,
        at place: Int
    ) -> Int? {
        text.removeAll(keepingCapacity: true)
        window.append(cell, encoding.shape, to: &text)
        // The room was made for the cell's own bytes.
        guard text.count <= Int(cell.bytes.length) &+ 2 else { return nil }
        return encoding.write(text.span, 0..<text.count, to: &room, at: place)
    }

    // MARK: Text

    private static let null: [UInt8] = [UInt8(ascii: "\\"), UInt8(ascii: "N")]

    /// A line each: COPY names a bad row by its line, so no cell may begin another.
    private mutating func writeText() {
        // One huge row must not hold memory for good.
        room.lines.removeAll(keepingCapacity: room.lines.capacity <= 1 << 22)
        while let command = rest.first, room.lines.count < Self.pieceSize {
            for (shape, cell) in zip(shapes, window.cells(of: window.commands[command])) {
                if cell.isNull {
                    room.lines.append(contentsOf: Self.null)
                } else if shape == .plain, cell.holdsNoEscape {
                    window.appendText(of: cell, to: &room.lines)
                } else {
                    room.text.removeAll(keepingCapacity: true)
                    window.append(cell, shape, to: &room.text)
                    appendEscaped()
                }
                room.lines.append(UInt8(ascii: "\t"))
            }
            room.lines[room.lines.count - 1] = UInt8(ascii: "\n")
            rest.removeFirst()
        }
    }

    private mutating func appendEscaped() {
        for byte in room.text {
            let letter: UInt8
            switch byte {
            case UInt8(ascii: "\\"): letter = byte
            case UInt8(ascii: "\n"): letter = UInt8(ascii: "n")
            case UInt8(ascii: "\r"): letter = UInt8(ascii: "r")
            case UInt8(ascii: "\t"): letter = UInt8(ascii: "t")
            default:
                room.lines.append(byte)
                continue
            }
            room.lines.append(UInt8(ascii: "\\"))
            room.lines.append(letter)
        }
    }
}

extension BinaryEncoding {
    @inline(__always)
    fileprivate var isJSON: Bool { shape == .json }

    @inline(__always)
    fileprivate var shape: ColumnType.Shape {
        switch self {
        case .json, .jsonb: .json
        case .int16, .int32, .int64: .integer
        default: .plain
        }
    }
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
        // A whole number may be shown with a fraction, and JSON may want repair.
        case .text where encoding.shape == .plain: bytes.range
        default: nil
        }
    }

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
