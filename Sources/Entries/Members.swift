/// The members of a row, a set or a `where` in the order of the entry.
struct Members: Sendable {
    private(set) var names = PackedNames()
    /// Room for cells, `count` of them in use: kept from entry to entry, never shrunk by clearing.
    private var room: [Cell] = []
    private(set) var count = 0
    /// Whether, in a `where`, this is plain equality: no name can be an operator, no value is null or an object.
    private(set) var isPlain = true
    /// Index of the opening brace; nil where the entry has no such object.
    private(set) var start: Int?

    @inline(__always)
    mutating func removeAll() {
        names.removeAll()
        count = 0
        isPlain = true
        start = nil
        // One hostile entry must not hold memory for good.
        if room.count > 1 << 16 { room = [] }
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
        try read(bytes, at: start, depth: depth, with: &scanner, .native)
    }

    /// As `read`, of a KV entry, whose cells show values.
    mutating func readShown(
        _ bytes: Span<UInt8>,
        at start: Int,
        depth: Int,
        with scanner: inout JSONScanner
    ) throws(ParseFailure) -> Int {
        try read(bytes, at: start, depth: depth, with: &scanner, .kv)
    }

    @inline(__always)
    private mutating func read(
        _ bytes: Span<UInt8>,
        at start: Int,
        depth: Int,
        with scanner: inout JSONScanner,
        _ format: WireFormat
    ) throws(ParseFailure) -> Int {
        self.start = start
        var index = bytes.endOfBlanks(start &+ 1)
        if bytes.byte(index) == UInt8(ascii: "}") { return index &+ 1 }
        while true {
            var run = Run(names: PackedNames.Writer(count: names.count, hash: names.hash), count: count, index: index)
            try run.read(bytes, depth: depth, with: &scanner, words: &names.room, cells: &room, format)
            names.count = run.names.count
            names.hash = run.names.hash
            count = run.count
            index = run.index
            isPlain = isPlain && run.isPlain
            if run.isEnd { return index }
            if count == room.count { makeRoom() }
            names.makeRoom(run.names.wanted)
        }
    }

    @inline(never)
    private mutating func makeRoom() {
        let filling = Cell(kind: .null, bytes: Slice(start: 0, length: 0))
        room.append(contentsOf: repeatElement(filling, count: max(room.count, 32)))
    }

    /// Adds one member, whose name starts at `name`, after its quote.
    mutating func append(_ bytes: Span<UInt8>, nameAt name: Int, _ cell: Cell) throws(ParseFailure) {
        _ = try appendName(bytes, at: name)
        append(cell)
    }

    /// Adds a name; returns the index after its closing quote.
    mutating func appendName(_ bytes: Span<UInt8>, at start: Int) throws(ParseFailure) -> Int {
        try names.append(bytes, at: start)
    }

    mutating func append(_ cell: Cell) {
        if count == room.count { makeRoom() }
        room[count] = cell
        count &+= 1
    }

    /// How many there are, to go back to.
    struct Mark {
        fileprivate let names: Int
        fileprivate let hash: UInt64
        fileprivate let cells: Int
    }

    var mark: Mark { Mark(names: names.count, hash: names.hash, cells: count) }

    mutating func remove(behind mark: Mark) {
        names.count = mark.names
        names.hash = mark.hash
        count = mark.cells
    }

    /// Members follow that are added one by one, of the array or object at `start`.
    mutating func begin(at start: Int) {
        self.start = start
    }

    /// Whether the cells of each pair hold the same bytes.
    func areEqual(_ pairs: [(Int, Int)], in bytes: Span<UInt8>) -> Bool {
        for (one, other) in pairs {
            let (one, other) = (room[one], room[other])
            guard one.kind == other.kind, bytes.areEqual(one.bytes.range, other.bytes.range) else { return false }
        }
        return true
    }

    /// Appends some of the cells, or all, in another order.
    @inline(__always)
    func appendCells(in order: [Int], to cells: inout [Cell]) {
        // One look at the array for all cells: copied as they are, then put in order.
        var place = cells.count
        cells.append(contentsOf: room[..<order.count])
        var sorted = cells.mutableSpan
        let unsorted = room.span
        for cell in order {
            sorted[place] = unsorted[cell]
            place &+= 1
        }
    }

    func checkDistinct() throws(ParseFailure) {
        guard let start, NameList(names).sortedDistinctOrder() == nil else { return }
        throw NameList.duplicate(at: start)
    }
}

/// Members read one after the other into room that suffices for them.
private struct Run {
    var names: PackedNames.Writer
    /// Cells in use.
    var count: Int
    var index: Int
    var isPlain = true
    /// Whether the object ended; else the member at `index` wants more room.
    var isEnd = false

    /// Reads members until the object ends, or room does.
    @inline(__always)
    mutating func read(
        _ bytes: Span<UInt8>,
        depth: Int,
        with scanner: inout JSONScanner,
        words: inout [UInt64],
        cells: inout [Cell],
        _ format: WireFormat
    ) throws(ParseFailure) {
        var words = words.mutableSpan
        var cells = cells.mutableSpan
        while count < cells.count {
            guard bytes.byte(index) == UInt8(ascii: "\"") else {
                throw bytes.failure("a key must stand here", at: index)
            }
            let first = bytes.byte(index &+ 1)
            guard let end = try names.append(bytes, at: index &+ 1, to: &words) else { return }
            index = try bytes.startOfValue(afterKey: end)
            if format == .kv {
                (cells[count], index) = try scanner.shownCell(bytes, at: index, depth: depth)
            } else {
                let value = try scanner.value(bytes, at: index, depth: depth)
                // A backslash may start an escaped `$`.
                if first == UInt8(ascii: "$") || first == UInt8(ascii: "\\") || value.kind == .null
                    || value.kind == .object
                {
                    isPlain = false
                }
                cells[count] = value.cell
                index = value.next
            }
            count &+= 1
            index = bytes.endOfBlanks(index)
            switch bytes.byte(index) {
            case UInt8(ascii: ","): index = bytes.endOfBlanks(index &+ 1)
            case UInt8(ascii: "}"):
                index &+= 1
                isEnd = true
                return
            default: throw bytes.failure("a comma or brace must stand here", at: index)
            }
        }
    }
}
