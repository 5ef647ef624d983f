/// How the text of a setting becomes a value. Every source gives text, so a setting means the same wherever it stands.
package struct SettingSyntax<Value: Sendable>: Sendable {
    /// What stands for a value in help: `N`, `DURATION`.
    package let placeholder: String
    /// What is allowed, as the object of *give*.
    package let allowed: String
    private let read: @Sendable (String) throws(ValueRefusal) -> Value

    init(
        _ placeholder: String,
        allowed: String,
        read: @escaping @Sendable (String) throws(ValueRefusal) -> Value
    ) {
        self.placeholder = placeholder
        self.allowed = allowed
        self.read = read
    }

    /// The value of a text as somebody gave it.
    package func value(of text: String) throws(ValueRefusal) -> Value {
        try read(text)
    }
}

/// Why a text is no value of its setting. Never holds the text, which may be a secret.
package struct ValueRefusal: Error, Equatable {
    /// What is wrong, as a clause on the value (`names a stream twice`); nil where what is allowed says it all.
    package let reason: String?
    /// What to do instead, where the setting's general rule would not help.
    package let remedy: String?

    init(_ reason: String? = nil, remedy: String? = nil) {
        self.reason = reason
        self.remedy = remedy
    }
}
