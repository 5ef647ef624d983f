/// A `where` that is more than equality on each of its columns.
package indirect enum Predicate: Sendable, Hashable {
    package enum Comparison: String, Sendable, Hashable {
        case equal = "="
        case notEqual = "<>"
        case greater = ">"
        case greaterOrEqual = ">="
        case less = "<"
        case lessOrEqual = "<="
    }

    case and([Predicate])
    case or([Predicate])
    case not(Predicate)
    /// The column against the cell, which is never null.
    case compare(column: String, Comparison, Cell)
    case isNull(column: String)
    case isNotNull(column: String)
    /// Column equal to one of the cells; null cells never match. No cells match no row.
    case isIn(column: String, [Cell])
    /// Column equal to none of the cells (SQL's NOT IN, so a null cell matches no row). No cells match every row.
    case isNotIn(column: String, [Cell])
}
