/// What PostgreSQL, or the connection to it, answered instead of a result.
package struct PostgresError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Five characters; nil where the connection, not the server, failed.
    package let sqlState: String?
    /// The primary message. It can quote a row's values (22P02), so it belongs in a dead letter; in a log only where an
    /// operator wants values there.
    package let message: String
    /// DETAIL, which echoes whole rows: nothing but a log that an operator wants values in may hold it.
    package let detail: String?
    /// CONTEXT, innermost first: where in the server the error came up. Echoes values as DETAIL does.
    package let context: String?
    package let schema: String?
    package let table: String?
    package let column: String?
    package let constraint: String?
    /// The line of a COPY, from 1, at which the server stopped, where it says so; 0 where it asked for none.
    package internal(set) var copyLine: Int?

    package init(
        sqlState: String?,
        message: String,
        detail: String? = nil,
        context: String? = nil,
        schema: String? = nil,
        table: String? = nil,
        column: String? = nil,
        constraint: String? = nil,
        copyLine: Int? = nil
    ) {
        self.sqlState = sqlState
        self.message = message
        self.detail = detail
        self.context = context
        self.schema = schema
        self.table = table
        self.column = column
        self.constraint = constraint
        self.copyLine = copyLine
    }

    /// The refusal of a COPY, counting its lines behind those of COPYs before it.
    package func copied(behind lines: Int) -> PostgresError {
        var refusal = self
        if let line = copyLine, line > 0 { refusal.copyLine = line + lines }
        return refusal
    }

    /// Whether a login was refused or a permission is missing: an operator must act.
    ///
    /// libpq 15 does not tell the SQLSTATE of a failed connection attempt, so its words are looked at.
    package var isPermission: Bool {
        if let sqlState { return sqlState.hasPrefix("28") || sqlState == "42501" }
        return ["authentication failed", "no pg_hba.conf entry", "permission denied", "no password supplied"]
            .contains { message.contains($0) }
            || (message.contains("role \"") && message.contains("does not exist"))
    }

    package var description: String { sqlState.map { "\($0): \(message)" } ?? message }
}
