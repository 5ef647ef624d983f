/// A KV entry: what stands under each of its known keys, in whatever order, read in one go. Kept and used again, so that
/// an entry costs no allocation.
///
/// What it does not need is only checked to be JSON: there a key may stand twice in an object.
struct KVEnvelope: Sendable {
    private(set) var operation = Operation.create
    /// One name, with its suffix.
    private(set) var table = PackedNames()
    /// Names of fields, each followed by its column's.
    private(set) var mappings = PackedNames()
    private(set) var isForced = false
    /// The entry has an `op`, so it is none of these.
    private(set) var isNative = false
    private(set) var contents = KVContents()

    private var scanner = JSONScanner(checksKeys: false)

    /// Whether the entry at `start` begins as KV entries do.
    @inline(__always)
    static func seems(_ bytes: Span<UInt8>, at start: Int) -> Bool {
        let brace = bytes.endOfBlanks(start)
        guard bytes.byte(brace) == UInt8(ascii: "{"), let name = bytes.shortName(bytes.endOfBlanks(brace &+ 1) &+ 1)
        else { return false }
        switch KVEntryKey(name) {
        case .none, .op, .forceDrainToDB: return false
        default: return true
        }
    }

    /// Reads the entry; false where it is no KV entry, or a broken one.
    mutating func canRead(_ bytes: Span<UInt8>, at start: Int) -> Bool {
        do throws(ParseFailure) {
            try read(bytes, at: start)
            return !isNative
        } catch {
            return false
        }
    }

    /// Reads the JSON from `start` to the end of `bytes`.
    mutating func read(_ bytes: Span<UInt8>, at start: Int) throws(ParseFailure) {
        removeAll()
        var entry: ObjectCursor<KVEntryKey> = try scanner.enter(
            bytes,
            at: bytes.endOfBlanks(start),
            depth: 0,
            else: "the entry is not a JSON object"
        )
        while let key = try scanner.next(bytes, in: &entry) {
            switch key {
            case .tag: entry.index = try readOperation(bytes, at: entry.index)
            case .contents: entry.index = try readContents(bytes, at: entry.index)
            case .mappings: entry.index = try readMappings(bytes, at: entry.index)
            case .forceDrainToDB: (isForced, entry.index) = try scanner.forced(bytes, at: entry.index)
            case .op:
                isNative = true
                entry.index = try scanner.value(bytes, at: entry.index, depth: 1).next
            }
        }
        let end = bytes.endOfBlanks(entry.index)
        guard end == bytes.count else { throw ParseFailure("something stands after the JSON value", at: end) }
        guard !isNative else { return }
        guard entry.has(.contents) else { throw ParseFailure("the entry has no `contents_v2`") }
        guard entry.has(.tag) else { throw ParseFailure("the entry has no `tag`") }
        try contents.finish(bytes, operation)
    }

    private mutating func removeAll() {
        table.removeAll()
        mappings.removeAll()
        isForced = false
        isNative = false
        contents.removeAll()
    }

    private mutating func readOperation(_ bytes: Span<UInt8>, at start: Int) throws(ParseFailure) -> Int {
        guard bytes.byte(start) == UInt8(ascii: "\"") else { throw bytes.failure("`tag` must be a string", at: start) }
        let text = start &+ 1
        switch bytes.shortName(text)?.first {
        // `Create"`, `Update"`, `Delete"`, the first letter lowest.
        case 0x22_6574_6165_7243: operation = .create
        case 0x22_6574_6164_7055: operation = .update
        case 0x22_6574_656C_6544: operation = .delete
        default:
            let (end, isEscaped) = try bytes.endOfString(text)
            switch NameList(bytes, text..<end, isEscaped: isEscaped).text(0) {
            case "Create": operation = .create
            case "Update": operation = .update
            case "Delete": operation = .delete
            default: throw ParseFailure("`tag` is none of Create, Update, Delete", at: start)
            }
            return end &+ 1
        }
        return text &+ 7
    }

    private mutating func readContents(_ bytes: Span<UInt8>, at start: Int) throws(ParseFailure) -> Int {
        var object: ObjectCursor<KVContentsKey> = try scanner.enter(
            bytes,
            at: start,
            depth: 1,
            else: "`contents_v2` must be an object"
        )
        while let key = try scanner.next(bytes, in: &object) {
            if key == .command {
                object.index = try readCommand(bytes, at: object.index)
                continue
            }
            let value = try scanner.value(bytes, at: object.index, depth: 2)
            switch (key, value.kind) {
            case (.tag, .string), (.tag, .escapedString), (.timestamp, .number), (.cmdVersion, _), (.dbName, _):
                object.index = value.next
            default: throw ParseFailure("`\(key)` of `contents_v2` is of another kind", at: object.index)
            }
        }
        guard object.has(.tag, .timestamp, .cmdVersion, .dbName, .command) else {
            throw ParseFailure("`contents_v2` wants tag, timestamp, cmdVersion, dbName and command", at: start)
        }
        return object.index
    }

    private mutating func readCommand(_ bytes: Span<UInt8>, at start: Int) throws(ParseFailure) -> Int {
        var object: ObjectCursor<KVCommandKey> = try scanner.enter(
            bytes,
            at: start,
            depth: 2,
            else: "`command` must be an object"
        )
        while let key = try scanner.next(bytes, in: &object) {
            switch key {
            case .tag:
                guard bytes.byte(object.index) == UInt8(ascii: "\"") else {
                    throw bytes.failure("`tag` of `command` must be a string", at: object.index)
                }
                object.index = try table.append(bytes, at: object.index &+ 1)
            case .contents: object.index = try contents.read(bytes, at: object.index)
            }
        }
        guard object.has(.tag, .contents) else { throw ParseFailure("`command` wants tag and contents", at: start) }
        return object.index
    }

    private mutating func readMappings(_ bytes: Span<UInt8>, at start: Int) throws(ParseFailure) -> Int {
        guard bytes.byte(start) == UInt8(ascii: "{") else {
            throw bytes.failure("`mappings` must be an object", at: start)
        }
        var index = bytes.endOfBlanks(start &+ 1)
        if bytes.byte(index) == UInt8(ascii: "}") { return index &+ 1 }
        while true {
            guard bytes.byte(index) == UInt8(ascii: "\"") else {
                throw bytes.failure("a key must stand here", at: index)
            }
            index = try bytes.startOfValue(afterKey: try mappings.append(bytes, at: index &+ 1))
            guard bytes.byte(index) == UInt8(ascii: "\"") else {
                throw bytes.failure("a column's name in `mappings` must be a string", at: index)
            }
            index = bytes.endOfBlanks(try mappings.append(bytes, at: index &+ 1))
            switch bytes.byte(index) {
            case UInt8(ascii: ","): index = bytes.endOfBlanks(index &+ 1)
            case UInt8(ascii: "}"): return index &+ 1
            default: throw bytes.failure("a comma or brace must stand here", at: index)
            }
        }
    }
}
