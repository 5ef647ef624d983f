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
}
