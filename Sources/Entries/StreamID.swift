/// The ID of one stream entry: milliseconds since the epoch and a sequence number, as Redis orders them.
package struct StreamID: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// Milliseconds since the epoch, by the clock of whoever added the entry.
    package let milliseconds: UInt64
    /// Tells entries of one millisecond apart.
    package let sequence: UInt64

    package static let zero = StreamID(milliseconds: 0, sequence: 0)
    package static let max = StreamID(milliseconds: .max, sequence: .max)

    package init(milliseconds: UInt64, sequence: UInt64) {
        self.milliseconds = milliseconds
        self.sequence = sequence
    }

    /// Reads `1700000000000-0`, and `1700000000000` as its first ID; nil for anything else.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        // UInt64 would take a plus sign.
        guard (1...2).contains(parts.count), parts.allSatisfy({ $0.utf8.first != UInt8(ascii: "+") }),
            let milliseconds = UInt64(parts[0])
        else { return nil }
        guard let sequence = parts.count == 2 ? UInt64(parts[1]) : 0 else { return nil }
        self.init(milliseconds: milliseconds, sequence: sequence)
    }

    /// Reads the ASCII of `1700000000000-0`, the form in which Redis sends every ID; nil for anything else.
    package init?(ascii bytes: Span<UInt8>) {
        var index = 0
        guard let milliseconds = Self.number(in: bytes, at: &index), index < bytes.count,
            bytes[index] == UInt8(ascii: "-")
        else { return nil }
        index &+= 1
        guard let sequence = Self.number(in: bytes, at: &index), index == bytes.count else { return nil }
        self.init(milliseconds: milliseconds, sequence: sequence)
    }

    /// Reads the digits from `index` on and moves it behind them; nil where there is none, or the number is too large.
    @inline(__always)
    private static func number(in bytes: Span<UInt8>, at index: inout Int) -> UInt64? {
        let start = index
        // Every number of 19 digits fits.
        let checked = min(bytes.count, start &+ 19)
        var number: UInt64 = 0
        while index < checked, bytes[index] &- UInt8(ascii: "0") <= 9 {
            number = number &* 10 &+ UInt64(bytes[index] &- UInt8(ascii: "0"))
            index &+= 1
        }
        while index < bytes.count, bytes[index] &- UInt8(ascii: "0") <= 9 {
            let (product, overflow) = number.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(UInt64(bytes[index] &- UInt8(ascii: "0")))
            guard !overflow, !carry else { return nil }
            number = sum
            index &+= 1
        }
        return index > start ? number : nil
    }

    package var description: String { "\(milliseconds)-\(sequence)" }

    /// The smallest ID above this one; `max` has none and stays, since whoever adds entries may choose it.
    package var next: StreamID {
        if self == .max { return self }
        return sequence == .max
            ? StreamID(milliseconds: milliseconds + 1, sequence: 0)
            : StreamID(milliseconds: milliseconds, sequence: sequence + 1)
    }

    /// The largest ID below this one; `zero` has none and stays.
    package var previous: StreamID {
        if self == .zero { return self }
        return sequence == 0
            ? StreamID(milliseconds: milliseconds - 1, sequence: .max)
            : StreamID(milliseconds: milliseconds, sequence: sequence - 1)
    }

    package static func < (lhs: StreamID, rhs: StreamID) -> Bool {
        (lhs.milliseconds, lhs.sequence) < (rhs.milliseconds, rhs.sequence)
    }
}

/// Writes IDs as ASCII. Those of one millisecond share their first part: in a busy stream that is most of them.
package struct StreamIDWriter {
    private var milliseconds: UInt64?
    /// The first part and its dash.
    private var head: [UInt8] = []

    package init() {}

    /// Appends the ID's `description`.
    package mutating func append(_ id: StreamID, to bytes: inout [UInt8]) {
        if milliseconds != id.milliseconds {
            milliseconds = id.milliseconds
            head.removeAll(keepingCapacity: true)
            Self.append(id.milliseconds, to: &head)
            head.append(UInt8(ascii: "-"))
        }
        bytes.append(contentsOf: head)
        Self.append(id.sequence, to: &bytes)
    }

    private static func append(_ number: UInt64, to bytes: inout [UInt8]) {
        if number >= 10 { append(number / 10, to: &bytes) }
        bytes.append(UInt8(ascii: "0") + UInt8(number % 10))
    }
}
