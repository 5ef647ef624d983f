/// A plain name of at most 15 letters with its closing quote, the first letter lowest, zeros above.
struct ShortName {
    let first: UInt64
    let second: UInt64
    /// The index after the closing quote.
    let end: Int
}

/// The keys of an object that mean something; all others are ignored.
protocol KnownKey: RawRepresentable<String> {
    /// By the letters of the key and its closing quote.
    init?(_ name: ShortName)

    /// As one bit.
    var mark: UInt8 { get }
}

extension KnownKey {
    /// The longest known key has 14 letters, each of which may be a `\uXXXX`.
    private static var longest: Int { 14 }

    /// Reads the name that starts at `start`, after its quote; the key is nil where it is not known.
    @inline(__always)
    static func read(_ bytes: Span<UInt8>, at start: Int) throws(ParseFailure) -> (key: Self?, end: Int) {
        if let name = bytes.shortName(start) { return (Self(name), name.end) }
        return try readUnplain(bytes, at: start)
    }

    @inline(never)
    private static func readUnplain(_ bytes: Span<UInt8>, at start: Int) throws(ParseFailure) -> (key: Self?, end: Int)
    {
        let (end, isEscaped) = try bytes.endOfString(start)
        // A name that is not short and has no escape is none of them.
        guard isEscaped, end &- start <= 6 &* longest else { return (nil, end &+ 1) }
        return (Self(rawValue: NameList(bytes, start..<end, isEscaped: true).text(0)), end &+ 1)
    }
}

extension Span<UInt8> {
    /// The name that starts at `start`, after its quote; nil where it is longer or not plain.
    @inline(__always)
    func shortName(_ start: Int) -> ShortName? {
        guard count &- start >= 8 else { return lastShortName(start) }
        let first = word(start)
        let firstStops = StringStops.in(first)
        guard firstStops == 0 else {
            let shift = UInt64(firstStops.trailingZeroBitCount & 0x38)
            guard UInt8(truncatingIfNeeded: first &>> shift) == UInt8(ascii: "\"") else { return nil }
            return ShortName(first: first & (~0 &>> (56 &- shift)), second: 0, end: start &+ Int(shift &>> 3) &+ 1)
        }
        guard count &- start >= 16 else { return lastShortName(start) }
        let second = word(start &+ 8)
        let secondStops = StringStops.in(second)
        let shift = UInt64(secondStops.trailingZeroBitCount & 0x38)
        guard secondStops != 0, UInt8(truncatingIfNeeded: second &>> shift) == UInt8(ascii: "\"") else { return nil }
        return ShortName(first: first, second: second & (~0 &>> (56 &- shift)), end: start &+ Int(shift &>> 3) &+ 9)
    }

    /// As `shortName`, byte by byte: close to the end, where no 16 bytes can be looked at.
    @inline(never)
    private func lastShortName(_ start: Int) -> ShortName? {
        var words = (first: 0 as UInt64, second: 0 as UInt64)
        for place in 0..<16 {
            let byte = byte(start &+ place)
            guard byte >= 0x20, byte < 0x80, byte != UInt8(ascii: "\\") else { return nil }
            if place < 8 {
                words.first |= UInt64(byte) &<< UInt64(8 &* place)
            } else {
                words.second |= UInt64(byte) &<< UInt64(8 &* (place &- 8))
            }
            if byte == UInt8(ascii: "\"") {
                return ShortName(first: words.first, second: words.second, end: start &+ place &+ 1)
            }
        }
        return nil
    }
}
