/// Names in the order of the entry, packed so that they are compared and hashed by the word.
///
/// A name is packed as its raw bytes and its closing quote, eight bytes a word, the last word filled up with zeros.
/// Since a raw JSON string says itself where it ends, two lists of names are equal exactly where their words are.
struct PackedNames: Sendable {
    /// Room for words, `count` of them in use: kept from entry to entry, never shrunk by clearing.
    var room: [UInt64] = []
    var count = 0
    /// Depends on the words alone.
    var hash: UInt64 = 0

    var isEmpty: Bool { count == 0 }

    var words: ArraySlice<UInt64> { room[..<count] }

    @inline(__always)
    mutating func removeAll() {
        count = 0
        hash = 0
        // One hostile entry must not hold memory for good.
        if room.count > 1 << 16 { room = [] }
    }

    @inline(__always)
    func isEqual(to words: [UInt64]) -> Bool {
        guard count == words.count else { return false }
        let room = room.span
        for place in 0..<count where room[place] != words[place] { return false }
        return true
    }

    /// Packs the name that starts at `start`, after its quote; returns the index after its closing quote.
    mutating func append(_ bytes: Span<UInt8>, at start: Int) throws(ParseFailure) -> Int {
        var writer = Writer(count: count, hash: hash)
        while true {
            var words = room.mutableSpan
            if let end = try writer.append(bytes, at: start, to: &words) {
                count = writer.count
                hash = writer.hash
                return end
            }
            makeRoom(writer.wanted)
        }
    }

    /// Makes room for so many words more, and then some.
    @inline(never)
    mutating func makeRoom(_ words: Int) {
        guard room.count - count < words else { return }
        room.append(contentsOf: repeatElement(0, count: max(words, room.count, 64)))
    }

    /// Writes words into room that is lent to it: for many names the array of the room is then looked up once.
    struct Writer {
        private(set) var count: Int
        private(set) var hash: UInt64
        /// How much more room the name wants that found too little.
        private(set) var wanted = 0

        init(count: Int, hash: UInt64) {
            self.count = count
            self.hash = hash
        }

        /// As `PackedNames.append`; nil, and nothing is written, where the room does not suffice.
        @inline(__always)
        mutating func append(
            _ bytes: Span<UInt8>,
            at start: Int,
            to room: inout MutableSpan<UInt64>
        ) throws(ParseFailure) -> Int? {
            var index = start
            var place = count
            var sum = hash
            while bytes.count &- index >= 8, place < room.count {
                let word = bytes.word(index)
                let stops = StringStops.in(word)
                guard stops == 0 else {
                    let shift = UInt64(stops.trailingZeroBitCount & 0x38)
                    guard UInt8(truncatingIfNeeded: word &>> shift) == UInt8(ascii: "\"") else { break }
                    let last = word & (~0 &>> (56 &- shift))
                    room[place] = last
                    count = place &+ 1
                    hash = Self.mixed(sum, last)
                    return index &+ Int(shift &>> 3) &+ 1
                }
                room[place] = word
                sum = Self.mixed(sum, word)
                place &+= 1
                index &+= 8
            }
            return try appendUnplain(bytes, at: start, to: &room)
        }

        /// A name that brings an escape, a letter beyond ASCII or the end of the bytes, or finds too little room.
        @inline(never)
        private mutating func appendUnplain(
            _ bytes: Span<UInt8>,
            at start: Int,
            to room: inout MutableSpan<UInt64>
        ) throws(ParseFailure) -> Int? {
            let end = try bytes.endOfString(start).end
            wanted = (end &- start) &>> 3 &+ 1
            guard room.count &- count >= wanted else { return nil }
            var index = start
            while index <= end {
                var word: UInt64 = 0
                for place in 0..<min(8, end &- index &+ 1) {
                    word |= UInt64(bytes[index &+ place]) &<< UInt64(8 &* place)
                }
                room[count] = word
                count &+= 1
                hash = Self.mixed(hash, word)
                index &+= 8
            }
            return end &+ 1
        }

        @inline(__always)
        static func mixed(_ hash: UInt64, _ word: UInt64) -> UInt64 {
            let product = (hash ^ word) &* 0x9E37_79B9_7F4A_7C15
            return product ^ product &>> 29
        }
    }
}
