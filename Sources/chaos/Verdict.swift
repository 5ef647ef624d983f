import Foundation

/// What a round came to.
struct Verdict: Sendable {
    var entries = 0
    /// By kind.
    var faults: [String: Int] = [:]
    /// Effects, or dead letters, that are not there.
    var lost = 0
    /// Effects, or dead letters, that are there more than once.
    var repeated = 0
    /// Effects that came after one that should have come later, and rows whose last writer did not win.
    var reordered = 0
    /// Anything else that must not be, in words: a drainer that died, entries left pending.
    var others: [String] = []
    /// Examples of what is counted, for whoever looks for the reason.
    var examples: [String] = []

    var faultCount: Int { faults.values.reduce(0, +) }

    /// - Parameter atLeastOnce: repeats are allowed, and what they bring.
    func isGood(atLeastOnce: Bool) -> Bool {
        lost == 0 && others.isEmpty && (atLeastOnce || (repeated == 0 && reordered == 0))
    }

    static func + (one: Verdict, other: Verdict) -> Verdict {
        Verdict(
            entries: one.entries + other.entries,
            faults: one.faults.merging(other.faults, uniquingKeysWith: +),
            lost: one.lost + other.lost,
            repeated: one.repeated + other.repeated,
            reordered: one.reordered + other.reordered,
            others: one.others + other.others,
            examples: one.examples + other.examples
        )
    }

    /// A head for `row`.
    static let head = "  round                         faults    entries       lost   repeated  reordered"

    func row(_ name: String) -> String {
        "  " + name.padding(toLength: 26, withPad: " ", startingAt: 0)
            + [faultCount, entries, lost, repeated, reordered].enumerated().map { column, number in
                let text = number.formatted(.number.locale(Locale(identifier: "en_US_POSIX")).grouping(.automatic))
                return String(repeating: " ", count: max(1, (column == 0 ? 10 : 11) - text.count)) + text
            }.joined()
    }

    /// One line of JSON.
    var json: String {
        let kinds = faults.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",")
        return "{\"faults\":\(faultCount),\"entries\":\(entries),\"lost\":\(lost),\"repeated\":\(repeated),"
            + "\"reordered\":\(reordered),\"others\":\(others.count),\"kinds\":{\(kinds)}}"
    }
}
