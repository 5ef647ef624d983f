/// Names in the order of the entry, packed so that they are compared and hashed by the word.
///
/// A name is packed as its raw bytes and its closing quote, eight bytes a word, the last word filled up with zeros.
/// Since a raw JSON string says itself where it ends, two lists of names are equal exactly where their words are.
struct PackedNames: Sendable {
    private(set) var words: [UInt64] = []
    /// Depends on `words` alone.
    private(set) var hash: UInt64 = 0

    @inline(__always)
    mutating func removeAll() {
        // One hostile entry must not hold memory for good.
        words.removeAll(keepingCapacity: words.capacity <= 1 << 16)
        hash = 0
    }

    /// Packs the name that starts at `start`, after its quote; returns the index after its closing quote.
    @inline(__always)
    mutating func append(_ bytes: Span<UInt8>, at start: Int) throws(ParseFailure) -> Int {
        var index = start
        while bytes.count &- index >= 8 {
            let word = bytes.word(index)
            let stops = StringStops.in(word)
            guard stops == 0 else {
                let place = stops.trailingZeroBitCount & 0x38
                guard UInt8(truncatingIfNeeded: word &>> UInt64(place)) == UInt8(ascii: "\"") else { break }
                append(word & (~0 &>> UInt64(56 &- place)))
                return index &+ place &>> 3 &+ 1
            }
            append(word)
            index &+= 8
        }
        return try appendUnplain(bytes, at: index)
    }

    /// The rest, from a whole word on, of a name that brings an escape, a letter beyond ASCII, or the end of the bytes.
    @inline(never)
    private mutating func appendUnplain(_ bytes: Span<UInt8>, at start: Int) throws(ParseFailure) -> Int {
        let end = try bytes.endOfString(start).end
        var index = start
        while index <= end {
            var word: UInt64 = 0
            for place in 0..<min(8, end &- index &+ 1) {
                word |= UInt64(bytes[index &+ place]) &<< UInt64(8 &* place)
            }
            append(word)
            index &+= 8
        }
        return end &+ 1
    }

    @inline(__always)
    private mutating func append(_ word: UInt64) {
        words.append(word)
        hash = (hash ^ word) &* 0x9E37_79B9_7F4A_7C15
        hash ^= hash &>> 29
    }
}
