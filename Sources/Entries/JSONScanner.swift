/// One JSON value as it was found: of a string, `start` and `end` lie inside its quotes.
struct ScannedValue {
    let kind: Cell.Kind
    let start: Int
    let end: Int

    /// The index after the value.
    @inline(__always)
    var next: Int {
        kind == .string || kind == .escapedString ? end &+ 1 : end
    }

    @inline(__always)
    var cell: Cell { Cell(kind: kind, bytes: Slice(start: start, length: end &- start)) }
}

/// Walks over whole JSON values and checks them, nested ones with the keys of each of their objects.
struct JSONScanner: Sendable {
    /// Brackets that may be open at once, that of the entry's own object included.
    static let deepest = 128

    /// A key between its quotes.
    struct Key: Sendable {
        let start: UInt32
        let length: UInt32
        let isEscaped: Bool
    }

    /// The keys of the objects that are open, outermost first: one array for all, so that an object costs no allocation.
    private var keys: [Key] = []

    /// Forgets what an entry left that broke off.
    mutating func removeAll() {
        guard !keys.isEmpty else { return }
        // One hostile entry must not hold memory for good.
        keys.removeAll(keepingCapacity: keys.capacity <= 1 << 16)
    }

    /// The value at `start`; `depth` is the number of brackets around it.
    @inline(__always)
    mutating func value(_ bytes: Span<UInt8>, at start: Int, depth: Int) throws(ParseFailure) -> ScannedValue {
        switch bytes.byte(start) {
        case UInt8(ascii: "\""):
            let (end, isEscaped) = try bytes.endOfString(start &+ 1)
            return ScannedValue(kind: isEscaped ? .escapedString : .string, start: start &+ 1, end: end)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            return ScannedValue(kind: .number, start: start, end: try bytes.endOfNumber(start))
        case UInt8(ascii: "["):
            return ScannedValue(kind: .array, start: start, end: try endOfArray(bytes, at: start, depth: depth &+ 1))
        case UInt8(ascii: "{"):
            return ScannedValue(kind: .object, start: start, end: try endOfObject(bytes, at: start, depth: depth &+ 1))
        default:
            let (kind, end) = try bytes.literal(start)
            return ScannedValue(kind: kind, start: start, end: end)
        }
    }

    /// Recursion is bounded by `deepest`.
    @inline(never)
    private mutating func endOfArray(_ bytes: Span<UInt8>, at start: Int, depth: Int) throws(ParseFailure) -> Int {
        guard depth <= Self.deepest else { throw Self.tooDeep(at: start) }
        var index = bytes.endOfBlanks(start &+ 1)
        if bytes.byte(index) == UInt8(ascii: "]") { return index &+ 1 }
        while true {
            index = bytes.endOfBlanks(try value(bytes, at: index, depth: depth).next)
            switch bytes.byte(index) {
            case UInt8(ascii: ","): index = bytes.endOfBlanks(index &+ 1)
            case UInt8(ascii: "]"): return index &+ 1
            default: throw bytes.failure("a comma or bracket must stand here", at: index)
            }
        }
    }

    @inline(never)
    private mutating func endOfObject(_ bytes: Span<UInt8>, at start: Int, depth: Int) throws(ParseFailure) -> Int {
        guard depth <= Self.deepest else { throw Self.tooDeep(at: start) }
        var index = bytes.endOfBlanks(start &+ 1)
        if bytes.byte(index) == UInt8(ascii: "}") { return index &+ 1 }
        let outer = keys.count
        while true {
            guard bytes.byte(index) == UInt8(ascii: "\"") else {
                throw bytes.failure("a key must stand here", at: index)
            }
            index = try key(bytes, at: index &+ 1)
            index = bytes.endOfBlanks(try value(bytes, at: index, depth: depth).next)
            switch bytes.byte(index) {
            case UInt8(ascii: ","): index = bytes.endOfBlanks(index &+ 1)
            case UInt8(ascii: "}"):
                try checkDistinct(bytes, from: outer, objectAt: start)
                keys.removeLast(keys.count &- outer)
                return index &+ 1
            default: throw bytes.failure("a comma or brace must stand here", at: index)
            }
        }
    }

    /// Remembers the key that starts at `start`, after its quote, as one of the innermost object; returns where the
    /// value starts.
    mutating func key(_ bytes: Span<UInt8>, at start: Int) throws(ParseFailure) -> Int {
        let (end, isEscaped) = try bytes.endOfString(start)
        keys.append(Key(start: UInt32(start), length: UInt32(end &- start), isEscaped: isEscaped))
        return try bytes.startOfValue(afterKey: end &+ 1)
    }

    /// Throws where two of the remembered keys from the `first` on are one text.
    func checkDistinct(_ bytes: Span<UInt8>, from first: Int = 0, objectAt start: Int) throws(ParseFailure) {
        let count = keys.count &- first
        guard count > 1 else { return }
        if count <= 16, keys[first...].allSatisfy({ !$0.isEscaped }) {
            for later in (first &+ 1)..<keys.count {
                for earlier in first..<later where Self.areEqual(bytes, keys[earlier], keys[later]) {
                    throw NameList.duplicate(at: Int(keys[later].start))
                }
            }
            return
        }
        // Sorting keeps an object with a million keys at n log n.
        var names = NameList()
        for key in keys[first...] {
            names.append(bytes, Int(key.start)..<(Int(key.start) &+ Int(key.length)), isEscaped: key.isEscaped)
        }
        guard names.sortedDistinctOrder() != nil else { throw NameList.duplicate(at: start) }
    }

    private static func areEqual(_ bytes: Span<UInt8>, _ one: Key, _ other: Key) -> Bool {
        guard one.length == other.length else { return false }
        for place in 0..<Int(one.length) where bytes[Int(one.start) &+ place] != bytes[Int(other.start) &+ place] {
            return false
        }
        return true
    }

    static func tooDeep(at index: Int) -> ParseFailure {
        ParseFailure("more than \(deepest) levels of brackets", at: index)
    }
}
