/// A value of an entry as a test writes it down.
package enum CommandValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByNilLiteral, Sendable {
    case text(String)
    case number(Int)
    case null

    package init(stringLiteral value: String) { self = .text(value) }
    package init(integerLiteral value: Int) { self = .number(value) }
    package init(nilLiteral: ()) { self = .null }

    var json: String {
        switch self {
        case .text(let text): "\"\(text)\""
        case .number(let number): "\(number)"
        case .null: "null"
        }
    }
}

/// Writes the JSON of entries. Texts go in as they stand, so they hold neither quotes nor backslashes.
package enum CommandText {
    package typealias Cells = KeyValuePairs<String, CommandValue>

    package static func create(_ table: String, _ row: Cells, forced: Bool = false) -> String {
        entry("create", table, [("row", object(row))], forced)
    }

    package static func update(_ table: String, set: Cells, where terms: Cells, forced: Bool = false) -> String {
        entry("update", table, [("set", object(set)), ("where", object(terms))], forced)
    }

    package static func delete(_ table: String, where terms: Cells, forced: Bool = false) -> String {
        entry("delete", table, [("where", object(terms))], forced)
    }

    /// An entry from the JSON of its parts.
    package static func entry(
        _ operation: String,
        _ table: String,
        _ parts: [(key: String, json: String)],
        _ isForced: Bool = false
    ) -> String {
        let members = parts.map { ",\"\($0.key)\":\($0.json)" }.joined()
        return "{\"op\":\"\(operation)\",\"table\":\"\(table)\"\(members),\"forceDrainToDB\":\(isForced)}"
    }

    package static func object(_ cells: some Sequence<(key: String, value: CommandValue)>) -> String {
        "{" + cells.map { "\"\($0.key)\":\($0.value.json)" }.joined(separator: ",") + "}"
    }
}
