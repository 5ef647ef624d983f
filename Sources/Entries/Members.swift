/// The members of a `row`, `set` or `where` in the order of the entry.
struct Members: Sendable {
    var names = PackedNames()
    private(set) var cells: [Cell] = []
    /// Whether, in a `where`, this is plain equality: no name can be an operator, no value is null or an object.
    private(set) var isPlain = true
    /// Index of the opening brace; nil where the entry has no such object.
    private(set) var start: Int?

    mutating func removeAll() {
        names.removeAll()
        // One hostile entry must not hold memory for good.
        cells.removeAll(keepingCapacity: cells.capacity <= 1 << 16)
        isPlain = true
        start = nil
    }

    /// Reads the object at `start`; returns the index after it.
    ///
    /// Whether its names are distinct is not checked: for a shape that was met before, that is known.
    mutating func read(
        _ bytes: Span<UInt8>,
        at start: Int,
        depth: Int,
        with scanner: inout JSONScanner
    ) throws(ParseFailure) -> Int {
        self.start = start
        var index = bytes.endOfBlanks(start &+ 1)
        if bytes.byte(index) == UInt8(ascii: "}") { return index &+ 1 }
        while true {
            guard bytes.byte(index) == UInt8(ascii: "\"") else {
                throw bytes.failure("a key must stand here", at: index)
            }
            let first = bytes.byte(index &+ 1)
            // A backslash may start an escaped `$`.
            if first == UInt8(ascii: "$") || first == UInt8(ascii: "\\") { isPlain = false }
            index = try names.append(bytes, at: index &+ 1)
            index = try bytes.startOfValue(afterKey: index)
            let value = try scanner.value(bytes, at: index, depth: depth)
            if value.kind == .null || value.kind == .object { isPlain = false }
            cells.append(value.cell)
            index = bytes.endOfBlanks(value.next)
            switch bytes.byte(index) {
            case UInt8(ascii: ","): index = bytes.endOfBlanks(index &+ 1)
            case UInt8(ascii: "}"): return index &+ 1
            default: throw bytes.failure("a comma or brace must stand here", at: index)
            }
        }
    }

    /// Adds one term of a `where`, whose name starts at `name`, after its quote.
    mutating func append(_ bytes: Span<UInt8>, nameAt name: Int, _ cell: Cell) throws(ParseFailure) {
        _ = try names.append(bytes, at: name)
        cells.append(cell)
    }

    func checkDistinct() throws(ParseFailure) {
        guard let start, NameList(names).sortedDistinctOrder() == nil else { return }
        throw NameList.duplicate(at: start)
    }
}
