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
        let expanded = expanded
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

    /// Each column's cells, set columns before where columns, as their column or its comparison reads them.
    private var expanded: [String] {
        let casts =
            signature.columns.map { table?.types[$0]?.castFromText }
            + signature.whereColumns.map { table?.types[$0]?.comparedAs.map { "::\($0)" } }
        return casts.enumerated().map { "pg_catalog.unnest($\($0 + 1)::pg_catalog.text[])\($1 ?? "")" }
    }

    /// Takes the parameters of `bulk` and changes nothing: it is refused where one of the values is, whether or not there
    /// is a row to store it in. PostgreSQL looks at a typed literal while it plans, at a parameter only when a row wants it.
    var check: String {
        let named = expanded.enumerated().map { "\($1) AS c\($0)" }.joined(separator: ", ")
        let checked = expanded.indices.map { index in
            let type = index < signature.columns.count ? table?.types[signature.columns[index]] : nil
            return "pg_catalog.count(\(type?.lengthCheck?.applied(to: "c\(index)") ?? "c\(index)"))"
        }
        return "SELECT \(checked.joined(separator: ", ")) FROM (SELECT \(named)) AS v"
    }

    /// Whether PostgreSQL may have passed over a value that it would refuse in a typed statement, since it met no row.
    func mayHideRefusal(_ effect: Effect, _ form: Statement.Form) -> Bool {
        guard signature.operation != .create, effect.unmatched > 0 else { return false }
        if signature.columns.contains(where: { table?.types[$0]?.lengthCheck != nil }) { return true }
        // A join with an empty table need not even read the values.
        return form == .bulk && effect.rows == 0
    }

    /// What takes the rows of creates, as `CopyRows` writes them; as text unless every column has an encoder.
    package var copy: String {
        let isBinary = signature.columns.allSatisfy { table?.types[$0]?.encoding != nil }
        return copy(isBinary ? .binary : .text)
    }

    func copy(_ format: CopyRows.Format) -> String {
        "COPY \(target) (\(list(signature.columns))) FROM STDIN\(format == .binary ? " (FORMAT binary)" : "")"
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
        let parameters = signature.columns.enumerated().map { index, column in
            guard let type = table?.types[column], type.isDomain else { return "$\(index + 1)" }
            return "$\(index + 1)::\(type.sql)"
        }
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
            return list(column, cells, one: "=", "ANY", by: "OR", next: &next)
        case .isNotIn(let column, let cells):
            if cells.isEmpty { return "true" }
            return list(column, cells, one: "<>", "ALL", by: "AND", next: &next)
        }
    }

    /// The column against all cells, as PostgreSQL reads a list of literals.
    private func list(
        _ column: String,
        _ cells: [Cell],
        one comparison: String,
        _ all: String,
        by word: String,
        next: inout Int
    ) -> String {
        if isArray(cells, of: column) {
            next += 1
            let cast = table?.types[column]?.listType.map { "::\($0)" } ?? ""
            return "\(quoted(column)) \(comparison) \(all) ($\(next)\(cast))"
        }
        let comparisons = cells.map { _ in
            next += 1
            return "\(quoted(column)) \(comparison) $\(next)"
        }
        return "(\(comparisons.joined(separator: " \(word) ")))"
    }

    /// Whether the cells of a list are one parameter; PostgreSQL, too, reads a list of one as a comparison.
    func isArray(_ cells: [Cell], of column: String) -> Bool {
        guard let type = table?.types[column] else { return true }
        return cells.count > 1 && type.listType != nil
    }

    private func list(_ columns: [String]) -> String {
        columns.map(quoted).joined(separator: ", ")
    }
}
