import Drain
import Entries

/// What one command wants of a table, its values read as the columns' types read them.
struct Change {
    private let cells: [(place: Int, value: String?)]
    private let terms: [(place: Int, value: String)]
    private let condition: Condition?

    init(of index: Int, in window: Window, _ table: MemoryTable) throws(SinkFailure) {
        let command = window.commands[index]
        let signature = window.signatures[command.signature]
        var cells: [(place: Int, value: String?)] = []
        var terms: [(place: Int, value: String)] = []
        var own = window.cells(of: command)
        for column in signature.columns {
            let place = try table.place(of: column)
            guard let cell = own.popFirst() else { break }
            cells.append((place, try window.value(of: cell, in: table.definition.columns[place])))
        }
        if signature.isEquality {
            for column in signature.whereColumns {
                let place = try table.place(of: column)
                guard let cell = own.popFirst() else { break }
                if let value = try window.value(of: cell, in: table.definition.columns[place]) {
                    terms.append((place, value))
                }
            }
        }
        self.cells = cells
        self.terms = terms
        condition = try command.predicate.map { predicate throws(SinkFailure) in
            try Condition(window.predicates[predicate], of: window, table)
        }
    }

    func apply(to row: inout MemoryTable.Row) {
        for (place, value) in cells { row[place] = value }
    }

    /// IDs of the rows that the `where` names.
    func rows(in table: MemoryTable) -> [Int] {
        guard let condition else { return table.rows(with: terms) }
        return table.rows.filter { condition.isMet(by: $0.value) == true }.map(\.key).sorted()
    }
}

/// A `where` that is more than equality, with SQL's three values of truth.
indirect enum Condition {
    case all([Condition])
    case any([Condition])
    case not(Condition)
    case compare(Int, Predicate.Comparison, String?, isNumber: Bool)
    case isNull(Int)

    init(_ predicate: Predicate, of window: Window, _ table: MemoryTable) throws(SinkFailure) {
        func compare(_ column: String, _ comparison: Predicate.Comparison, _ cell: Cell) throws(SinkFailure)
            -> Condition
        {
            let place = try table.place(of: column)
            let column = table.definition.columns[place]
            return .compare(
                place,
                comparison,
                try window.value(of: cell, in: column),
                isNumber: column.kind == .integer
            )
        }
        func each(_ predicates: [Predicate]) throws(SinkFailure) -> [Condition] {
            var conditions: [Condition] = []
            for predicate in predicates { conditions.append(try Condition(predicate, of: window, table)) }
            return conditions
        }
        func each(_ cells: [Cell], _ column: String, _ comparison: Predicate.Comparison) throws(SinkFailure)
            -> [Condition]
        {
            var conditions: [Condition] = []
            for cell in cells { conditions.append(try compare(column, comparison, cell)) }
            return conditions
        }
        switch predicate {
        case .and(let predicates): self = .all(try each(predicates))
        case .or(let predicates): self = .any(try each(predicates))
        case .not(let predicate): self = .not(try Condition(predicate, of: window, table))
        case .compare(let column, let comparison, let cell): self = try compare(column, comparison, cell)
        case .isNull(let column): self = .isNull(try table.place(of: column))
        case .isNotNull(let column): self = .not(.isNull(try table.place(of: column)))
        case .isIn(let column, let cells): self = .any(try each(cells, column, .equal))
        case .isNotIn(let column, let cells): self = .all(try each(cells, column, .notEqual))
        }
    }

    /// nil is SQL's unknown.
    func isMet(by row: MemoryTable.Row) -> Bool? {
        switch self {
        case .all(let conditions):
            let results = conditions.map { $0.isMet(by: row) }
            return results.contains(false) ? false : results.contains(nil) ? nil : true
        case .any(let conditions):
            let results = conditions.map { $0.isMet(by: row) }
            return results.contains(true) ? true : results.contains(nil) ? nil : false
        case .not(let condition): return condition.isMet(by: row).map { !$0 }
        case .isNull(let place): return row[place] == nil
        case .compare(let place, let comparison, let value, let isNumber):
            guard let own = row[place], let value else { return nil }
            let isLess = isNumber ? (Int(own) ?? 0) < (Int(value) ?? 0) : own < value
            return switch comparison {
            case .equal: own == value
            case .notEqual: own != value
            case .less: isLess
            case .lessOrEqual: isLess || own == value
            case .greater: !isLess && own != value
            case .greaterOrEqual: !isLess
            }
        }
    }
}

extension Window {
    /// What the column stores for the cell; nil is NULL.
    fileprivate func value(of cell: Cell, in column: TableDefinition.Column) throws(SinkFailure) -> String? {
        if cell.isNull { return nil }
        var bytes: [UInt8] = []
        appendText(of: cell, to: &bytes)
        let text = String(decoding: bytes, as: UTF8.self)
        let refusal = Refusal(sqlState: "22P02", message: "column \(column.name) cannot read \"\(text)\"")
        if text == column.refused { throw .refused(refusal) }
        switch column.kind {
        case .text: return text
        case .uuid: return text.lowercased().filter { $0 != "-" }
        case .integer:
            guard let number = Int(text) else { throw .refused(refusal) }
            return "\(number)"
        }
    }
}
