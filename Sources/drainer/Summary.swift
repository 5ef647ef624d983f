import Drain
import Foundation

/// What a run did, for people or for machines.
struct Summary {
    let totals: Totals
    let duration: Duration

    private var seconds: Double {
        Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
    }

    /// One line; names and order are fixed by the contract.
    var json: String {
        """
        {"entries":\(totals.entries),"rows":\(totals.rows),"statements":\(totals.statements),\
        "bulkStatements":\(totals.bulkStatements),"sequential":\(totals.sequential),"fallbacks":\(totals.fallbacks),\
        "deadLetters":\(totals.deadLetters),"duplicatesSkipped":\(totals.duplicatesSkipped),\
        "unmatched":\(totals.unmatched),"seconds":\(String(format: "%.3f", seconds))}
        """
    }

    var text: String {
        let rate = seconds > 0 ? Double(totals.entries) / seconds : 0
        return """
            \(totals.entries) entries in \(String(format: "%.1f", seconds)) s (\(Int(rate))/s)
            \(totals.rows) rows written by \(totals.statements) statements, \(totals.bulkStatements) of them bulk; \
            \(totals.sequential) commands alone
            \(totals.deadLetters) dead letters, \(totals.fallbacks) fallbacks, \(totals.unmatched) unmatched, \
            \(totals.duplicatesSkipped) duplicates skipped
            """
    }
}
