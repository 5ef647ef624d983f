/// A key of an object where it lies, between its quotes.
struct ScannedKey: Sendable {
    let start: UInt32
    let length: UInt32
    let isEscaped: Bool

    var range: Range<Int> { Int(start)..<(Int(start) &+ Int(length)) }
}

/// Finds a key that stands twice in an object. Kept and used again, so that an object costs no allocation.
struct KeyTable: Sendable {
    /// Fewer are compared one with each other.
    private static let fewKeys = 6
    /// More are sorted: the table stays small.
    private static let mostKeys = 1 << 10
    /// Slots looked at in vain for each key: keys chosen to collide are sorted, too.
    private static let mostSteps = 4

    /// Per slot a key's place counted from 1, or 0.
    private var slots: [UInt16] = []

    private enum Finding {
        case distinct
        case twice(Int)
        /// Too many keys meet in one place.
        case crowded
    }

    /// Where a key starts that has stood before it among those from the `first` on; nil where all are distinct.
    mutating func duplicate(among keys: [ScannedKey], from first: Int, in bytes: Span<UInt8>) -> Int? {
        let keys = keys.span.extracting(first...)
        var isEscaped = false
        for place in keys.indices { isEscaped = isEscaped || keys[place].isEscaped }
        guard !isEscaped, keys.count <= Self.mostKeys else { return Self.sortedDuplicate(keys, in: bytes) }
        if keys.count <= Self.fewKeys {
            for later in 1..<keys.count {
                for earlier in 0..<later where bytes.areEqual(keys[earlier].range, keys[later].range) {
                    return keys[later].range.lowerBound
                }
            }
            return nil
        }
        switch find(keys, in: bytes) {
        case .distinct: return nil
        case .twice(let place): return keys[place].range.lowerBound
        case .crowded: return Self.sortedDuplicate(keys, in: bytes)
        }
    }

    private mutating func find(_ keys: Span<ScannedKey>, in bytes: Span<UInt8>) -> Finding {
        // Twice as many slots as keys at least, a power of two.
        let size = 1 &<< (Int.bitWidth &- (keys.count &* 2 &- 1).leadingZeroBitCount)
        if slots.count < size { slots = Array(repeating: 0, count: size) }
        var slots = slots.mutableSpan
        for slot in 0..<size { slots[slot] = 0 }
        var steps = keys.count &* Self.mostSteps
        for place in keys.indices {
            var slot = Self.hash(keys[place], in: bytes) & (size &- 1)
            while slots[slot] != 0 {
                if bytes.areEqual(keys[Int(slots[slot]) &- 1].range, keys[place].range) { return .twice(place) }
                slot = (slot &+ 1) & (size &- 1)
                steps &-= 1
                if steps < 0 { return .crowded }
            }
            slots[slot] = UInt16(place &+ 1)
        }
        return .distinct
    }

    @inline(__always)
    private static func hash(_ key: ScannedKey, in bytes: Span<UInt8>) -> Int {
        var hash = UInt64(key.length)
        var index = key.range.lowerBound
        var rest = Int(key.length)
        while rest >= 8 {
            hash = mixed(hash, bytes.word(index))
            index &+= 8
            rest &-= 8
        }
        if rest > 0 {
            var last: UInt64 = 0
            if bytes.count &- index >= 8 {
                last = bytes.word(index) & (~0 &>> UInt64(64 &- 8 &* rest))
            } else {
                for place in 0..<rest { last |= UInt64(bytes[index &+ place]) &<< UInt64(8 &* place) }
            }
            hash = mixed(hash, last)
        }
        return Int(truncatingIfNeeded: hash &>> 32)
    }

    @inline(__always)
    private static func mixed(_ hash: UInt64, _ word: UInt64) -> UInt64 {
        let product = (hash ^ word) &* 0x9E37_79B9_7F4A_7C15
        return product ^ product &>> 29
    }

    /// Sorting keeps an object with a million keys at n log n. Which key stands twice is not told.
    private static func sortedDuplicate(_ keys: Span<ScannedKey>, in bytes: Span<UInt8>) -> Int? {
        var names = NameList()
        for place in keys.indices { names.append(bytes, keys[place].range, isEscaped: keys[place].isEscaped) }
        return names.sortedDistinctOrder() == nil ? keys[0].range.lowerBound : nil
    }
}
