import TestSupport

/// A type that columns of random tables have, with the ways in which its few values are spelled.
enum ColumnKind: String, CaseIterable {
    case integer, bigint, smallint, numeric, double, text, varchar, char, uuid, boolean, mood, date, timestamp, citext,
        folded, integers, json, span

    /// - Parameter extras: what the server has beside the built-in types.
    static func all(with extras: Set<String>) -> [ColumnKind] {
        allCases.filter { kind in
            switch kind {
            case .citext: extras.contains("citext")
            case .folded: extras.contains("icu")
            default: true
            }
        }
    }

    /// What tables are keyed by, those that planning can judge more often than others.
    static func keys(with extras: Set<String>) -> [ColumnKind] {
        [.integer, .integer, .integer, .bigint, .uuid, .uuid, .text, .text]
            + all(with: extras).filter { ![.boolean, .json, .integers, .span].contains($0) }
    }

    var sql: String {
        switch self {
        case .integer: "integer"
        case .bigint: "bigint"
        case .smallint: "smallint"
        case .numeric: "numeric"
        case .double: "double precision"
        case .text: "text"
        case .varchar: "varchar(6)"
        case .char: "char(5)"
        case .uuid: "uuid"
        case .boolean: "boolean"
        case .mood: "mood"
        case .date: "date"
        case .timestamp: "timestamptz"
        case .citext: "citext"
        case .folded: "text COLLATE folded"
        case .integers: "integer[]"
        case .json: "jsonb"
        case .span: "int4range"
        }
    }

    /// What must be made before a column can have the type.
    var preamble: String? {
        switch self {
        case .mood: "CREATE TYPE mood AS ENUM ('sad', 'fair', 'glad', 'm3', 'm4', 'm5', 'm6')"
        case .folded:
            "CREATE COLLATION folded (provider = icu, locale = 'und-u-ks-level2', deterministic = false)"
        default: nil
        }
    }

    /// Whether `$in` and the comparisons make sense for it.
    var hasOperators: Bool { ![.integers, .json].contains(self) }

    var isWholeNumber: Bool { [.integer, .bigint, .smallint].contains(self) }

    /// The spellings of one of the type's values.
    func value(_ number: Int, using generator: inout SeededGenerator) -> TrialValue {
        let spellings: [TrialValue] =
            switch self {
            case .integer, .bigint, .smallint:
                [
                    .number("\(number)"), .number("\(number)"), .number("\(number)"), "\(number)", "0\(number)",
                    " \(number)", "+\(number) ",
                ]
            case .numeric:
                [.number("\(number)"), .number("\(number).0"), "\(number).00", "0\(number)", .number("\(number)e0")]
            case .double: [.number("\(number)"), .number("\(number).0"), "\(number)e0", " \(number)"]
            case .text: ["t\(number)"]
            case .varchar: ["v\(number)", "v\(number)", "v\(number) "]
            case .char: ["c\(number)", "c\(number)", "c\(number) "]
            case .uuid: Self.uuids(number)
            case .boolean:
                number.isMultiple(of: 2) ? [true, "t", "yes", "1"] : [false, "f", "no", "0"]
            case .mood: [["sad", "fair", "glad", "m3", "m4", "m5", "m6"][number % 7]]
            case .date: ["\(Self.day(number))", "\(Self.day(number).replacing("-", with: ""))"]
            case .timestamp:
                ["\(Self.day(number)) 12:00:00+00", "\(Self.day(number))T17:30:00+05:30", "\(Self.day(number)) 12:00Z"]
            case .citext, .folded: ["x\(number)", "X\(number)"]
            case .integers:
                [TrialValue(json: "[\(number),1]", sql: "'{\(number),1}'"), "{\(number),1}", "{\(number), 01}"]
            case .json:
                [
                    TrialValue(json: "{\"a\":\(number),\"b\":1}", sql: "'{\"a\":\(number),\"b\":1}'"),
                    TrialValue(json: "{\"b\":1, \"a\":\(number)}", sql: "'{\"b\":1, \"a\":\(number)}'"),
                ]
            case .span: ["[\(number),\(number + 2))", "[\(number),\(number + 1)]", "[\(number),\(number)]"]
            }
        return spellings.randomElement(using: &generator) ?? nil
    }

    /// What a create of it is refused for; nil where there is nothing such.
    func bad(using generator: inout SeededGenerator) -> TrialValue? {
        switch self {
        case .integer, .bigint, .numeric, .double, .uuid, .boolean, .date, .timestamp, .integers, .span: "x"
        case .smallint: ["x", "40000"].randomElement(using: &generator)
        case .varchar, .char: "too long"
        case .mood: "none"
        case .text, .citext, .folded, .json: nil
        }
    }

    private static func uuids(_ number: Int) -> [TrialValue] {
        let digits = String(number, radix: 16)
        let text = "0f000000-0000-4000-8000-" + String(repeating: "a", count: 12 - digits.count) + digits
        let spellings = [text, text, text.uppercased(), text.replacing("-", with: ""), "{\(text)}"]
        return spellings.map { TrialValue(stringLiteral: $0) }
    }

    private static func day(_ number: Int) -> String { "2026-01-\(number < 9 ? "0" : "")\(number % 28 + 1)" }
}
