/// One command for both sides: the entry that a drainer reads, and the statement that does the same.
package struct TrialCommand: Sendable, Hashable {
    package enum Action: Sendable, Hashable {
        case create(TrialCells)
        case update(TrialCells, TrialCondition)
        case delete(TrialCondition)
    }

    package let table: String
    package let action: Action
    package var isForced = false

    package static func create(_ table: String, _ row: TrialCells, forced: Bool = false) -> TrialCommand {
        TrialCommand(table: table, action: .create(row), isForced: forced)
    }

    package static func update(
        _ table: String,
        set cells: TrialCells,
        where condition: TrialCondition,
        forced: Bool = false
    ) -> TrialCommand {
        TrialCommand(table: table, action: .update(cells, condition), isForced: forced)
    }

    package static func delete(_ table: String, where condition: TrialCondition, forced: Bool = false) -> TrialCommand {
        TrialCommand(table: table, action: .delete(condition), isForced: forced)
    }

    /// The JSON of the entry's `command` field.
    func entry(in schema: String) -> String {
        let body =
            switch action {
            case .create(let row): "\"op\":\"create\",\"row\":\(row.json)"
            case .update(let cells, let condition):
                "\"op\":\"update\",\"set\":\(cells.json),\"where\":\(condition.json)"
            case .delete(let condition): "\"op\":\"delete\",\"where\":\(condition.json)"
            }
        return "{\"table\":\"\(schema).\(table)\",\(body)\(isForced ? ",\"forceDrainToDB\":true" : "")}"
    }

    /// Columns stand in the order of their names, whatever that of the entry: of two values that are refused the first one's
    /// SQLSTATE is told.
    ///
    /// - Parameter onConflict: false where the table refuses ON CONFLICT.
    func sql(in schema: String, onConflict: Bool) -> String {
        let target = "\(TrialValue.quoted(schema)).\(TrialValue.quoted(table))"
        switch action {
        case .create(let row):
            let cells = row.byColumn
            let names = cells.map { TrialValue.quoted($0.column) }.joined(separator: ", ")
            let values = cells.map(\.value.sql).joined(separator: ", ")
            return "INSERT INTO \(target) " + (row.cells.isEmpty ? "DEFAULT VALUES" : "(\(names)) VALUES (\(values))")
                + (onConflict ? " ON CONFLICT DO NOTHING" : "")
        case .update(let cells, let condition):
            let set = cells.byColumn.map { "\(TrialValue.quoted($0.column)) = \($0.value.sql)" }.joined(separator: ", ")
            return "UPDATE \(target) SET \(set) WHERE \(condition.sql)"
        case .delete(let condition): return "DELETE FROM \(target) WHERE \(condition.sql)"
        }
    }

    var isCreate: Bool {
        if case .create = action { true } else { false }
    }

    /// As Swift writes it.
    var source: String {
        let forced = isForced ? ", forced: true" : ""
        return switch action {
        case .create(let row): ".create(\"\(table)\", \(row.source)\(forced))"
        case .update(let cells, let condition):
            ".update(\"\(table)\", set: \(cells.source), where: \(condition.source)\(forced))"
        case .delete(let condition): ".delete(\"\(table)\", where: \(condition.source)\(forced))"
        }
    }
}
