import Entries

/// A 64-bit stand-in for a value that commands may conflict on.
///
/// Values that the database takes for equal always have equal hashes; different values may share one, which costs an
/// unnecessary order and never a wrong one.
struct KeyHash: Hashable {
    private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    init(table: Int, key: Int) {
        mix(UInt64(truncatingIfNeeded: table))
        mix(UInt64(truncatingIfNeeded: key) &+ 0x9e37_79b9)
    }

    private mutating func mix(_ word: UInt64) {
        value = (value ^ word) &* 0x0000_0100_0000_01b3
        value ^= value >> 29
    }

    private mutating func mix(_ byte: UInt8) {
        value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
    }

    /// Adds one value as its column compares it; false where its text is none that the comparison can read.
    mutating func add(_ cell: Cell, of window: Window, comparedAs comparison: TableFacts.Comparison) -> Bool {
        defer { mix(0x1f as UInt64) }
        switch cell.kind {
        case .null, .array, .object, .texts: return comparison == .unknown
        case .true, .false, .number, .string: return add(window.arena[cell.bytes.range], comparedAs: comparison)
        // To an integer, the `1.0` of a KV entry is 1.
        case .text where comparison != .integer: return add(window.arena[cell.bytes.range], comparedAs: comparison)
        case .text, .escapedText, .literal, .escapedString:
            var text: [UInt8] = []
            window.append(cell, readAs: comparison == .integer ? .integer : .text, to: &text)
            return add(text[...], comparedAs: comparison)
        }
    }

    private mutating func add(_ text: ArraySlice<UInt8>, comparedAs comparison: TableFacts.Comparison) -> Bool {
        switch comparison {
        case .unknown: return true
        case .text:
            let end = text.lastIndex { $0 != UInt8(ascii: " ") }.map { $0 + 1 } ?? text.startIndex
            for byte in text[text.startIndex..<end] { mix(byte) }
            return true
        case .uuid:
            for byte in text {
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"): mix(byte)
                case UInt8(ascii: "A")...UInt8(ascii: "F"): mix(byte | 0x20)
                case UInt8(ascii: "-"), UInt8(ascii: "{"), UInt8(ascii: "}"): break
                default: return false
                }
            }
            return true
        case .integer: return addInteger(text)
        }
    }

    private mutating func addInteger(_ text: ArraySlice<UInt8>) -> Bool {
        var digits = text.drop { $0 == UInt8(ascii: " ") }
        var isNegative = false
        if let sign = digits.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
            isNegative = sign == UInt8(ascii: "-")
            digits = digits.dropFirst()
        }
        guard !digits.isEmpty else { return false }
        let significant = digits.drop { $0 == UInt8(ascii: "0") }
        if isNegative, !significant.isEmpty { mix(UInt8(ascii: "-")) }
        for byte in significant {
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return false }
            mix(byte)
        }
        return true
    }
}
