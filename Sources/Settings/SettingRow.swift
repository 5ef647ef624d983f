/// What is said about a setting wherever its value does not matter: in help, documentation and the check of keys.
package protocol SettingRow: Sendable {
    /// The name in the environment, in upper snake case; the flag and the file's key are made from it.
    var name: String { get }
    /// What stands for a value in help: `N`, `DURATION`.
    var placeholder: String { get }
    /// What is allowed, as the object of *give*: `a whole number from 1 to 64`.
    var allowed: String { get }
    /// The text read where nobody gave one; empty where the value is found when the process starts.
    var defaultText: String { get }
    /// What stands in place of a default that is no fixed text: `the host name`.
    var defaultNote: String? { get }
    /// A value for the file of settings where the default is no fixed text.
    var example: String? { get }
    /// One paragraph for an operator.
    var help: String { get }
    /// Whether the value may hold a password, and is never repeated as it was given.
    var isSecret: Bool { get }
}

extension SettingRow {
    /// The name on the command line: `--insert-batch-size`.
    package var flag: String { "--" + key.map { $0 == "_" ? "-" : String($0) }.joined() }

    /// The name in the file of settings: `insert_batch_size`.
    package var key: String { name.lowercased() }

    /// The default as people read it.
    package var defaultDescription: String { defaultNote ?? defaultText }
}
