import TestSupport

/// A create, update or delete drawn at random, with what it must be read as.
struct RandomEntry {
    let json: String
    /// As `DecodedEntry.texts`.
    let texts: [String: String?]

    init(using generator: inout SeededGenerator) {
        let operation = ["create", "update", "delete"].randomElement(using: &generator) ?? "create"
        var texts: [String: String?] = [:]
        var members: [String] = [
            Self.member("op", Self.json(operation, using: &generator), using: &generator),
            Self.member("table", Self.json("s.t", using: &generator), using: &generator),
        ]
        if operation != "delete" {
            let count = Int.random(in: 1...14, using: &generator)
            let cells = Self.object(count: count, prefix: "", allowsNull: true, into: &texts, using: &generator)
            members.append(Self.member(operation == "create" ? "row" : "set", cells, using: &generator))
        }
        if operation != "create" {
            let count = Int.random(in: 1...3, using: &generator)
            let terms = Self.object(count: count, prefix: "where.", allowsNull: false, into: &texts, using: &generator)
            members.append(Self.member("where", terms, using: &generator))
        }
        if Bool.random(using: &generator) {
            members.append(Self.member("forceDrainToDB", "\(Bool.random(using: &generator))", using: &generator))
        }
        if Bool.random(using: &generator) {
            members.append(Self.member("x", Self.value(allowsNull: true, using: &generator).json, using: &generator))
        }
        members.shuffle(using: &generator)
        json = "{" + members.joined(separator: "," + Self.blanks(using: &generator)) + "}"
        self.texts = texts
    }

    private static func object(
        count: Int,
        prefix: String,
        allowsNull: Bool,
        into texts: inout [String: String?],
        using generator: inout SeededGenerator
    ) -> String {
        var names: Set<String> = []
        while names.count < count {
            // `$` would make an operator of it.
            names.insert(
                Bool.random(using: &generator)
                    ? "column_\(Int.random(in: 0...99, using: &generator))" : "c" + text(using: &generator)
            )
        }
        var members: [String] = []
        for name in names.sorted() {
            let (json, text) = value(allowsNull: allowsNull, using: &generator)
            texts[prefix + name] = .some(text)
            members.append(member(name, json, using: &generator))
        }
        members.shuffle(using: &generator)
        return "{" + members.joined(separator: "," + blanks(using: &generator)) + blanks(using: &generator) + "}"
    }

    /// A value and its text; the text of null is nil.
    private static func value(
        allowsNull: Bool,
        using generator: inout SeededGenerator
    ) -> (json: String, text: String?) {
        switch Int.random(in: allowsNull ? 0...5 : 2...5, using: &generator) {
        case 0: return ("null", nil)
        case 1:
            let json = #"{"k":\#(Self.json(text(using: &generator), using: &generator)), "l" : [1,{}]}"#
            return (json, json)
        case 2:
            let digits = (0..<Int.random(in: 1...30, using: &generator)).map { _ in
                "\(Int.random(in: 1...9, using: &generator))"
            }
            return (digits.joined(), digits.joined())
        case 3:
            let json = "[" + Self.json(text(using: &generator), using: &generator) + ", null,[ ]]"
            return (json, json)
        case 4:
            let json = "\(Bool.random(using: &generator))"
            return (json, json)
        default:
            let text = text(using: &generator)
            return (Self.json(text, using: &generator), text)
        }
    }

    private static func member(_ name: String, _ value: String, using generator: inout SeededGenerator) -> String {
        json(name, using: &generator) + blanks(using: &generator) + ":" + blanks(using: &generator) + value
    }

    private static func blanks(using generator: inout SeededGenerator) -> String {
        ["", "", "", " ", "\n\t", " \r "].randomElement(using: &generator) ?? ""
    }

    static func text(using generator: inout SeededGenerator) -> String {
        let alphabet: [Character] = [
            "a", "b", "Z", "0", " ", "\"", "\\", "/", "\n", "\u{1}", "é", "ಕ", "日", "😀", "{", ",", "'",
        ]
        return String(
            (0..<Int.random(in: 0...20, using: &generator)).map { _ in alphabet.randomElement(using: &generator) ?? "a"
            }
        )
    }

    /// The JSON string of a text, with escapes where they must and where they may be.
    static func json(_ text: String, using generator: inout SeededGenerator) -> String {
        var json = "\""
        for scalar in text.unicodeScalars {
            if scalar == "\"" || scalar == "\\" {
                json += "\\" + String(scalar)
            } else if scalar.value < 0x20 || Int.random(in: 0..<15, using: &generator) == 0 {
                for unit in String(scalar).utf16 {
                    let digits = String(unit, radix: 16, uppercase: Bool.random(using: &generator))
                    json += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                }
            } else {
                json.unicodeScalars.append(scalar)
            }
        }
        return json + "\""
    }
}
