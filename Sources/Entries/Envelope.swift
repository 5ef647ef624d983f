/// An entry's own object: what stands under each of its known keys, read in one go. Kept and used again, so that an
/// entry costs no allocation.
struct Envelope: Sendable {
    /// The known keys.
    private enum Key: String, KnownKey {
        case op, table, row, set, `where`, forceDrainToDB
        /// Marks an entry of the other format.
        case contents = "contents_v2"

        /// As one bit.
        var mark: UInt8 {
            switch self {
            case .op: 1
            case .table: 2
            case .row: 4
            case .set: 8
            case .where: 16
            case .forceDrainToDB: 32
            case .contents: 64
            }
        }

        @inline(__always)
        init?(_ name: ShortName) {
            // The name and its closing quote, the first letter lowest.
            switch (name.first, name.second) {
            case (0x22_706F, 0): self = .op
            case (0x2265_6C62_6174, 0): self = .table
            case (0x2277_6F72, 0): self = .row
            case (0x2274_6573, 0): self = .set
            case (0x2265_7265_6877, 0): self = .where
            case (0x6172_4465_6372_6F66, 0x22_4244_6F54_6E69): self = .forceDrainToDB
            case (0x7374_6E65_746E_6F63, 0x2232_765F): self = .contents
            default: return nil
            }
        }
    }

    /// Nil where the entry has no `op`.
    private(set) var operation: Operation?
    /// One name, or none where the entry has no `table`.
    private(set) var table = PackedNames()
    private(set) var row = Members()
    private(set) var set = Members()
    private(set) var condition = Members()
    private(set) var isForced = false

    /// The marks of the keys read.
    private var marks: UInt8 = 0
    private var scanner = JSONScanner()

    var isKV: Bool { marks & Key.contents.mark != 0 }

    /// Reads the entry; false where it is no native entry, or a broken one.
    mutating func canRead(_ bytes: Span<UInt8>, at start: Int) -> Bool {
        do throws(ParseFailure) {
            try read(bytes, at: start)
            return operation != nil
        } catch {
            return false
        }
    }

    /// Reads the JSON from `start` to the end of `bytes`.
    mutating func read(_ bytes: Span<UInt8>, at start: Int) throws(ParseFailure) {
        removeAll()
        var index = bytes.endOfBlanks(start)
        guard bytes.byte(index) == UInt8(ascii: "{") else {
            throw bytes.failure("the entry is not a JSON object", at: index)
        }
        index = try readMembers(bytes, at: index)
        index = bytes.endOfBlanks(index)
        guard index == bytes.count else { throw ParseFailure("something stands after the JSON value", at: index) }
    }

    private mutating func removeAll() {
        operation = nil
        table.removeAll()
        row.removeAll()
        set.removeAll()
        condition.removeAll()
        isForced = false
        marks = 0
        scanner.removeAll()
    }

    private mutating func readMembers(_ bytes: Span<UInt8>, at start: Int) throws(ParseFailure) -> Int {
        var index = bytes.endOfBlanks(start &+ 1)
        if bytes.byte(index) == UInt8(ascii: "}") { return index &+ 1 }
        while true {
            guard bytes.byte(index) == UInt8(ascii: "\"") else {
                throw bytes.failure("a key must stand here", at: index)
            }
            index = bytes.endOfBlanks(try readMember(bytes, at: index &+ 1))
            switch bytes.byte(index) {
            case UInt8(ascii: ","): index = bytes.endOfBlanks(index &+ 1)
            case UInt8(ascii: "}"):
                // Only unknown keys are remembered; known ones have their marks.
                try scanner.checkDistinct(bytes)
                return index &+ 1
            default: throw bytes.failure("a comma or brace must stand here", at: index)
            }
        }
    }

    /// Throws where the entry lacks what `operation` needs. What it does not need is checked as JSON, then ignored.
    @inline(__always)
    func checkMembers(for operation: Operation) throws(ParseFailure) {
        switch operation {
        case .create:
            guard row.start != nil else { throw ParseFailure("the entry has no `row`") }
            if set.start != nil { try set.checkDistinct() }
            if condition.start != nil { try condition.checkDistinct() }
            return
        case .update:
            guard let start = set.start else { throw ParseFailure("the entry has no `set`") }
            guard set.count > 0 else { throw ParseFailure("`set` is empty", at: start) }
        case .delete:
            if set.start != nil { try set.checkDistinct() }
        }
        if row.start != nil { try row.checkDistinct() }
        guard let start = condition.start else { throw ParseFailure("the entry has no `where`") }
        guard condition.count > 0 else { throw ParseFailure("`where` is empty", at: start) }
    }

    /// Reads the member whose key starts at `start`, after its quote; returns the index after its value.
    @inline(__always)
    private mutating func readMember(_ bytes: Span<UInt8>, at start: Int) throws(ParseFailure) -> Int {
        let (known, end) = try Key.read(bytes, at: start)
        guard let key = known else {
            let value = try scanner.key(bytes, at: start)
            return try scanner.value(bytes, at: value, depth: 1).next
        }
        guard marks & key.mark == 0 else { throw NameList.duplicate(at: start) }
        marks |= key.mark
        let value = try bytes.startOfValue(afterKey: end)
        switch key {
        case .op: return try readOperation(bytes, at: value)
        case .table: return try readTable(bytes, at: value)
        case .row:
            try Self.checkObject(bytes, at: value, "`row` must be an object")
            return try row.read(bytes, at: value, depth: 2, with: &scanner)
        case .set:
            try Self.checkObject(bytes, at: value, "`set` must be an object")
            return try set.read(bytes, at: value, depth: 2, with: &scanner)
        case .where:
            try Self.checkObject(bytes, at: value, "`where` must be an object")
            return try condition.read(bytes, at: value, depth: 2, with: &scanner)
        case .forceDrainToDB:
            let end: Int
            (isForced, end) = try scanner.forced(bytes, at: value)
            return end
        case .contents: return try scanner.value(bytes, at: value, depth: 1).next
        }
    }

    private static func checkObject(_ bytes: Span<UInt8>, at start: Int, _ reason: String) throws(ParseFailure) {
        guard bytes.byte(start) == UInt8(ascii: "{") else { throw bytes.failure(reason, at: start) }
    }

    private mutating func readOperation(_ bytes: Span<UInt8>, at start: Int) throws(ParseFailure) -> Int {
        guard bytes.byte(start) == UInt8(ascii: "\"") else { throw bytes.failure("`op` must be a string", at: start) }
        let text = start &+ 1
        let name = bytes.shortName(text)
        // `create"`, `update"`, `delete"`, the first letter lowest.
        switch name?.first {
        case 0x22_6574_6165_7263: operation = .create
        case 0x22_6574_6164_7075: operation = .update
        case 0x22_6574_656C_6564: operation = .delete
        default:
            let (end, isEscaped) = try bytes.endOfString(text)
            let name = NameList(bytes, text..<end, isEscaped: isEscaped)
            guard let named = Operation(rawValue: name.text(0)) else {
                throw ParseFailure("`op` is none of create, update, delete", at: start)
            }
            operation = named
            return end &+ 1
        }
        return text &+ 7
    }

    private mutating func readTable(_ bytes: Span<UInt8>, at start: Int) throws(ParseFailure) -> Int {
        guard bytes.byte(start) == UInt8(ascii: "\"") else {
            throw bytes.failure("`table` must be a string", at: start)
        }
        return try table.append(bytes, at: start &+ 1)
    }
}

extension JSONScanner {
    /// Reads the value of `forceDrainToDB` at `start`; answers with it and the index after it.
    mutating func forced(_ bytes: Span<UInt8>, at start: Int) throws(ParseFailure) -> (Bool, Int) {
        let value = try value(bytes, at: start, depth: 1)
        guard value.kind == .true || value.kind == .false else {
            throw ParseFailure("`forceDrainToDB` must be true or false", at: start)
        }
        return (value.kind == .true, value.next)
    }
}
