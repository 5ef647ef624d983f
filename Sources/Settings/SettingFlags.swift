/// The flags that settings are given by on the command line, and `--config`.
///
/// Cut here because swift-configuration's own provider splits values at commas, takes a missing value for true and
/// passes over what it does not know.
struct SettingFlags {
    static let file = "--config"

    /// Texts by the settings' keys.
    private(set) var values: [String: String] = [:]
    /// The value of `--config`.
    private(set) var file: String?

    /// Reads `--name value` and `--name=value`. A value may begin with one dash, so that a negative number is told to be
    /// out of range; one that begins with two needs the `=`.
    init(_ arguments: [String]) throws(SettingsError) {
        let keys = Dictionary(uniqueKeysWithValues: SettingsTable.all.map { ($0.flag, $0.key) })
        var seen: Set<String> = []
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            let flag = String(argument.prefix { $0 != "=" })
            guard flag.hasPrefix("--"), flag != "--" else {
                let what = "unexpected argument \"\(Redaction.redacted(value: argument))\""
                throw SettingsError(.usage, what: what, remedy: "give settings as --name value, see drainer run --help")
            }
            guard flag == Self.file || keys[flag] != nil else {
                let guess = NameGuess(flag, among: keys.keys + [Self.file]).nearest.map { "did you mean \($0)?" }
                let what = "unknown flag \(Redaction.redacted(value: flag))"
                throw SettingsError(.usage, what: what, remedy: guess ?? "see drainer run --help")
            }
            guard seen.insert(flag).inserted else {
                throw SettingsError(.usage, what: "\(flag) is given twice", remedy: "give it once")
            }
            let value: String
            if flag.endIndex < argument.endIndex, argument.count > flag.count {
                value = String(argument.dropFirst(flag.count + 1))
            } else if let next = rest.first, !next.hasPrefix("--") {
                value = next
                rest.removeFirst()
            } else {
                throw SettingsError(.usage, what: "\(flag) has no value", remedy: "give one as \(flag)=VALUE")
            }
            if let key = keys[flag] {
                values[key] = value
            } else {
                guard !value.isEmpty else {
                    throw SettingsError(.usage, what: "\(flag) has no value", remedy: "give the path of a YAML file")
                }
                file = value
            }
        }
    }
}
