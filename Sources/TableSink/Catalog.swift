package import Drain
package import Entries
package import Postgres

/// What is known of one table: for planning, and for writing.
package struct TableDescription: Sendable, Hashable {
    package internal(set) var facts: TableFacts
    package internal(set) var types: [String: ColumnType]
    let oid: String
    /// OIDs of every table that the facts speak of, its own among them.
    var relations: Set<String>
    /// Functions by which the facts were judged, as SQL.
    var functions: Set<String> = []

    package init(facts: TableFacts, types: [String: ColumnType], oid: String = "") {
        self.facts = facts
        self.types = types
        self.oid = oid
        relations = [oid]
    }
}

/// Reads tables from PostgreSQL's catalog.
package struct Catalog {
    let connection: PostgresConnection

    package init(connection: PostgresConnection) {
        self.connection = connection
    }

    /// nil where there is no such table.
    package func describe(_ table: TableName) async throws(PostgresError) -> TableDescription? {
        // A NUL can be in no identifier, and libpq would cut the name there.
        guard !table.schema.utf8.contains(0), !table.name.utf8.contains(0) else { return nil }
        let relation = try await connection.run(
            .run(sql: CatalogQueries.relation, PostgresParameters(text: [table.schema, table.name]))
        )
        guard let row = relation.rows.first, let oid = row[0] else { return nil }
        var description = TableDescription(facts: TableFacts(), types: [:], oid: oid)
        let isTable = row[1] == "r" || row[1] == "p"
        let hasRules = row[2] == "t"
        description.facts.isBarrier = !isTable || hasRules || row[3] == "t"
        let queries = [
            CatalogQueries.columns, CatalogQueries.keys, CatalogQueries.foreignKeys, CatalogQueries.references,
            CatalogQueries.cascades, CatalogQueries.triggers, CatalogQueries.copying, CatalogQueries.reached,
            CatalogQueries.unjudged, CatalogQueries.conflicts, CatalogQueries.triggerFunctions,
        ]
        let progress = try await connection.pipeline(
            queries.map { .run(sql: $0, PostgresParameters(text: [oid])) }
        )
        if let refusal = progress.refusal { throw refusal }
        let answers = progress.results.map(\.rows)
        let generated = Self.readColumns(answers[0], into: &description)
        Self.readKeys(answers[1], generated: generated, into: &description.facts)
        Self.readForeignKeys(answers[2], references: answers[3], cascades: answers[4], into: &description)
        Self.readTriggers(answers[5], into: &description.facts)
        Self.readReached(answers[7], unjudged: answers[8].first ?? [], into: &description)
        description.functions = Set(answers[10].compactMap(\.first).compactMap { $0 })
        description.facts.createsGoAlone = answers[9].first?.first == "t"
        if answers[6].first?[0] == "t" { description.facts.uncopiedColumns = Set(answers[6].compactMap { $0[1] }) }
        return description
    }

    /// Returns the generated columns.
    private static func readColumns(_ rows: [[String?]], into description: inout TableDescription) -> Set<String> {
        var generated: Set<String> = []
        for row in rows {
            guard let name = row[0], let sql = row[1], let type = row[2] else { continue }
            if row[7] == "t" { generated.insert(name) }
            description.types[name] = ColumnType(
                oid: row[15] ?? "",
                sql: sql,
                shape: Self.shape(of: row, type),
                isDomain: row[4] == "t",
                comparedAs: row[14],
                listType: row[6] == nil && row[5] == "," ? "\(sql)[]" : nil,
                lengthCheck: Self.lengthCheck(row),
                longest: Self.longest[row[6] ?? type],
                encoding: BinaryEncoding(type: type, kind: row[3])
            )
            let comparison: TableFacts.Comparison =
                switch type {
                case _ where row[3] == "e": .text
                case _ where Self.integers.contains(type): .integer
                case "2950": .uuid
                case "25", "1043", "1042": row[10] == "t" ? .text : .unknown
                default: .unknown
                }
            description.facts.columns[name] = TableFacts.Column(
                comparison: comparison,
                defaultValue: Self.kind(ofDefault: row[9], isIdentity: row[8] == "t")
            )
        }
        return generated
    }

    /// OIDs of json and jsonb, which never change.
    private static let json: Set<String> = ["114", "3802"]
    /// Of bigint, smallint, integer and oid.
    private static let integers: Set<String> = ["20", "21", "23", "26"]

    private static func reading(of type: String) -> CellReading {
        json.contains(type) ? .json : integers.contains(type) ? .integer : .text
    }

    /// OIDs of `"char"` and name, which PostgreSQL silently cuts to so many bytes.
    private static let longest = ["18": 1, "19": 63]

    private static func shape(of row: [String?], _ type: String) -> ColumnType.Shape {
        guard let element = row[6] else {
            return switch reading(of: type) {
            case .text: .plain
            case .integer: .integer
            case .json: .json
            }
        }
        return .array(delimiter: row[5]?.utf8.first ?? UInt8(ascii: ","), elements: reading(of: element))
    }

    private static func lengthCheck(_ row: [String?]) -> ColumnType.LengthCheck? {
        guard let function = row[12], let length = row[11] else { return nil }
        return ColumnType.LengthCheck(
            arguments: row[13] == "3" ? "\(length), false" : length,
            function: function,
            isOfElements: row[6] != nil
        )
    }

    private static func kind(ofDefault expression: String?, isIdentity: Bool) -> TableFacts.Default {
        if isIdentity || expression?.hasPrefix("nextval(") == true { return .numbered }
        guard let expression else { return .null }
        let fresh = ["gen_random_uuid(", "uuid_generate_v4(", "uuid_generate_v1("]
        return fresh.contains { expression.hasPrefix($0) } ? .fresh : .other
    }

    private static func readKeys(_ rows: [[String?]], generated: Set<String>, into facts: inout TableFacts) {
        for index in Set(rows.map { $0[0] }).sorted(by: { first($0, in: rows) < first($1, in: rows) }) {
            let parts = rows.filter { $0[0] == index }
            let columns = parts.compactMap { $0[4] }
            if parts[0][2] == "t" || columns.count < parts.count || !generated.isDisjoint(with: columns) {
                facts.hasUnjudgeableKey = true
            } else {
                facts.uniqueKeys.append(
                    TableFacts.UniqueKey(columns: columns, nullsAreDistinct: parts[0][3] != "t")
                )
            }
        }
    }

    private static func first(_ index: String?, in rows: [[String?]]) -> Int {
        rows.firstIndex { $0[0] == index } ?? 0
    }

    private static func readForeignKeys(
        _ own: [[String?]],
        references others: [[String?]],
        cascades: [[String?]],
        into description: inout TableDescription
    ) {
        description.facts.foreignKeys = Dictionary(grouping: own) { $0[0] ?? "" }.sorted { $0.key < $1.key }.map {
            _,
            rows in
            TableFacts.ForeignKey(
                columns: rows.compactMap { $0[3] },
                parent: TableName(schema: rows[0][1] ?? "", name: rows[0][2] ?? ""),
                parentColumns: rows.compactMap { $0[4] }
            )
        }
        description.facts.references = Dictionary(grouping: others) { $0[0] ?? "" }.sorted { $0.key < $1.key }.map {
            _,
            rows in
            TableFacts.Reference(
                child: TableName(schema: rows[0][1] ?? "", name: rows[0][2] ?? ""),
                columns: rows.compactMap { $0[3] }
            )
        }
        for row in cascades {
            description.facts.cascades.insert(TableName(schema: row[0] ?? "", name: row[1] ?? ""))
            if row[3] == "t" { description.facts.setsDefaults = true }
        }
        let spokenOf = own.map { $0[5] } + others.map { $0[4] } + cascades.map { $0[2] }
        description.relations.formUnion(spokenOf.compactMap { $0 })
    }

    private static func readReached(
        _ rows: [[String?]],
        unjudged: [String?],
        into description: inout TableDescription
    ) {
        for row in rows {
            let table = TableName(schema: row[0] ?? "", name: row[1] ?? "")
            if row[3] == "t" {
                description.facts.ancestors.insert(table)
            } else {
                description.facts.reaches.insert(table)
            }
            if let oid = row[2] { description.relations.insert(oid) }
        }
        guard unjudged.count == 3 else { return }
        if unjudged[0] == "t" { description.facts.hasUnjudgeableKey = true }
        if unjudged[1] == "t" || unjudged[2] == "t" { description.facts.reachesEverything = true }
        if unjudged[2] == "t" {
            description.facts.isBarrier = true
            description.facts.createsShareStatements = false
        }
    }

    /// Bits of `pg_trigger.tgtype`.
    private enum TriggerBits {
        static let row = 1
        static let before = 2
    }

    private static func readTriggers(_ rows: [[String?]], into facts: inout TableFacts) {
        let types = rows.compactMap { $0[0].flatMap { Int($0) } }
        guard !types.isEmpty else { return }
        let seeEarlierRows = types.allSatisfy { $0 & TriggerBits.row != 0 && $0 & TriggerBits.before != 0 }
        facts.createsShareStatements = seeEarlierRows && !facts.isBarrier
        facts.isBarrier = true
    }
}
