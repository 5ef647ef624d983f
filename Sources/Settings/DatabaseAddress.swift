import Postgres

/// How to reach PostgreSQL: what libpq is given, as it was written. Printing it shows no password.
package struct DatabaseAddress: Sendable, Hashable {
    /// A libpq URI or conninfo; nil leaves all to libpq's `PG*` variables.
    package let text: String?

    /// Its syntax is libpq's; but for a NUL, where libpq would silently stop reading.
    package init(_ text: String) throws(ValueRefusal) {
        guard !text.utf8.contains(0) else { throw ValueRefusal("holds a NUL character") }
        if let fault = ConnectionString.fault(in: text) { throw ValueRefusal("cannot be read by libpq (\(fault))") }
        self.text = text.trimmed.isEmpty ? nil : text
    }
}

extension DatabaseAddress: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { text.map(Redaction.redacted(connection:)) ?? "libpq's own PG* variables" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(reflecting: description) }
}
