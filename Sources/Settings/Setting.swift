/// One setting: its name, how its text becomes a value, its default and what an operator should know of it.
package struct Setting<Value: Sendable>: SettingRow {
    package let name: String
    package let syntax: SettingSyntax<Value>
    package let defaultText: String
    package let defaultNote: String?
    package let example: String?
    package let isSecret: Bool
    package let help: String

    package var placeholder: String { syntax.placeholder }
    package var allowed: String { syntax.allowed }

    init(
        _ name: String,
        _ syntax: SettingSyntax<Value>,
        default defaultText: String,
        defaultNote: String? = nil,
        example: String? = nil,
        isSecret: Bool = false,
        help: String
    ) {
        self.name = name
        self.syntax = syntax
        self.defaultText = defaultText
        self.defaultNote = defaultNote
        self.example = example
        self.isSecret = isSecret
        self.help = help
    }
}
