extension SettingSyntax where Value == Bool {
    /// `true`, `1` and `yes` against `false`, `0` and `no`, in any case.
    static var boolean: Self { choice(yes: "true", no: "false", allowed: "true or false (also 1, 0, yes, no)") }

    /// `on` and `off`, in any case; whoever thinks of it as a boolean may write one.
    static var toggle: Self { choice(yes: "on", no: "off", allowed: "on or off") }

    private static func choice(yes: String, no: String, allowed: String) -> Self {
        Self("\(yes)|\(no)", allowed: allowed) { text throws(ValueRefusal) in
            switch text.trimmed.lowercased() {
            case yes, "true", "1", "yes": true
            case no, "false", "0", "no": false
            default: throw ValueRefusal()
            }
        }
    }
}

extension SettingSyntax where Value: CaseIterable & RawRepresentable, Value.RawValue == String {
    /// One of the raw values, in any case.
    static var word: Self {
        let words = Value.allCases.map(\.rawValue)
        return Self(words.joined(separator: "|"), allowed: "one of " + words.joined(separator: ", ")) {
            text throws(ValueRefusal) in
            guard let value = Value(rawValue: text.trimmed.lowercased()) else { throw ValueRefusal() }
            return value
        }
    }
}
