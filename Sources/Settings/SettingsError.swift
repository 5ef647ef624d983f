/// Why the settings cannot be used, in one line for standard error. Holds no secret, as it stands and in a dump.
package struct SettingsError: Error, Sendable, Equatable {
    /// The kind of mistake; more may follow.
    package struct Code: Sendable, Hashable, CustomStringConvertible {
        package let description: String

        /// An unknown flag, a flag without a value, a flag given twice, an argument that is no flag.
        package static let usage = Code(description: "usage")
        /// A key in the file that names no setting.
        package static let unknownKey = Code(description: "unknownKey")
        /// A value out of range or of the wrong type.
        package static let badValue = Code(description: "badValue")
        /// A file that is missing, unreadable or no YAML.
        package static let file = Code(description: "file")
    }

    package let code: Code
    /// The environment name of the setting; nil where the mistake belongs to none.
    package let setting: String?
    /// What is wrong, and where it stands.
    package let what: String
    /// What to do about it.
    package let remedy: String

    init(_ code: Code, setting: String? = nil, what: String, remedy: String) {
        self.code = code
        self.setting = setting
        self.what = what
        self.remedy = remedy
    }

    /// 64 (`EX_USAGE`) for a mistake on the command line itself, 78 (`EX_CONFIG`) for everything else.
    package var exitCode: Int32 { code == .usage ? 64 : 78 }
}

extension SettingsError: CustomStringConvertible {
    /// `<what>: <what to do>`.
    package var description: String { "\(what): \(remedy)" }
}

extension SettingsError {
    /// A text that is no value of its setting. A secret's text stays out: the reason has to do.
    static func badValue(_ row: some SettingRow, text: String, origin: SettingOrigin, refusal: ValueRefusal) -> Self {
        let place =
            switch origin {
            case .default: "default"
            case .file(let path): "\(row.key) in \(path.line())"
            case .environment: "environment"
            case .flag: "flag \(row.flag)"
            }
        let what =
            if row.isSecret {
                "\(row.name) (\(place)) \(refusal.reason ?? "cannot be read")"
            } else if let reason = refusal.reason {
                "\(row.name) is \"\(Redaction.redacted(value: text))\" (\(place)), which \(reason)"
            } else {
                "\(row.name) is \"\(Redaction.redacted(value: text))\" (\(place))"
            }
        return Self(.badValue, setting: row.name, what: what, remedy: refusal.remedy ?? "give \(row.allowed)")
    }
}
