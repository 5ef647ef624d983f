import Foundation

/// A column type with cells for it, and what must come of each.
struct TypeRow: Sendable {
    struct Cell: Sendable {
        /// As the entry has it.
        let json: String
        /// What PostgreSQL is given in its place by someone who types the statement; nil is NULL.
        let literal: String?
        /// What the table shows; nil is NULL, or nothing where the cell is refused.
        let shown: String?
        /// SQLSTATE.
        let refusal: String?
    }

    let type: String
    let cells: [Cell]
    /// PostgreSQL itself would cut the refused cells, which the drainer never does.
    let isCutByPostgres: Bool

    /// - Parameters:
    ///   - good: cell → what the table shows.
    ///   - bad: cell → SQLSTATE.
    ///   - literals: of cells that are arrays, where what is shown is none or is another.
    ///   - storesJSON: the cell's JSON is the literal.
    init(
        _ type: String,
        _ good: KeyValuePairs<String, String?>,
        bad: KeyValuePairs<String, String> = [:],
        literals: [String: String] = [:],
        storesJSON: Bool = false,
        isCutByPostgres: Bool = false
    ) {
        self.type = type
        self.isCutByPostgres = isCutByPostgres
        func literal(_ json: String, _ shown: String?) -> String? {
            if let given = literals[json] { return given }
            if json == "null" { return nil }
            if storesJSON { return json }
            switch json.first {
            case "\"": return (try? JSONDecoder().decode(String.self, from: Data(json.utf8))) ?? json
            case "[": return shown
            default: return json
            }
        }
        cells =
            good.map { Cell(json: $0.key, literal: literal($0.key, $0.value), shown: $0.value, refusal: nil) }
            + bad.map { Cell(json: $0.key, literal: literal($0.key, $0.key), shown: nil, refusal: $0.value) }
    }
}
