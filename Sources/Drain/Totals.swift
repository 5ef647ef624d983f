/// What a run has done; the fields of the summary.
package struct Totals: Sendable, Equatable {
    /// Acknowledged, dead letters included.
    package var entries = 0
    /// Inserted, updated, deleted.
    package var rows = 0
    /// Data statements sent, refused ones too.
    package var statements = 0
    /// Statements that carried a batch and stood.
    package var bulkStatements = 0
    /// Commands executed alone because forced, below the threshold or with batching off.
    package var sequential = 0
    /// Batches refused and written again.
    package var fallbacks = 0
    package var deadLetters = 0
    package var duplicatesSkipped = 0
    /// Updates and deletes that met no row, creates that met an existing key.
    package var unmatched = 0

    package init() {}

    package static func += (sum: inout Totals, other: Totals) { sum.combine(with: other, +) }

    /// What has come on top of `earlier`.
    func since(_ earlier: Totals) -> Totals {
        var result = self
        result.combine(with: earlier, -)
        return result
    }

    private mutating func combine(with other: Totals, _ operation: (Int, Int) -> Int) {
        entries = operation(entries, other.entries)
        rows = operation(rows, other.rows)
        statements = operation(statements, other.statements)
        bulkStatements = operation(bulkStatements, other.bulkStatements)
        sequential = operation(sequential, other.sequential)
        fallbacks = operation(fallbacks, other.fallbacks)
        deadLetters = operation(deadLetters, other.deadLetters)
        duplicatesSkipped = operation(duplicatesSkipped, other.duplicatesSkipped)
        unmatched = operation(unmatched, other.unmatched)
    }
}
