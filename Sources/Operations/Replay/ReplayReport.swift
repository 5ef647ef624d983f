import Drain
import StreamSource

/// What a replay did.
package struct ReplayReport: Sendable, Encodable {
    package let entries: Int
    package let rows: Int
    package let unmatched: Int
    package let refused: [RefusedReason]
    package let seconds: Double
    /// `complete`, `stopped` or `lost`.
    package let ending: String

    package var isComplete: Bool { ending == "complete" }

    init(_ totals: Totals, ending: ReplaySource.Ending, refused: RefusedEntries, duration: Duration) {
        entries = totals.entries
        rows = totals.rows
        unmatched = totals.unmatched
        self.refused = refused.reasons
        seconds = ((duration / .seconds(1)) * 1000).rounded() / 1000
        self.ending =
            switch ending {
            case .complete: "complete"
            case .stopped, .halted: "stopped"
            case .lost: "lost"
            }
    }

    /// For people.
    package var text: String {
        var page = Paragraphs()
        page.append(
            "\(counted(entries, "entry", "entries")) in \(seconds) s: \(counted(rows, "row", "rows")) written, "
                + "\(unmatched) unmatched"
        )
        for reason in refused { page.append(reason.text) }
        return page.text
    }
}

/// Why entries were refused.
package struct RefusedReason: Sendable, Encodable {
    package let error: String
    package let table: String?
    package let count: Int
    /// The first of them.
    package let first: String

    var text: String {
        "\(count) refused again (\(error)\(table.map { ", \($0)" } ?? "")), the first of them \(first)"
    }
}

extension RefusedEntries {
    var reasons: [RefusedReason] {
        counts.sorted { $0.key < $1.key }.map { reason, found in
            RefusedReason(error: reason.error, table: reason.table, count: found.count, first: "\(found.first)")
        }
    }
}
