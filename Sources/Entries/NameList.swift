/// Names in the order of the entry, without escapes: what is needed to compare and sort them.
struct NameList: Sendable {
    private var bytes: [UInt8] = []
    /// One end in `bytes` per name.
    private var ends: [Int] = []

    init() {}

    /// The names that `PackedNames` holds.
    init(_ names: PackedNames) {
        var raw: [UInt8] = []
        var isEscaped = false
        var isAfterBackslash = false
        for word in names.words {
            for place in 0..<8 {
                let byte = UInt8(truncatingIfNeeded: word &>> UInt64(8 &* place))
                if byte == UInt8(ascii: "\""), !isAfterBackslash {
                    append(raw: raw, isEscaped: isEscaped)
                    raw.removeAll(keepingCapacity: true)
                    isEscaped = false
                    // The rest of a name's last word is padding.
                    break
                }
                isAfterBackslash = byte == UInt8(ascii: "\\") && !isAfterBackslash
                isEscaped = isEscaped || isAfterBackslash
                raw.append(byte)
            }
        }
    }

    /// The one name that lies in `range` of `source`, between its quotes.
    init(_ source: Span<UInt8>, _ range: Range<Int>, isEscaped: Bool) {
        append(source, range, isEscaped: isEscaped)
    }

    /// Appends the name that lies in `range` of `source`, between its quotes.
    mutating func append(_ source: Span<UInt8>, _ range: Range<Int>, isEscaped: Bool) {
        var raw: [UInt8] = []
        raw.reserveCapacity(range.count)
        for index in range { raw.append(source[index]) }
        append(raw: raw, isEscaped: isEscaped)
    }

    private mutating func append(raw: [UInt8], isEscaped: Bool) {
        if isEscaped {
            bytes.append(unescaping: raw, 0..<raw.count)
        } else {
            bytes.append(contentsOf: raw)
        }
        ends.append(bytes.count)
    }

    /// Appends a name without escapes.
    mutating func append(_ name: ArraySlice<UInt8>) {
        bytes.append(contentsOf: name)
        ends.append(bytes.count)
    }

    var count: Int { ends.count }

    /// Where a name's bytes lie.
    private func range(_ name: Int) -> Range<Int> {
        (name == 0 ? 0 : ends[name - 1])..<ends[name]
    }

    func utf8(_ name: Int) -> ArraySlice<UInt8> { bytes[range(name)] }

    func text(_ name: Int) -> String { String(decoding: utf8(name), as: UTF8.self) }

    /// Indices of the names, sorted by UTF-8 bytes: an order that no locale, normalisation or Unicode version changes.
    func sortedOrder() -> [Int] {
        let heads = (0..<count).map(head)
        return (0..<count).sorted { one, other in
            if heads[one] != heads[other] { return heads[one] < heads[other] }
            return utf8(one).lexicographicallyPrecedes(utf8(other))
        }
    }

    /// As `sortedOrder`; nil where two names are equal.
    func sortedDistinctOrder() -> [Int]? {
        let order = sortedOrder()
        return distinct(order).count == order.count ? order : nil
    }

    /// Drops from a sorted order all but the first of equal names.
    func distinct(_ order: [Int]) -> [Int] {
        var distinct: [Int] = []
        distinct.reserveCapacity(order.count)
        for name in order {
            if let last = distinct.last, utf8(last) == utf8(name) { continue }
            distinct.append(name)
        }
        return distinct
    }

    /// Of a sorted order, each name that equals the one before it, with that.
    func twins(_ order: [Int]) -> [(Int, Int)] {
        zip(order, order.dropFirst()).filter { utf8($0) == utf8($1) }.map { ($0, $1) }
    }

    /// The first eight bytes, the first one highest: decides most comparisons.
    private func head(_ name: Int) -> UInt64 {
        var head: UInt64 = 0
        let range = range(name)
        for place in 0..<8 {
            head = head << 8 | (place < range.count ? UInt64(bytes[range.lowerBound + place]) : 0)
        }
        return head
    }

    static func duplicate(at index: Int) -> ParseFailure {
        ParseFailure("a key stands twice in one object", at: index)
    }
}
