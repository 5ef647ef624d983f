/// A table of one type, with an entry for each thing that can be done with each cell.
struct MatrixTable {
    let number: Int
    let row: TypeRow

    var name: String { "m\(number)" }

    /// One entry, and the statement that someone would type in its place.
    struct Step {
        let entry: String
        let statement: String
        let cell: TypeRow.Cell
        let isCutByPostgres: Bool
        var isCut: Bool { isCutByPostgres && cell.refusal != nil }
        /// Whether the cell alone decides.
        var mustBeRefused = false
    }

    // MARK: Tables

    /// Rows that updates and deletes find stand at these distances.
    private static let updated = 100
    private static let deleted = 200

    func definition(in schema: String) -> String {
        let first = row.cells.first
        let columns = ["hit", "single", "listed", "other", "more"].map { ", \($0) int" }.joined()
        var sql = "CREATE TABLE \(schema).\(name) (id int PRIMARY KEY, a \(row.type)\(columns));"
        for (id, cell) in row.cells.enumerated() {
            let own = cell.refusal == nil ? cell : first
            sql +=
                "INSERT INTO \(schema).\(name) (id, a) VALUES (\(id + Self.updated), \(Self.quoted(first?.literal))),"
            sql += "(\(id + Self.deleted), \(Self.quoted(own?.literal)));"
        }
        return sql
    }

    /// Tells the SQLSTATE that a statement is refused with, or NULL.
    static let refusalFunction = """
        CREATE FUNCTION typed.refusal(statement text) RETURNS text LANGUAGE plpgsql AS
            $$ BEGIN EXECUTE statement; RETURN NULL; EXCEPTION WHEN OTHERS THEN RETURN SQLSTATE; END $$
        """

    /// SQL that executes the steps' statements in order, with a row for what came of each.
    static func typed(_ steps: [Step]) -> String {
        let list = steps.map { "($statement$\($0.isCut ? "" : $0.statement)$statement$)" }.joined(separator: ",")
        return "SELECT typed.refusal(statement) FROM (VALUES \(list)) AS list (statement)"
    }

    // MARK: Steps

    /// Creates and updates that every column takes.
    var goodSteps: [Step] {
        row.cells.enumerated().filter { $0.element.refusal == nil }.flatMap { id, cell in
            [create(id, cell), update(id + Self.updated, cell)]
        }
    }

    /// What the columns refuse, updates that meet no row, and everything with a `where`.
    var otherSteps: [Step] {
        var steps: [Step] = []
        for (id, cell) in row.cells.enumerated() {
            if cell.refusal != nil {
                for step in [create(id, cell), update(id + Self.updated, cell)] {
                    steps.append(step)
                    steps[steps.count - 1].mustBeRefused = true
                }
            }
            steps.append(update(-1 - id, cell))
        }
        // An object is no bare value of a `where`.
        let comparable = row.cells.enumerated().filter { $0.element.json.first != "{" }
        for (id, cell) in comparable { steps += conditions(id, cell) }
        let good = comparable.map(\.element).filter { $0.refusal == nil }
        if let first = good.first, let last = good.last {
            let cells = "[\(first.json),\(last.json)]"
            let literals = "\(Self.quoted(first.literal)), \(Self.quoted(last.literal))"
            steps.append(condition("listed", -1, "{\"$notIn\":\(cells)}", "NOT IN (\(literals))", first))
        }
        return steps
    }

    private func conditions(_ id: Int, _ cell: TypeRow.Cell) -> [Step] {
        let literal = Self.quoted(cell.literal)
        let isNull = cell.literal == nil
        var steps = [
            condition("hit", id, cell.json, isNull ? "IS NULL" : "= \(literal)", cell),
            condition("other", id, "{\"$ne\":\(cell.json)}", isNull ? "IS NOT NULL" : "<> \(literal)", cell),
            condition("listed", id, "{\"$in\":[\(cell.json),null]}", "IN (\(literal), NULL)", cell),
            condition("single", id, "{\"$in\":[\(cell.json)]}", "IN (\(literal))", cell),
            step(
                Native.delete(name, where: ["a": cell.json, "id": "\(id + Self.deleted)"]),
                "DELETE FROM \(target) WHERE a \(isNull ? "IS" : "=") \(literal) AND id = '\(id + Self.deleted)'",
                cell
            ),
        ]
        if !isNull { steps.append(condition("more", id, "{\"$gte\":\(cell.json)}", ">= \(literal)", cell)) }
        return steps
    }

    private func condition(_ column: String, _ value: Int, _ term: String, _ typed: String, _ cell: TypeRow.Cell)
        -> Step
    {
        step(
            Native.update(name, set: [column: "\(value)"], where: ["a": term]),
            "UPDATE \(target) SET \(column) = '\(value)' WHERE a \(typed)",
            cell
        )
    }

    private func create(_ id: Int, _ cell: TypeRow.Cell) -> Step {
        step(
            Native.create(name, ["id": "\(id)", "a": cell.json]),
            "INSERT INTO \(target) (id, a) VALUES ('\(id)', \(Self.quoted(cell.literal))) ON CONFLICT DO NOTHING",
            cell
        )
    }

    private func update(_ id: Int, _ cell: TypeRow.Cell) -> Step {
        step(
            Native.update(name, set: ["a": cell.json], where: ["id": "\(id)"]),
            "UPDATE \(target) SET a = \(Self.quoted(cell.literal)) WHERE id = '\(id)'",
            cell
        )
    }

    private var target: String { "typed.\(name)" }

    private func step(_ entry: String, _ statement: String, _ cell: TypeRow.Cell) -> Step {
        Step(entry: entry, statement: statement, cell: cell, isCutByPostgres: row.isCutByPostgres)
    }

    private static func quoted(_ literal: String?) -> String {
        literal.map { "'\($0.replacing("'", with: "''"))'" } ?? "NULL"
    }
}
