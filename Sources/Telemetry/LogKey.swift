/// The keys of structured log lines, each named once.
package enum LogKey {
    package static let stream = "stream"
    package static let table = "table"
    package static let reason = "reason"
    package static let error = "error"
    package static let sqlState = "sqlstate"
    package static let count = "count"
    /// First and last entry ID of a range.
    package static let first = "first"
    package static let last = "last"
    /// Entries that nobody can write any more.
    package static let lost = "lost"
    package static let signal = "signal"
    package static let setting = "setting"
    package static let group = "group"
    package static let version = "version"
    package static let key = "key"
    package static let allowed = "allowed"
    package static let address = "address"
    package static let entries = "entries"
    package static let rows = "rows"
    package static let statements = "statements"
    package static let fallbacks = "fallbacks"
    package static let deadLetters = "dead_letters"
    package static let duration = "duration"
    /// Entries a second.
    package static let rate = "rate"
    /// PostgreSQL's own words, its DETAIL and CONTEXT among them: they echo values.
    package static let words = "words"

    /// What may hold a row's values: in a log only where an operator wants them there.
    package static let quoting: Set = [words]
}
