import Foundation

/// Something that is not as one by one execution would have left it.
struct Finding: Sendable {
    enum Wrong: Sendable {
        /// An effect, or a dead letter, is not there.
        case lost
        /// It is there more than once.
        case repeated
        /// It came after one that should have come later, or the last writer of a row did not win.
        case reordered
    }

    let wrong: Wrong
    /// In words.
    let text: String
    /// Whose effect it is, where that can be told.
    var entry: EntryName?
}

/// An entry of a round.
struct EntryName: Sendable, Hashable {
    let stream: Int
    let id: String

    /// Milliseconds and number of the ID, for comparing.
    var place: (Int64, Int64) {
        let parts = id.split(separator: "-").map { Int64($0) ?? 0 }
        return (parts.first ?? 0, parts.count > 1 ? parts[1] : 0)
    }
}

/// What a round came to.
struct Verdict: Sendable {
    var entries = 0
    /// By kind.
    var faults: [String: Int] = [:]
    var findings: [Finding] = []
    /// Anything else that must not be, in words: a drainer that died, entries left pending.
    var others: [String] = []

    var faultCount: Int { faults.values.reduce(0, +) }

    func count(_ wrong: Finding.Wrong) -> Int { findings.count { $0.wrong == wrong } }

    /// - Parameter atLeastOnce: repeats are allowed, and what they bring.
    func isGood(atLeastOnce: Bool) -> Bool {
        others.isEmpty && (atLeastOnce ? count(.lost) == 0 : findings.isEmpty)
    }

    mutating func add(_ other: Verdict) {
        entries += other.entries
        faults.merge(other.faults, uniquingKeysWith: +)
        findings += other.findings
        others += other.others
    }

    /// What was found, in words, with no more than a few of a kind.
    var words: [String] {
        var words = others
        for wrong in [Finding.Wrong.lost, .repeated, .reordered] {
            let found = findings.filter { $0.wrong == wrong }
            words += found.prefix(20).map { "\(wrong): \($0.text)" }
            if found.count > 20 { words.append("\(wrong): \(found.count) in all") }
        }
        return words
    }

    /// Says what was found, on standard error.
    func complain() {
        for line in words { FileHandle.standardError.write(Data("  \(line)\n".utf8)) }
    }

    /// A head for `row`.
    static let head = "  round                         faults    entries       lost   repeated  reordered"

    func row(_ name: String) -> String {
        let numbers = [faultCount, entries, count(.lost), count(.repeated), count(.reordered)]
        return "  " + name.padding(toLength: 26, withPad: " ", startingAt: 0)
            + numbers.enumerated().map { column, number in
                let text = number.formatted(.number.locale(Locale(identifier: "en_US_POSIX")).grouping(.automatic))
                return String(repeating: " ", count: max(1, (column == 0 ? 10 : 11) - text.count)) + text
            }.joined()
    }

    /// One line of JSON.
    var json: String {
        let kinds = faults.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",")
        return "{\"faults\":\(faultCount),\"entries\":\(entries),\"lost\":\(count(.lost)),"
            + "\"repeated\":\(count(.repeated)),\"reordered\":\(count(.reordered)),\"others\":\(others.count),"
            + "\"kinds\":{\(kinds)}}"
    }
}
