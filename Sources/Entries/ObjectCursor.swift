/// A place among the members of an object of which only some keys are known.
struct ObjectCursor<Key: KnownKey>: Sendable {
    /// Behind the opening brace, or behind the value of the last member, or at the value of the present one.
    var index: Int
    /// Brackets around the members' values.
    fileprivate let depth: Int
    /// Keys that were remembered before this object's.
    fileprivate let outer: Int
    fileprivate var isFirst = true
    /// The marks of the known keys that were met.
    fileprivate(set) var marks: UInt8 = 0

    /// Whether the object has had all of these keys.
    func has(_ keys: Key...) -> Bool {
        keys.allSatisfy { marks & $0.mark != 0 }
    }
}

extension JSONScanner {
    /// Enters the object at `start`; `depth` is the number of brackets around it.
    @inline(__always)
    func enter<Key>(
        _ bytes: Span<UInt8>,
        at start: Int,
        depth: Int,
        else reason: @autoclosure () -> String
    ) throws(ParseFailure) -> ObjectCursor<Key> {
        guard bytes.byte(start) == UInt8(ascii: "{") else { throw bytes.failure(reason(), at: start) }
        return ObjectCursor(index: start &+ 1, depth: depth &+ 1, outer: keyCount)
    }

    /// Moves to the value of the next known member; nil, and behind the object, where there is none. What else there is
    /// has been checked then, names included.
    @inline(__always)
    mutating func next<Key>(_ bytes: Span<UInt8>, in object: inout ObjectCursor<Key>) throws(ParseFailure) -> Key? {
        while true {
            var index = bytes.endOfBlanks(object.index)
            if bytes.byte(index) == UInt8(ascii: "}") {
                try forget(bytes, from: object.outer)
                object.index = index &+ 1
                return nil
            }
            if !object.isFirst {
                guard bytes.byte(index) == UInt8(ascii: ",") else {
                    throw bytes.failure("a comma or brace must stand here", at: index)
                }
                index = bytes.endOfBlanks(index &+ 1)
            }
            object.isFirst = false
            guard bytes.byte(index) == UInt8(ascii: "\"") else {
                throw bytes.failure("a key must stand here", at: index)
            }
            let (known, end) = try Key.read(bytes, at: index &+ 1)
            if let key = known {
                guard object.marks & key.mark == 0 else { throw NameList.duplicate(at: index &+ 1) }
                object.marks |= key.mark
                object.index = try bytes.startOfValue(afterKey: end)
                return key
            }
            let start = try key(bytes, at: index &+ 1)
            object.index = try value(bytes, at: start, depth: object.depth).next
        }
    }
}
