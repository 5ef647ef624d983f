/// The pairs of a conninfo (`host=db password = 'it\'s'`), cut as libpq cuts them.
struct ConnectionPairs {
    let pairs: [(name: String, value: String)]

    /// Nil where libpq would find a mistake: a name without `=`, a quote that does not end.
    init?(_ text: String) {
        var pairs: [(String, String)] = []
        var rest = text.unicodeScalars[...]
        Self.skipBlanks(&rest)
        while !rest.isEmpty {
            let name = rest.prefix { $0 != "=" && !Self.isBlank($0) }
            rest = rest[name.endIndex...]
            Self.skipBlanks(&rest)
            guard !name.isEmpty, rest.popFirst() == "=" else { return nil }
            Self.skipBlanks(&rest)
            guard let value = Self.value(&rest) else { return nil }
            pairs.append((String(Substring(name)), value))
            Self.skipBlanks(&rest)
        }
        self.pairs = pairs
    }

    private static func value(_ rest: inout Substring.UnicodeScalarView) -> String? {
        var value = String.UnicodeScalarView()
        let isQuoted = rest.first == "'"
        if isQuoted { rest.removeFirst() }
        while let scalar = rest.first {
            if isQuoted ? scalar == "'" : isBlank(scalar) { break }
            rest.removeFirst()
            if scalar == "\\" {
                if let escaped = rest.popFirst() { value.append(escaped) }
            } else {
                value.append(scalar)
            }
        }
        if isQuoted {
            guard rest.popFirst() == "'" else { return nil }
        }
        return String(value)
    }

    /// C's `isspace`, which libpq asks; a Unicode space is a part of the value to it.
    private static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
        scalar == " " || (9...13).contains(scalar.value)
    }

    private static func skipBlanks(_ rest: inout Substring.UnicodeScalarView) {
        while let scalar = rest.first, isBlank(scalar) { rest.removeFirst() }
    }
}
