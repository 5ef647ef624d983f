/// SplitMix64: the same seed gives the same rows.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func below(_ limit: Int) -> Int {
        Int.random(in: 0..<limit, using: &self)
    }

    mutating func pick<T>(_ values: [T]) -> T {
        values[below(values.count)]
    }

    /// True in `percent` of 100 cases.
    mutating func chance(_ percent: Int) -> Bool {
        below(100) < percent
    }

    /// `count` decimal digits.
    mutating func digits(_ count: Int) -> String {
        var text = ""
        for _ in 0..<count { text.append(Character(UnicodeScalar(UInt8(48 + below(10))))) }
        return text
    }

    /// A number below `whole` with two decimals.
    mutating func amount(below whole: Int) -> String {
        "\(below(whole)).\(digits(2))"
    }

    /// A moment of the year 2026, in UTC.
    mutating func moment() -> String {
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let day = "2026-\(two(1 + below(12)))-\(two(1 + below(28)))"
        return "\(day) \(two(below(24))):\(two(below(60))):\(two(below(60))).\(digits(6))+00"
    }

    /// A version 4 UUID.
    mutating func uuid() -> String {
        let high = next() & ~0xF000 | 0x4000
        let low = next() & ~(0xC0 << 56) | (0x80 << 56)
        let hex = Array("0123456789abcdef".utf8)
        return String(unsafeUninitializedCapacity: 36) { buffer in
            var place = 0
            for word in [high, low] {
                for nibble in 0..<16 {
                    if place == 8 || place == 13 || place == 18 || place == 23 {
                        buffer[place] = UInt8(ascii: "-")
                        place += 1
                    }
                    buffer[place] = hex[Int(word >> UInt64(60 - 4 * nibble) & 15)]
                    place += 1
                }
            }
            return place
        }
    }
}

/// Which entries of a run are to be refused: `bad` of `count`, evenly spread.
struct BadPlaces {
    private let count: Int
    private let bad: Int
    /// How many have been met so far.
    private(set) var met = 0

    init(count: Int, bad: Int) {
        self.count = count
        self.bad = bad
    }

    /// Whether the entry at `index` is one; to be asked once for each, in order.
    mutating func isBad(_ index: Int) -> Bool {
        guard met < bad, index >= (2 * met + 1) * count / (2 * bad) else { return false }
        met += 1
        return true
    }
}
