/// What a KV command's `contents` say: a row, columns to set and a `where`, or a `where`.
///
/// They often stand before what says which of these they are, so they are read as what they look like, and once more in
/// the rare case that they are something else.
struct KVContents: Sendable {
    private enum Form {
        case row
        /// `[[{"key","value"}…],[where]]`
        case update
        case condition
    }

    /// Of a create its row, of an update what it sets, as fields.
    private(set) var columns = Members()
    /// Where the clause of the `where` starts, which has been checked as JSON; means nothing for a row.
    private(set) var clause = 0
    /// The fields and cells of a clause that is an AND of bare values, each in an object of its own; else nothing.
    private(set) var terms = Members()

    private var start = 0
    private var form = Form.row
    /// Why they are not what they look like.
    private var failure: ParseFailure?
    private var scanner = JSONScanner()

    mutating func removeAll() {
        columns.removeAll()
        terms.removeAll()
        failure = nil
        scanner.removeAll()
    }

    /// Reads what stands at `start`; returns the index after it.
    mutating func read(_ bytes: Span<UInt8>, at start: Int) throws(ParseFailure) -> Int {
        self.start = start
        form = Self.seemingForm(bytes, at: start)
        do throws(ParseFailure) {
            return try read(bytes, as: form)
        } catch {
            removeAll()
            failure = error
            return try scanner.value(bytes, at: start, depth: 3).next
        }
    }

    /// Makes sure of what `operation` needs.
    mutating func finish(_ bytes: Span<UInt8>, _ operation: Operation) throws(ParseFailure) {
        let needed: Form =
            switch operation {
            case .create: .row
            case .update: .update
            case .delete: .condition
            }
        guard form != needed else {
            if let failure { throw failure }
            return
        }
        removeAll()
        _ = try read(bytes, as: needed)
    }

    private static func seemingForm(_ bytes: Span<UInt8>, at start: Int) -> Form {
        if bytes.byte(start) == UInt8(ascii: "[") { return .update }
        let name = bytes.shortName(bytes.endOfBlanks(start &+ 1) &+ 1)
        return name.flatMap { KVWhereKey($0) } == nil ? .row : .condition
    }

    private mutating func read(_ bytes: Span<UInt8>, as form: Form) throws(ParseFailure) -> Int {
        switch form {
        case .row:
            guard bytes.byte(start) == UInt8(ascii: "{") else {
                throw bytes.failure("`contents` of a create must be an object", at: start)
            }
            return try columns.readShown(bytes, at: start, depth: 4, with: &scanner)
        case .update: return try readUpdate(bytes)
        case .condition: return try readWhere(bytes, at: start, depth: 3)
        }
    }

    private mutating func readUpdate(_ bytes: Span<UInt8>) throws(ParseFailure) -> Int {
        var index = try bytes.over(UInt8(ascii: "["), at: start)
        index = try readColumns(bytes, at: index)
        index = try bytes.over(UInt8(ascii: ","), at: index)
        index = try bytes.over(UInt8(ascii: "["), at: index)
        index = try readWhere(bytes, at: index, depth: 5)
        index = try bytes.over(UInt8(ascii: "]"), at: index)
        return try bytes.behind(UInt8(ascii: "]"), at: index)
    }

    private mutating func readColumns(_ bytes: Span<UInt8>, at start: Int) throws(ParseFailure) -> Int {
        columns.begin(at: start)
        var index = try bytes.over(UInt8(ascii: "["), at: start)
        while true {
            index = bytes.endOfBlanks(try readColumn(bytes, at: index))
            guard bytes.byte(index) == UInt8(ascii: ",") else { return try bytes.behind(UInt8(ascii: "]"), at: index) }
            index = bytes.endOfBlanks(index &+ 1)
        }
    }

    private mutating func readColumn(_ bytes: Span<UInt8>, at start: Int) throws(ParseFailure) -> Int {
        if let end = try readTightColumn(bytes, at: start) { return end }
        var object: ObjectCursor<KVColumnKey> = try scanner.enter(
            bytes,
            at: start,
            depth: 5,
            else: "an object of `key` and `value` must stand here"
        )
        while let key = try scanner.next(bytes, in: &object) {
            switch key {
            case .key:
                guard bytes.byte(object.index) == UInt8(ascii: "\"") else {
                    throw bytes.failure("`key` must be a string", at: object.index)
                }
                object.index = try columns.appendName(bytes, at: object.index &+ 1)
            case .value:
                let value = try scanner.shownCell(bytes, at: object.index, depth: 6)
                columns.append(value.cell)
                object.index = value.next
            }
        }
        guard object.has(.key, .value) else { throw ParseFailure("a set column wants key and value", at: start) }
        return object.index
    }

    /// Reads `{"key":"…","value":…}` as it mostly is, key first and without blanks; nil, and nothing is done, where it
    /// is another way.
    @inline(__always)
    private mutating func readTightColumn(_ bytes: Span<UInt8>, at start: Int) throws(ParseFailure) -> Int? {
        // `{"key":"`, the first letter lowest.
        guard bytes.count &- start >= 8, bytes.word(start) == 0x223A_2279_656B_227B else { return nil }
        let before = columns.mark
        let end = try columns.appendName(bytes, at: start &+ 8)
        // `,"value"`, the first letter lowest.
        if bytes.count &- end >= 9, bytes.word(end) == 0x2265_756C_6176_222C, bytes[end &+ 8] == UInt8(ascii: ":") {
            let value = try scanner.shownCell(bytes, at: end &+ 9, depth: 6)
            columns.append(value.cell)
            if bytes.byte(value.next) == UInt8(ascii: "}") { return value.next &+ 1 }
        }
        columns.remove(behind: before)
        return nil
    }

    private mutating func readWhere(_ bytes: Span<UInt8>, at start: Int, depth: Int) throws(ParseFailure) -> Int {
        var object: ObjectCursor<KVWhereKey> = try scanner.enter(
            bytes,
            at: start,
            depth: depth,
            else: "`where` must be an object"
        )
        while let key = try scanner.next(bytes, in: &object) {
            switch key {
            case .contents:
                clause = object.index
                object.index = try readClause(bytes, at: object.index, depth: depth &+ 1)
            case .tag:
                let value = try scanner.value(bytes, at: object.index, depth: depth &+ 1)
                guard bytes.isWhere(value) else {
                    throw ParseFailure("`clauseTag` must be \"where\"", at: object.index)
                }
                object.index = value.next
            }
        }
        guard object.has(.tag, .contents) else {
            throw ParseFailure("`where` wants clauseTag and clauseContents", at: start)
        }
        return object.index
    }

    private mutating func readClause(_ bytes: Span<UInt8>, at start: Int, depth: Int) throws(ParseFailure) -> Int {
        terms.removeAll()
        if let end = try readPlainClause(bytes, at: start, depth: depth) { return end }
        terms.removeAll()
        return try scanner.value(bytes, at: start, depth: depth).next
    }

    /// Reads a clause that is an AND of bare values, each in an object of its own; nil where it is not.
    private mutating func readPlainClause(_ bytes: Span<UInt8>, at start: Int, depth: Int) throws(ParseFailure) -> Int?
    {
        let key = bytes.endOfBlanks(start &+ 1)
        guard depth < JSONScanner.deepest, bytes.byte(start) == UInt8(ascii: "{"),
            bytes.byte(key) == UInt8(ascii: "\"")
        else { return nil }
        var index = key &+ 1
        switch bytes.byte(index) {
        case UInt8(ascii: "\\"): return nil
        case UInt8(ascii: "$"):
            // `$and"`, the first letter lowest.
            guard let name = bytes.shortName(index), name.first == 0x22_646E_6124 else { return nil }
            index = try bytes.startOfValue(afterKey: name.end)
            guard bytes.byte(index) == UInt8(ascii: "[") else { return nil }
            repeat {
                let clause = bytes.endOfBlanks(index &+ 1)
                guard let end = try readPlainClause(bytes, at: clause, depth: depth &+ 2) else { return nil }
                index = bytes.endOfBlanks(end)
            } while bytes.byte(index) == UInt8(ascii: ",")
            guard bytes.byte(index) == UInt8(ascii: "]") else { return nil }
            index &+= 1
        default:
            index = try bytes.startOfValue(afterKey: try terms.appendName(bytes, at: index))
            // Operators, or JSON's null: more than equality.
            guard bytes.byte(index) != UInt8(ascii: "{"), bytes.byte(index) != UInt8(ascii: "n") else { return nil }
            let value = try scanner.shownCell(bytes, at: index, depth: depth &+ 1)
            guard !value.cell.isNull else { return nil }
            terms.append(value.cell)
            index = value.next
        }
        index = bytes.endOfBlanks(index)
        return bytes.byte(index) == UInt8(ascii: "}") ? index &+ 1 : nil
    }
}

extension Span<UInt8> {
    fileprivate func isWhere(_ value: ScannedValue) -> Bool {
        switch value.kind {
        // `where"`, the first letter lowest.
        case .string: shortName(value.start)?.first == 0x2265_7265_6877
        case .escapedString: NameList(self, value.start..<value.end, isEscaped: true).text(0) == "where"
        default: false
        }
    }

    /// Over a bracket or comma that must stand at the first byte that is no blank, and over blanks behind it.
    fileprivate func over(_ byte: UInt8, at start: Int) throws(ParseFailure) -> Int {
        endOfBlanks(try behind(byte, at: start))
    }

    /// As `over`, but for the blanks behind it.
    fileprivate func behind(_ byte: UInt8, at start: Int) throws(ParseFailure) -> Int {
        let index = endOfBlanks(start)
        guard self.byte(index) == byte else {
            throw failure("an update is a list of columns and one `where`", at: index)
        }
        return index &+ 1
    }
}
