/// Reads a `where` that is more than names and bare values in one object.
///
/// An empty clause, an empty `$and` and an empty `$or` are parse failures wherever they stand: the first two would match
/// every row, and none of them is what a writer means. So are an unknown name that starts with `$`, an object among the
/// values of `$in`, and an order against null, which no row could meet.
///
/// The JSON has been checked before, names within each object included; recursion is bounded by its levels.
struct WhereReader {
    private typealias Name = (start: Int, end: Int, isEscaped: Bool)

    /// The columns, of a KV entry the fields, in the order in which the clauses name them, one as often as it is named;
    /// their cells after `flatten` only.
    private(set) var terms = Members()
    private let format: WireFormat
    private var scanner = JSONScanner()

    init(format: WireFormat) {
        self.format = format
    }

    /// Gathers the clause at `start` as `terms`; false where it is not an AND of bare values that are not null.
    mutating func flatten(_ bytes: Span<UInt8>, at start: Int) throws(ParseFailure) -> Bool {
        terms.removeAll()
        var index = start
        return try flatten(bytes, &index)
    }

    /// Reads the clause at `start`.
    mutating func predicate(
        _ bytes: Span<UInt8>,
        at start: Int,
        _ naming: ColumnNaming
    ) throws(ParseFailure) -> Predicate {
        terms.removeAll()
        var index = start
        return try clause(bytes, &index, naming)
    }

    private mutating func flatten(_ bytes: Span<UInt8>, _ index: inout Int) throws(ParseFailure) -> Bool {
        guard bytes.byte(index) == UInt8(ascii: "{") else { return false }
        var isEmpty = true
        while let name = try Self.nextName(bytes, &index) {
            isEmpty = false
            guard Self.isOperator(bytes, name) else {
                let cell = try cell(bytes, &index)
                guard cell.kind != .null, cell.kind != .object else { return false }
                try terms.append(bytes, nameAt: name.start, cell)
                continue
            }
            guard Self.isAnd(bytes, name), bytes.byte(index) == UInt8(ascii: "[") else { return false }
            var isEmptyList = true
            while Self.nextElement(bytes, &index) {
                isEmptyList = false
                guard try flatten(bytes, &index) else { return false }
            }
            if isEmptyList { return false }
        }
        return !isEmpty
    }

    private mutating func clause(
        _ bytes: Span<UInt8>,
        _ index: inout Int,
        _ naming: ColumnNaming
    ) throws(ParseFailure) -> Predicate {
        let start = index
        guard bytes.byte(index) == UInt8(ascii: "{") else {
            throw ParseFailure("a clause of `where` must be an object", at: index)
        }
        var parts: [Predicate] = []
        while let name = try Self.nextName(bytes, &index) {
            switch Self.operatorText(bytes, name) {
            case "$and": parts.append(Self.joined(try clauses(bytes, &index, naming), Predicate.and))
            case "$or": parts.append(Self.joined(try clauses(bytes, &index, naming), Predicate.or))
            case .some: throw ParseFailure("`where` combines clauses by an unknown operator", at: name.start)
            case nil: parts.append(try term(bytes, name, &index, naming))
            }
        }
        guard !parts.isEmpty else { throw ParseFailure("a clause of `where` is empty", at: start) }
        return Self.joined(parts, Predicate.and)
    }

    private mutating func clauses(
        _ bytes: Span<UInt8>,
        _ index: inout Int,
        _ naming: ColumnNaming
    ) throws(ParseFailure) -> [Predicate] {
        let start = index
        guard bytes.byte(index) == UInt8(ascii: "[") else {
            throw ParseFailure("`$and` and `$or` want an array of clauses", at: index)
        }
        var clauses: [Predicate] = []
        while Self.nextElement(bytes, &index) { clauses.append(try clause(bytes, &index, naming)) }
        guard !clauses.isEmpty else { throw ParseFailure("an empty `$and` or `$or`", at: start) }
        return clauses
    }

    private mutating func term(
        _ bytes: Span<UInt8>,
        _ name: Name,
        _ index: inout Int,
        _ naming: ColumnNaming
    ) throws(ParseFailure) -> Predicate {
        _ = try terms.appendName(bytes, at: name.start)
        let field = NameList(bytes, name.start..<name.end, isEscaped: name.isEscaped)
        let column = String(decoding: try naming.column(field.utf8(0)), as: UTF8.self)
        if bytes.byte(index) == UInt8(ascii: "{") { return try operators(bytes, of: column, &index) }
        let cell = try cell(bytes, &index)
        return cell.isNull ? .isNull(column: column) : .compare(column: column, .equal, cell)
    }

    /// An object of operators on one column; several are ANDed.
    private mutating func operators(
        _ bytes: Span<UInt8>,
        of column: String,
        _ index: inout Int
    ) throws(ParseFailure) -> Predicate {
        let start = index
        var parts: [Predicate] = []
        while let name = try Self.nextName(bytes, &index) {
            switch Self.operatorText(bytes, name) {
            case "$gt": parts.append(.compare(column: column, .greater, try operand(bytes, &index)))
            case "$gte": parts.append(.compare(column: column, .greaterOrEqual, try operand(bytes, &index)))
            case "$lt": parts.append(.compare(column: column, .less, try operand(bytes, &index)))
            case "$lte": parts.append(.compare(column: column, .lessOrEqual, try operand(bytes, &index)))
            case "$ne": parts.append(try inequality(bytes, of: column, &index))
            case "$not" where bytes.byte(index) == UInt8(ascii: "{"):
                parts.append(.not(try operators(bytes, of: column, &index)))
            case "$not": parts.append(try inequality(bytes, of: column, &index))
            case "$in": parts.append(.isIn(column: column, try operands(bytes, &index)))
            case "$notIn": parts.append(.isNotIn(column: column, try operands(bytes, &index)))
            case .some: throw ParseFailure("`where` has an unknown operator", at: name.start)
            case nil: throw ParseFailure("an object in `where` must hold operators only", at: name.start)
            }
        }
        guard !parts.isEmpty else { throw ParseFailure("a term of `where` has no operator", at: start) }
        return Self.joined(parts, Predicate.and)
    }

    private mutating func inequality(
        _ bytes: Span<UInt8>,
        of column: String,
        _ index: inout Int
    ) throws(ParseFailure) -> Predicate {
        let start = index
        let cell = try cell(bytes, &index)
        switch cell.kind {
        case .null: return .isNotNull(column: column)
        case .object: throw ParseFailure("`$ne` wants a value that is no object", at: start)
        default: return .compare(column: column, .notEqual, cell)
        }
    }

    private mutating func operand(_ bytes: Span<UInt8>, _ index: inout Int) throws(ParseFailure) -> Cell {
        let start = index
        let cell = try cell(bytes, &index)
        guard cell.kind != .null, cell.kind != .object else {
            throw ParseFailure("an operator wants a value that is neither null nor an object", at: start)
        }
        return cell
    }

    private mutating func operands(_ bytes: Span<UInt8>, _ index: inout Int) throws(ParseFailure) -> [Cell] {
        guard bytes.byte(index) == UInt8(ascii: "[") else {
            throw ParseFailure("`$in` and `$notIn` want an array", at: index)
        }
        var cells: [Cell] = []
        while Self.nextElement(bytes, &index) {
            let start = index
            let cell = try cell(bytes, &index)
            guard cell.kind != .object else {
                throw ParseFailure("`$in` and `$notIn` want values that are no objects", at: start)
            }
            cells.append(cell)
        }
        return cells
    }

    private mutating func cell(_ bytes: Span<UInt8>, _ index: inout Int) throws(ParseFailure) -> Cell {
        // The levels around the value were counted when the entry was read.
        switch (format, bytes.byte(index)) {
        // Null means the same in both formats, and an object is no cell.
        case (.native, _), (.kv, UInt8(ascii: "n")), (.kv, UInt8(ascii: "{")):
            let value = try scanner.value(bytes, at: index, depth: 0)
            index = value.next
            return value.cell
        case (.kv, _):
            let value = try scanner.shownCell(bytes, at: index, depth: 0)
            index = value.next
            return value.cell
        }
    }

    private static func joined(_ parts: [Predicate], _ join: ([Predicate]) -> Predicate) -> Predicate {
        parts.count == 1 ? parts[0] : join(parts)
    }

    /// Moves from an opening brace, or from behind a value, to the next value and returns its name; nil, and behind the
    /// object, where there is none.
    private static func nextName(_ bytes: Span<UInt8>, _ index: inout Int) throws(ParseFailure) -> Name? {
        guard nextItem(bytes, &index, end: UInt8(ascii: "}")) else { return nil }
        let start = index &+ 1
        let (end, isEscaped) = try bytes.endOfString(start)
        index = try bytes.startOfValue(afterKey: end &+ 1)
        return (start, end, isEscaped)
    }

    /// As `nextName`, in an array.
    private static func nextElement(_ bytes: Span<UInt8>, _ index: inout Int) -> Bool {
        nextItem(bytes, &index, end: UInt8(ascii: "]"))
    }

    private static func nextItem(_ bytes: Span<UInt8>, _ index: inout Int, end: UInt8) -> Bool {
        index = bytes.endOfBlanks(index)
        // An opening bracket or a comma; the end where the last item lies behind.
        if bytes.byte(index) != end { index = bytes.endOfBlanks(index &+ 1) }
        guard bytes.byte(index) == end else { return true }
        index &+= 1
        return false
    }

    /// Whether the name may start with `$`, or be spelt so that it does.
    private static func isOperator(_ bytes: Span<UInt8>, _ name: Name) -> Bool {
        switch bytes.byte(name.start) {
        case UInt8(ascii: "$"): true
        case UInt8(ascii: "\\"): operatorText(bytes, name) != nil
        default: false
        }
    }

    private static func isAnd(_ bytes: Span<UInt8>, _ name: Name) -> Bool {
        // `$and"`, the first letter lowest.
        if let short = bytes.shortName(name.start) { return short.first == 0x22_646E_6124 }
        return operatorText(bytes, name) == "$and"
    }

    /// The name where it starts with `$`; nil for a column.
    private static func operatorText(_ bytes: Span<UInt8>, _ name: Name) -> String? {
        let first = bytes.byte(name.start)
        guard first == UInt8(ascii: "$") || first == UInt8(ascii: "\\") else { return nil }
        let text = NameList(bytes, name.start..<name.end, isEscaped: name.isEscaped).text(0)
        return text.utf8.first == UInt8(ascii: "$") ? text : nil
    }
}
