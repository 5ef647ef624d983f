/// Rows on their way to COPY. Its room is kept from statement to statement, so that a row costs no allocation.
struct RowBuffer: Sendable {
    private var room: [UInt8] = []
    private(set) var count = 0

    /// What has been written.
    var rows: ArraySlice<UInt8> { room[..<count] }

    mutating func removeAll() {
        count = 0
        // One window of huge rows must not hold memory for good.
        if room.count > 1 << 22 { room = [] }
    }

    /// Lends room for at least `size` bytes to `write`, which answers how many of them it wrote; nil, and nothing is
    /// written, where it says so.
    @inline(__always)
    mutating func append(upTo size: Int, _ write: (inout MutableRawSpan, Int) -> Int?) -> Bool {
        let start = count
        if room.count &- start < size { grow(by: size) }
        guard let end = Self.lend(&room, from: start, to: write) else { return false }
        count = end
        return true
    }

    @inline(__always)
    private static func lend(_ room: inout [UInt8], from start: Int, to write: (inout MutableRawSpan, Int) -> Int?)
        -> Int?
    {
        var span = room.mutableSpan
        var bytes = span.mutableBytes
        return write(&bytes, start)
    }

    @inline(never)
    private mutating func grow(by size: Int) {
        room += [UInt8](repeating: 0, count: max(size, room.count))
    }
}

extension MutableRawSpan {
    /// Network order.
    @inline(__always)
    mutating func store<Value: FixedWidthInteger & BitwiseCopyable>(_ value: Value, at place: Int) {
        storeBytes(of: value.bigEndian, toByteOffset: place, as: Value.self)
    }

    /// A value behind its length; returns the place behind it.
    @inline(__always)
    mutating func storeValue<Value: FixedWidthInteger & BitwiseCopyable>(_ value: Value, at place: Int) -> Int {
        store(Int32(truncatingIfNeeded: MemoryLayout<Value>.size), at: place)
        store(value, at: place &+ 4)
        return place &+ 4 &+ MemoryLayout<Value>.size
    }

    /// Copies bytes and returns the place behind them; up to seven more may be overwritten.
    @inline(__always)
    mutating func copy(_ source: Span<UInt8>, _ range: Range<Int>, at place: Int) -> Int {
        var index = range.lowerBound
        var target = place
        while index < range.upperBound, source.count &- index >= 8 {
            storeBytes(of: source.word(index), toByteOffset: target, as: UInt64.self)
            index &+= 8
            target &+= 8
        }
        while index < range.upperBound {
            storeBytes(of: source[index], toByteOffset: target, as: UInt8.self)
            index &+= 1
            target &+= 1
        }
        return place &+ range.count
    }
}

extension Span<UInt8> {
    /// The eight bytes from `index` on, the first one lowest. All of them must lie in the span.
    @inline(__always)
    func word(_ index: Int) -> UInt64 {
        // One check for the eight bytes; the compiler then makes one load of them.
        let bytes = extracting(index..<(index &+ 8))
        let low =
            UInt64(bytes[0]) | UInt64(bytes[1]) &<< 8 | UInt64(bytes[2]) &<< 16 | UInt64(bytes[3]) &<< 24
        let high =
            UInt64(bytes[4]) &<< 32 | UInt64(bytes[5]) &<< 40 | UInt64(bytes[6]) &<< 48 | UInt64(bytes[7]) &<< 56
        return low | high
    }

    /// The digit at `index`; 10 or more where none stands there.
    @inline(__always)
    func digit(_ index: Int) -> UInt8 { self[index] &- UInt8(ascii: "0") }
}
