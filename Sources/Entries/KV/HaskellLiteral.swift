/// The inside of a Haskell string literal, itself escaped as JSON escapes a string (which has been checked): piece by
/// piece what it means, as `show` writes it and the Haskell 2010 Report (2.6) reads it.
struct HaskellLiteral {
    enum Piece {
        /// These bytes, printable ASCII, stand for themselves; neither quotes nor backslashes are among them.
        case run(Range<Int>)
        case scalar(UInt32)
        /// This is no literal, from the given byte on.
        case broken(Int)
    }

    private var index: Int
    private let end: Int

    init(_ range: Range<Int>) {
        (index, end) = (range.lowerBound, range.upperBound)
    }

    /// Nil at the end.
    mutating func next(_ bytes: Span<UInt8>) -> Piece? {
        while index < end {
            let start = index
            let stop = bytes.extracting(0..<end).endOfPlainLiteral(start)
            if stop > start {
                index = stop
                return .run(start..<stop)
            }
            guard let character = read(bytes) else { return .broken(start) }
            switch character {
            case UInt32(ascii: "\\"):
                switch readEscape(bytes) {
                case .scalar(let scalar): return .scalar(scalar)
                case .nothing: continue
                case .broken:
                    index = end
                    return .broken(start)
                }
            // Spelt as JSON allows: `\/`, `\u0041`.
            case 0x20..<0x7F where character != UInt32(ascii: "\""): return .scalar(character)
            default:
                index = end
                return .broken(start)
            }
        }
        return nil
    }

    private enum Escape {
        case scalar(UInt32)
        case nothing
        case broken
    }

    /// The character at `place` and the index after it; of one beyond ASCII its first byte, which nothing here takes.
    private func character(_ bytes: Span<UInt8>, at place: Int) -> (UInt32, Int)? {
        guard place < end else { return nil }
        guard bytes[place] == UInt8(ascii: "\\") else { return (UInt32(bytes[place]), place &+ 1) }
        switch bytes[place &+ 1] {
        case UInt8(ascii: "b"): return (0x08, place &+ 2)
        case UInt8(ascii: "f"): return (0x0C, place &+ 2)
        case UInt8(ascii: "n"): return (0x0A, place &+ 2)
        case UInt8(ascii: "r"): return (0x0D, place &+ 2)
        case UInt8(ascii: "t"): return (0x09, place &+ 2)
        case UInt8(ascii: "u"): return (bytes.codeUnit(place) ?? 0xFFFD, place &+ 6)
        case let letter: return (UInt32(letter), place &+ 2)
        }
    }

    private mutating func read(_ bytes: Span<UInt8>) -> UInt32? {
        guard let (character, next) = self.character(bytes, at: index) else { return nil }
        index = next
        return character
    }

    /// What stands after a backslash.
    private mutating func readEscape(_ bytes: Span<UInt8>) -> Escape {
        let start = index
        guard let first = read(bytes) else { return .broken }
        switch first {
        case UInt32(ascii: "\""), UInt32(ascii: "\\"): return .scalar(first)
        case UInt32(ascii: "a"): return .scalar(0x07)
        case UInt32(ascii: "b"): return .scalar(0x08)
        case UInt32(ascii: "t"): return .scalar(0x09)
        case UInt32(ascii: "n"): return .scalar(0x0A)
        case UInt32(ascii: "v"): return .scalar(0x0B)
        case UInt32(ascii: "f"): return .scalar(0x0C)
        case UInt32(ascii: "r"): return .scalar(0x0D)
        case UInt32(ascii: "&"): return .nothing
        case UInt32(ascii: "x"): return readNumber(bytes, base: 16)
        case UInt32(ascii: "o"): return readNumber(bytes, base: 8)
        case UInt32(ascii: "0")...UInt32(ascii: "9"):
            index = start
            return readNumber(bytes, base: 10)
        case UInt32(ascii: "^"):
            guard let letter = read(bytes), 0x40..<0x60 ~= letter else { return .broken }
            return .scalar(letter &- 0x40)
        case 0x20, 0x09..<0x0E: return readGap(bytes)
        default:
            index = start
            return readName(bytes)
        }
    }

    /// As many digits as there are.
    private mutating func readNumber(_ bytes: Span<UInt8>, base: UInt32) -> Escape {
        var number: UInt32 = 0
        var isEmpty = true
        while let (character, next) = self.character(bytes, at: index), let digit = Self.digit(character), digit < base
        {
            number = min(number &* base &+ digit, 0x11_0000)
            isEmpty = false
            index = next
        }
        // Half a surrogate pair is a character to Haskell, and none that UTF-8 can hold.
        guard !isEmpty, number < 0x11_0000, number & 0xFFFF_F800 != 0xD800 else { return .broken }
        return .scalar(number)
    }

    private static func digit(_ character: UInt32) -> UInt32? {
        switch character {
        case UInt32(ascii: "0")...UInt32(ascii: "9"): character &- UInt32(ascii: "0")
        case UInt32(ascii: "a")...UInt32(ascii: "f"): character &- UInt32(ascii: "a") &+ 10
        case UInt32(ascii: "A")...UInt32(ascii: "F"): character &- UInt32(ascii: "A") &+ 10
        default: nil
        }
    }

    /// The rest of a gap, whose first blank has been read.
    private mutating func readGap(_ bytes: Span<UInt8>) -> Escape {
        while let character = read(bytes) {
            switch character {
            case 0x20, 0x09..<0x0E: continue
            case UInt32(ascii: "\\"): return .nothing
            default: return .broken
            }
        }
        return .broken
    }

    /// The name of a control character; of two that fit, the longer: `\SOH` is no `\SO`.
    private mutating func readName(_ bytes: Span<UInt8>) -> Escape {
        var name: [UInt8] = []
        var found: Escape = .broken
        var place = index
        while name.count < 3, let (character, next) = character(bytes, at: place), character < 0x80 {
            name.append(UInt8(character))
            place = next
            guard let code = Self.names.firstIndex(where: { $0.elementsEqual(name) }) else { continue }
            found = .scalar(code < 0x20 ? UInt32(code) : 0x7F)
            index = place
        }
        return found
    }

    /// By code, and behind them that of 7F.
    private static let names = [
        "NUL", "SOH", "STX", "ETX", "EOT", "ENQ", "ACK", "BEL", "BS", "HT", "LF", "VT", "FF", "CR", "SO", "SI", "DLE",
        "DC1", "DC2", "DC3", "DC4", "NAK", "SYN", "ETB", "CAN", "EM", "SUB", "ESC", "FS", "GS", "RS", "US", "DEL",
    ].map { Array($0.utf8) }
}

extension UInt32 {
    fileprivate init(ascii letter: Unicode.Scalar) {
        self = letter.value
    }
}
