/// What a statement gave back, copied out of libpq.
package struct PostgresResult: Sendable {
    /// Row by row, column by column, as text; nil is NULL.
    package let rows: [[String?]]
    /// Rows inserted, updated or deleted; rows returned by a SELECT.
    package let affected: Int

    package init(rows: [[String?]] = [], affected: Int = 0) {
        self.rows = rows
        self.affected = affected
    }
}
