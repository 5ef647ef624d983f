import Drain
import Postgres

extension SinkFailure {
    /// Sorts an error of PostgreSQL into *the row is bad* and *the world is bad*, by the contract's lists.
    ///
    /// - Parameter concernsStatement: it came up before the statement saw a row.
    init(_ error: PostgresError, concernsStatement: Bool = false) {
        guard let state = error.sqlState else {
            self = .unavailable(
                Unavailability(
                    kind: error.isPermission ? .lasting : .transient,
                    isConnection: true,
                    message: error.message
                )
            )
            return
        }
        if Self.isWorld(state, message: error.message) {
            self = .unavailable(
                Unavailability(
                    kind: Self.isLasting(state) ? .lasting : .transient,
                    isConnection: Self.endsConnection(state),
                    sqlState: state,
                    message: error.isServersOwn
                        ? Self.withoutQuotations(error.message, state)
                        : "a function in the database raised it; its words may hold values (LOG_VALUES=on logs them)",
                    words: error.words
                )
            )
        } else {
            self = .refused(
                Refusal(
                    sqlState: state,
                    message: error.message,
                    words: error.words,
                    concernsStatement: concernsStatement || error.copyLine == 0,
                    row: error.copyLine.flatMap { $0 > 0 ? $0 - 1 : nil }
                )
            )
        }
    }

    private static let worldClasses: Set<String> = ["08", "25", "28", "40", "53", "57", "58", "XX"]
    private static let worldStates: Set<String> = [
        "55006", "55P03", "3D000",
        // Not bad rows but a session that is not what it was: a new one is made.
        "26000", "34000", "42P05",
    ]

    private static func isWorld(_ state: String, message: String) -> Bool {
        // Row security refuses rows with the SQLSTATE of a missing grant; only the words differ.
        if state == "42501" { return !message.contains("row-level security") }
        return worldClasses.contains(String(state.prefix(2))) || worldStates.contains(state)
    }

    /// Errors of these classes name objects and the server's state, never a row's values; but for those that an
    /// extension's input raises without a SQLSTATE of its own.
    private static func withoutQuotations(_ message: String, _ state: String) -> String {
        guard state == "XX000" else { return message }
        return message.split(separator: "\"", omittingEmptySubsequences: false).enumerated()
            .map { $0.isMultiple(of: 2) ? String($1) : "…" }.joined(separator: "\"")
    }

    /// An outage at once: no quick retry mends a missing grant, a refused login, a read-only server, a full disk.
    private static func isLasting(_ state: String) -> Bool {
        state.hasPrefix("28") || ["42501", "25006", "53100", "3D000"].contains(state)
    }

    private static func endsConnection(_ state: String) -> Bool {
        state.hasPrefix("08") || state.hasPrefix("57P") || state.hasPrefix("28")
            || ["26000", "34000", "42P05", "25006", "3D000", "53300"].contains(state)
    }
}

extension PostgresError {
    /// Whether the server itself chose the words: of the world's classes, they then name objects and its own state.
    /// A function may raise any SQLSTATE with any words; it stands innermost in the context.
    fileprivate var isServersOwn: Bool {
        guard let context else { return true }
        return context.hasPrefix("SQL statement ") || context.hasPrefix("while ")
    }

    fileprivate var words: String {
        ([message] + [detail, context].compactMap { $0 }).joined(separator: " | ")
            .split(whereSeparator: \.isNewline).joined(separator: " ")
    }
}
