import Drain
import Entries

/// The statements prepared on the current connection: one for each signature and form, whatever the number of rows.
struct PreparedStatements {
    struct Key: Hashable {
        let signature: Signature
        let form: Statement.Form
    }

    /// More are not kept: each costs the server memory.
    static let most = 500

    /// The server's are to be dropped before the next transaction: there are too many, or a table has changed.
    private(set) var areStale = false
    private var names: [Key: String] = [:]
    private var count = 0

    subscript(key: Key) -> String? {
        get { names[key] }
        set {
            names[key] = newValue
            if names.count >= Self.most { expire() }
        }
    }

    mutating func newName() -> String {
        count += 1
        return "drainer_\(count)"
    }

    /// Prepares everything anew from here on.
    mutating func expire() {
        names = [:]
        areStale = true
    }

    /// The connection has none any more.
    mutating func forget() {
        names = [:]
        areStale = false
    }
}
