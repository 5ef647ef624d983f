/// A value twice: as an entry writes it, in JSON, and as SQL writes it, an untyped literal that the column's type reads.
package struct TrialValue: Sendable, Hashable {
    package let json: String
    package let sql: String

    package init(json: String, sql: String) {
        self.json = json
        self.sql = sql
    }

    /// A JSON number, its digits as they stand.
    package static func number(_ digits: String) -> TrialValue {
        TrialValue(json: digits, sql: "'\(digits)'")
    }

    package var isNull: Bool { json == "null" }

    /// A column or table, quoted.
    static func quoted(_ name: String) -> String { "\"\(name.replacing("\"", with: "\"\""))\"" }

    /// As a Swift literal, or the call that makes it.
    var source: String {
        if isNull { return "nil" }
        if self == .number(json), json.allSatisfy({ $0.isNumber || ".-e".contains($0) }) {
            return json.allSatisfy(\.isNumber) ? json : ".number(\"\(json)\")"
        }
        if json == "true" || json == "false" { return json }
        // A JSON text and a Swift literal differ in no character that trials use.
        if sql.hasPrefix("'"), self == TrialValue(stringLiteral: String(sql.dropFirst().dropLast())) { return json }
        return "TrialValue(json: #\"\(json)\"#, sql: #\"\(sql)\"#)"
    }
}

extension TrialValue: ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral, ExpressibleByNilLiteral,
    ExpressibleByBooleanLiteral
{
    package init(stringLiteral text: String) {
        let escaped = text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        self.init(json: "\"\(escaped)\"", sql: "'\(text.replacing("'", with: "''"))'")
    }

    package init(integerLiteral value: Int) { self = .number("\(value)") }

    package init(nilLiteral: ()) { self.init(json: "null", sql: "NULL") }

    package init(booleanLiteral value: Bool) { self.init(json: "\(value)", sql: "'\(value)'") }
}

/// Values of columns, in the order in which they are written.
package struct TrialCells: Sendable, Hashable, ExpressibleByDictionaryLiteral {
    package struct Cell: Sendable, Hashable {
        package let column: String
        package let value: TrialValue
    }

    package private(set) var cells: [Cell] = []

    package init(dictionaryLiteral cells: (String, TrialValue)...) {
        for (column, value) in cells { append(column, value) }
    }

    package mutating func append(_ column: String, _ value: TrialValue) {
        cells.append(Cell(column: column, value: value))
    }

    /// In the order of the columns' names.
    var byColumn: [Cell] { cells.sorted { $0.column.utf8.lexicographicallyPrecedes($1.column.utf8) } }

    var json: String { "{" + cells.map { "\"\($0.column)\":\($0.value.json)" }.joined(separator: ",") + "}" }

    var source: String {
        cells.isEmpty ? "[:]" : "[" + cells.map { "\"\($0.column)\": \($0.value.source)" }.joined(separator: ", ") + "]"
    }
}
