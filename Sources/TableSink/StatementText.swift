import Drain
package import Entries
import Postgres

/// The SQL of commands: identifiers quoted, values only ever as parameters.
package struct StatementText {
    let signature: Signature
    let table: TableDescription?

    /// - Parameter table: nil where the catalog does not have it.
    package init(signature: Signature, table: TableDescription?) {
        self.signature = signature
        self.table = table
    }

    private var target: String { "\(quoted(signature.table.schema)).\(quoted(signature.table.name))" }

    /// How a create that meets an existing key is told from a bad row.
    var createMeetsKeyAsError: Bool { signature.operation == .create && table?.facts.createsGoAlone == true }

    /// One statement for any number of commands: each column is one `text[]`, each cell cast to the column's base type,
    /// which costs little more than typed arrays and reads every type as PostgreSQL reads its text.
    package var bulk: String {
        let columns = signature.columns + signature.whereColumns
        let expanded = columns.enumerated().map { index, column in
            let cast = table?.types[column].map { "::\($0.sql)" } ?? ""
            return "pg_catalog.unnest($\(index + 1)::pg_catalog.text[])\(cast)"
        }
        let firstWhere = signature.columns.count
        let match = signature.whereColumns.enumerated().map { index, column in
            "t.\(quoted(column)) = v.c\(firstWhere + index)"
        }.joined(separator: " AND ")
        let named = expanded.enumerated().map { "\($1) AS c\($0)" }.joined(separator: ", ")
        // Which commands met a row cannot be told from the row count where one command can meet several.
        let numbered =
            countsCommands ? ", pg_catalog.generate_series(1, pg_catalog.cardinality($1::pg_catalog.text[])) AS n" : ""
        let values = "(SELECT \(named)\(numbered)) AS v"
        switch signature.operation {
        case .create:
            return "INSERT INTO \(target) (\(list(signature.columns))) SELECT \(expanded.joined(separator: ", "))"
                + " ON CONFLICT DO NOTHING"
        case .update:
            let set = signature.columns.enumerated().map { "\(quoted($1)) = v.c\($0)" }.joined(separator: ", ")
            return counted("UPDATE \(target) AS t SET \(set) FROM \(values) WHERE \(match)")
        case .delete:
            return counted("DELETE FROM \(target) AS t USING \(values) WHERE \(match)")
        }
    }

    /// What takes the rows of creates, as `CopyRows` writes them.
    package var copy: String {
        "COPY \(target) (\(list(signature.columns))) FROM STDIN"
    }

    /// Whether the bulk statement answers with one row: rows changed, commands that met one.
    var countsCommands: Bool {
        guard signature.operation != .create else { return false }
        let named = Set(signature.whereColumns)
        return table?.facts.uniqueKeys.contains { named.isSuperset(of: $0.columns) } != true
    }

    /// What the result says of the commands.
    func effect(of result: PostgresResult, on count: Int, _ form: Statement.Form) -> Effect {
        switch form {
        case .single: return Effect(rows: result.affected, unmatched: result.affected == 0 ? 1 : 0)
        case .bulk where countsCommands:
            let counts = (result.rows.first ?? []).map { $0.flatMap { Int($0) } ?? 0 }
            return Effect(rows: counts.first ?? 0, unmatched: count - (counts.last ?? 0))
        case .copy, .bulk: return Effect(rows: result.affected, unmatched: count - result.affected)
        }
    }

    private func counted(_ statement: String) -> String {
        guard countsCommands else { return statement }
        return "WITH done AS (\(statement) RETURNING v.n)"
            + " SELECT pg_catalog.count(*), pg_catalog.count(DISTINCT n) FROM done"
    }

    /// One command; PostgreSQL infers each parameter's type from its column.
    ///
    /// - Parameter predicate: of an update or delete whose `where` is more than equality.
    package func single(_ predicate: Predicate? = nil) -> String {
        let parameters = signature.columns.indices.map { "$\($0 + 1)" }
        switch signature.operation {
        case .create:
            let values =
                signature.columns.isEmpty
                ? "DEFAULT VALUES" : "(\(list(signature.columns))) VALUES (\(parameters.joined(separator: ", ")))"
            return "INSERT INTO \(target) \(values)\(createMeetsKeyAsError ? "" : " ON CONFLICT DO NOTHING")"
        case .update:
            let set = zip(signature.columns, parameters).map { "\(quoted($0)) = \($1)" }.joined(separator: ", ")
            return "UPDATE \(target) SET \(set) WHERE \(condition(predicate))"
        case .delete:
            return "DELETE FROM \(target) WHERE \(condition(predicate))"
        }
    }

    private func condition(_ predicate: Predicate?) -> String {
        var next = signature.columns.count
        guard let predicate else {
            return signature.whereColumns.map { column in
                next += 1
                return "\(quoted(column)) = $\(next)"
            }.joined(separator: " AND ")
        }
        return text(of: predicate, next: &next)
    }

    /// Numbers the parameters in the order in which `PredicateCells` lists them.
    private func text(of predicate: Predicate, next: inout Int) -> String {
        func joined(_ predicates: [Predicate], by word: String, next: inout Int) -> String {
            var texts: [String] = []
            for predicate in predicates { texts.append(text(of: predicate, next: &next)) }
            return "(\(texts.joined(separator: " \(word) ")))"
        }
        switch predicate {
        case .and(let predicates):
            return predicates.isEmpty ? "true" : joined(predicates, by: "AND", next: &next)
        case .or(let predicates):
            return predicates.isEmpty ? "false" : joined(predicates, by: "OR", next: &next)
        case .not(let predicate):
            return "(NOT \(text(of: predicate, next: &next)))"
        case .compare(let column, let comparison, _):
            next += 1
            return "\(quoted(column)) \(comparison.rawValue) $\(next)"
        case .isNull(let column): return "\(quoted(column)) IS NULL"
        case .isNotNull(let column): return "\(quoted(column)) IS NOT NULL"
        case .isIn(let column, let cells):
            if cells.isEmpty { return "false" }
            next += 1
            return "\(quoted(column)) = ANY ($\(next)\(arrayCast(column)))"
        case .isNotIn(let column, let cells):
            if cells.isEmpty { return "true" }
            next += 1
            return "\(quoted(column)) <> ALL ($\(next)\(arrayCast(column)))"
        }
    }

    private func arrayCast(_ column: String) -> String {
        guard let type = table?.types[column], type.shape == .plain else { return "" }
        return "::\(type.sql)[]"
    }

    private func list(_ columns: [String]) -> String {
        columns.map(quoted).joined(separator: ", ")
    }
}
