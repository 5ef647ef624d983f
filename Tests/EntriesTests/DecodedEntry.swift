import Entries

/// One entry read into a window of its own, in words that a test can compare.
struct DecodedEntry {
    let window: Window

    init(_ json: String) {
        self.init(bytes: Array(json.utf8))
    }

    init(bytes: [UInt8]) {
        window = Window(entries: [bytes])
    }

    var failure: ParseFailure? { window.failure(of: 0) }

    /// As `update s.t set a='x' b=1 where c='y'`, a predicate in parentheses; of a failure its reason.
    var summary: String { window.summary(of: 0) }

    /// The text of each cell by its column, where columns after `where.`; nil where the cell is null.
    var texts: [String: String?] {
        guard let command = window.commands.first else { return [:] }
        let signature = window.signatures[command.signature]
        let names = signature.columns + (signature.isEquality ? signature.whereColumns.map { "where.\($0)" } : [])
        var texts: [String: String?] = [:]
        for (name, cell) in zip(names, window.cells(of: command)) {
            texts[name] = .some(cell.isNull ? nil : window.text(of: cell))
        }
        return texts
    }
}

extension Window {
    init(entries: [[UInt8]], decoder: EntryDecoder = EntryDecoder(defaultSchema: "public")) {
        var decoder = decoder
        self.init(entries: entries, reusing: &decoder)
    }

    init(entries: [[UInt8]], reusing decoder: inout EntryDecoder) {
        let name = Array("command".utf8)
        var builder = WindowBuilder(stream: "s", decoder: decoder)
        for (index, body) in entries.enumerated() {
            let id = StreamID(milliseconds: 1, sequence: UInt64(index))
            builder.append(id: id, fields: [(name: name[...], value: body[...])])
        }
        (self, decoder) = builder.finish()
    }

    func command(of entry: Int) -> Command? {
        guard case .command(let index) = entries[entry].content else { return nil }
        return commands[index]
    }

    func failure(of entry: Int) -> ParseFailure? {
        guard case .parseFailure(let number) = entries[entry].content else { return nil }
        return parseFailures[number]
    }

    func summary(of entry: Int) -> String {
        guard let command = command(of: entry) else { return failure(of: entry)?.reason ?? "" }
        let signature = signatures[command.signature]
        let cells = Array(cells(of: command))
        var words = ["\(signature.operation.rawValue) \(signature.table)"]
        if !signature.columns.isEmpty {
            words.append(signature.operation == .create ? "row" : "set")
            words += zip(signature.columns, cells).map { "\($0)=\(raw($1))" }
        }
        if !signature.whereColumns.isEmpty {
            words.append("where")
            if signature.isEquality {
                words += zip(signature.whereColumns, cells.dropFirst(signature.columns.count)).map {
                    "\($0)=\(raw($1))"
                }
            }
        }
        if let predicate = command.predicate { words.append("(\(summary(of: predicates[predicate])))") }
        if command.isForced { words.append("forced") }
        return words.joined(separator: " ")
    }

    func summary(of predicate: Predicate) -> String {
        switch predicate {
        case .and(let parts): "and[\(parts.map(summary).joined(separator: ", "))]"
        case .or(let parts): "or[\(parts.map(summary).joined(separator: ", "))]"
        case .not(let part): "not[\(summary(of: part))]"
        case .compare(let column, let comparison, let cell): "\(column) \(comparison.rawValue) \(raw(cell))"
        case .isNull(let column): "\(column) is null"
        case .isNotNull(let column): "\(column) is not null"
        case .isIn(let column, let cells): "\(column) in [\(cells.map(raw).joined(separator: ", "))]"
        case .isNotIn(let column, let cells): "\(column) not in [\(cells.map(raw).joined(separator: ", "))]"
        }
    }

    /// The bytes as they stand, those of a string in single quotes, of one with escapes after an `e`, of a Haskell
    /// literal after an `h`.
    func raw(_ cell: Cell) -> String {
        let bytes = String(decoding: arena[cell.bytes.range], as: UTF8.self)
        return switch cell.kind {
        case .string, .text: "'\(bytes)'"
        case .escapedString, .escapedText: "e'\(bytes)'"
        case .literal: "h'\(bytes)'"
        default: bytes
        }
    }

    func text(of cell: Cell) -> String {
        var buffer: [UInt8] = []
        appendText(of: cell, to: &buffer)
        return String(decoding: buffer, as: UTF8.self)
    }

    func json(of cell: Cell) -> String {
        var buffer: [UInt8] = []
        appendJSON(of: cell, to: &buffer)
        return String(decoding: buffer, as: UTF8.self)
    }

    func integer(of cell: Cell) -> String {
        var buffer: [UInt8] = []
        appendInteger(of: cell, to: &buffer)
        return String(decoding: buffer, as: UTF8.self)
    }

    func array(of cell: Cell, delimiter: Character = ",", elements: CellReading = .text) -> String {
        var buffer: [UInt8] = []
        appendArray(of: cell, delimiter: delimiter.asciiValue ?? 0, elements: elements, to: &buffer)
        return String(decoding: buffer, as: UTF8.self)
    }
}
