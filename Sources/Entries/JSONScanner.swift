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

    /// The keys of the objects that are open, outermost first: one array for all, so that an object costs no allocation.
    private var keys: [ScannedKey] = []
    private var table = KeyTable()
    /// Whether a key that stands twice in an object is a failure.
    private let checksKeys: Bool

    init(checksKeys: Bool = true) {
        self.checksKeys = checksKeys
    }

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
                try forget(bytes, from: outer)
                return index &+ 1
            default: throw bytes.failure("a comma or brace must stand here", at: index)
            }
        }
    }

    /// Remembers the key that starts at `start`, after its quote, as one of the innermost object; returns where the
    /// value starts.
    @inline(__always)
    mutating func key(_ bytes: Span<UInt8>, at start: Int) throws(ParseFailure) -> Int {
        let (end, isEscaped) = try bytes.endOfString(start)
        if checksKeys {
            keys.append(ScannedKey(start: UInt32(start), length: UInt32(end &- start), isEscaped: isEscaped))
        }
        return try bytes.startOfValue(afterKey: end &+ 1)
    }

    /// Throws where two of the remembered keys from the `first` on are one text.
    mutating func checkDistinct(_ bytes: Span<UInt8>, from first: Int = 0) throws(ParseFailure) {
        guard keys.count &- first > 1 else { return }
        if let key = table.duplicate(among: keys, from: first, in: bytes) { throw NameList.duplicate(at: key) }
    }

    /// Leaves an object: its keys, from the `first` on, must be distinct, and are forgotten.
    @inline(__always)
    mutating func forget(_ bytes: Span<UInt8>, from first: Int) throws(ParseFailure) {
        try checkDistinct(bytes, from: first)
        keys.removeLast(keys.count &- first)
    }

    /// Keys that are remembered.
    var keyCount: Int { keys.count }

    static func tooDeep(at index: Int) -> ParseFailure {
        ParseFailure("more than \(deepest) levels of brackets", at: index)
    }
}
