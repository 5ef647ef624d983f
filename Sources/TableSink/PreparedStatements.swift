import Drain
import Entries

/// The statements of the current connection: one for each signature and form, whatever the number of rows.
struct PreparedStatements {
    struct Key: Hashable {
        let signature: Signature
        let form: Statement.Form
    }

    /// More are not kept: each costs the server memory.
    static let most = 500

    /// Names that the server is to forget before the next transaction: there are too many, or a table has changed.
    private(set) var obsolete: [String] = []
    private var names: [Key: String] = [:]
    /// Named and not yet prepared.
    private var unprepared: [String: String] = [:]
    private var count = 0

    /// The name of a statement, a new one where it has none; `sql` then makes its text.
    mutating func name(of key: Key, sql: () -> String) -> String {
        if let name = names[key] { return name }
        if names.count >= Self.most { expire() }
        count += 1
        let name = "drainer_\(count)"
        names[key] = name
        unprepared[name] = sql()
        return name
    }

    /// The text under which a name must be prepared first; nil where it is.
    func sqlToPrepare(_ name: String) -> String? { unprepared[name] }

    mutating func isPrepared(_ name: String) {
        unprepared[name] = nil
    }

    /// The server refused it, or never came to it.
    mutating func isNotPrepared(_ name: String) {
        names = names.filter { $0.value != name }
        // It may have been taken for prepared when the others were given up.
        obsolete.removeAll { $0 == name }
    }

    /// Prepares everything anew from here on.
    mutating func expire() {
        obsolete += names.values.filter { unprepared[$0] == nil }
        names = [:]
        unprepared = [:]
    }

    /// A statement that was prepared under a name of its own is not wanted any more.
    mutating func drop(_ name: String) {
        obsolete.append(name)
    }

    /// The server has forgotten what is obsolete.
    mutating func haveDropped() {
        obsolete = []
    }

    /// The connection has none any more.
    mutating func forget() {
        names = [:]
        unprepared = [:]
        obsolete = []
    }
}
