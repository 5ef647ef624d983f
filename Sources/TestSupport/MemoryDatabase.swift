package import Drain
package import Entries

/// Tables in memory that take statements as PostgreSQL does: a statement sees the rows that were there when it began,
/// creates skip keys that exist, unique keys are checked row by row and foreign keys at the statement's end. A copy is
/// refused by a key that exists, and says which row it had come to but where the statement's end refuses it.
///
/// A refused statement leaves its changes behind: whoever executes it keeps a copy, as a transaction does.
package struct MemoryDatabase: Sendable {
    var tables: [TableName: MemoryTable] = [:]
    /// Decides in which order a statement visits the rows that it changes: nobody may rely on one.
    var visits = SeededGenerator(seed: 1)

    package init(_ definitions: [TableDefinition] = []) {
        for definition in definitions { define(definition) }
    }

    package mutating func define(_ definition: TableDefinition) {
        tables[definition.name] = MemoryTable(definition)
    }

    package func facts(of names: Set<TableName>) -> [TableName: TableFacts] {
        let definitions = tables.values.map(\.definition).sorted { $0.name < $1.name }
        var facts: [TableName: TableFacts] = [:]
        for name in names { facts[name] = tables[name]?.definition.facts(among: definitions) }
        return facts
    }

    /// Rows of each table, each as its values in the order of the table's columns; sorted.
    package var contents: [TableName: [[String]]] {
        tables.mapValues { table in
            table.rows.values.map { $0.map { $0 ?? "NULL" } }.sorted { $0.lexicographicallyPrecedes($1) }
        }
    }

    package func rows(of table: TableName) -> [[String]] { contents[table] ?? [] }

    package mutating func execute(_ statement: Statement, of window: Window) throws(SinkFailure) -> Effect {
        let signature = window.signatures[statement.signature]
        guard let table = tables[signature.table] else {
            throw .refused(Refusal(sqlState: "42P01", message: "no table \(signature.table)", concernsStatement: true))
        }
        var changes: [Change] = []
        for (row, index) in statement.commands.enumerated() {
            do throws(SinkFailure) {
                changes.append(try Change(of: index, in: window, table))
            } catch {
                throw statement.form == .copy ? error.naming(row) : error
            }
        }
        switch signature.operation {
        case .create: return try create(changes, in: table, isCopy: statement.form == .copy)
        case .update: return try update(changes, in: table)
        case .delete: return try delete(changes, from: table)
        }
    }

    private mutating func create(_ changes: [Change], in table: MemoryTable, isCopy: Bool) throws(SinkFailure)
        -> Effect
    {
        let name = table.definition.name
        let counter = try table.definition.countsRowsInto.map { column throws(SinkFailure) in
            try table.place(of: column)
        }
        var effect = Effect(rows: 0, unmatched: 0)
        var inserted: [MemoryTable.Row] = []
        for (number, change) in changes.enumerated() {
            var row = MemoryTable.Row(repeating: nil, count: table.definition.columns.count)
            change.apply(to: &row)
            if let counter { row[counter] = "\(tables[name]?.rows.count ?? 0)" }
            do throws(SinkFailure) {
                try table.checkNotNull(row)
            } catch {
                throw isCopy ? error.naming(number) : error
            }
            if tables[name]?.meetsKey(row) == true {
                if isCopy { throw .refused(Refusal(sqlState: "23505", message: "a key of \(name)", row: number)) }
                effect.unmatched += 1
            } else {
                tables[name]?.insert(row)
                inserted.append(row)
                effect.rows += 1
            }
        }
        for row in inserted { try checkReferences(of: row, in: table) }
        return effect
    }

    private mutating func update(_ changes: [Change], in table: MemoryTable) throws(SinkFailure) -> Effect {
        let name = table.definition.name
        let counter = try table.definition.countsRowsInto.map { column throws(SinkFailure) in
            try table.place(of: column)
        }
        var effect = Effect(rows: 0, unmatched: 0)
        var taken: Set<Int> = []
        var visits: [(id: Int, old: MemoryTable.Row, change: Change)] = []
        for change in changes {
            let met = change.rows(in: table)
            if met.isEmpty { effect.unmatched += 1 }
            for id in met where taken.insert(id).inserted {
                visits.append((id, table.rows[id] ?? [], change))
            }
        }
        visits.shuffle(using: &self.visits)
        for visit in visits {
            var row = visit.old
            visit.change.apply(to: &row)
            if let counter { row[counter] = "\(table.rows.count)" }
            try table.checkNotNull(row)
            try tables[name]?.replace(visit.id, with: row)
        }
        for visit in visits {
            try checkReferences(of: tables[name]?.rows[visit.id] ?? [], in: table, unlike: visit.old)
            try checkNothingRefers(to: visit.old, of: table)
        }
        effect.rows = visits.count
        return effect
    }

    private mutating func delete(_ changes: [Change], from table: MemoryTable) throws(SinkFailure) -> Effect {
        var effect = Effect(rows: 0, unmatched: 0)
        var gone: [(table: MemoryTable, row: MemoryTable.Row)] = []
        for change in changes {
            let met = change.rows(in: table)
            if met.isEmpty { effect.unmatched += 1 }
            for id in met {
                guard let row = tables[table.definition.name]?.remove(id) else { continue }
                gone.append((table, row))
                effect.rows += 1
            }
        }
        var next = 0
        while next < gone.count {
            gone += try followReferences(to: gone[next].row, of: gone[next].table)
            next += 1
        }
        for (table, row) in gone { try checkNothingRefers(to: row, of: table) }
        return effect
    }
}

extension SinkFailure {
    /// The same refusal, at a row of a copy.
    fileprivate func naming(_ row: Int) -> SinkFailure {
        guard case .refused(let refusal) = self, !refusal.concernsStatement else { return self }
        return .refused(Refusal(sqlState: refusal.sqlState, message: refusal.message, row: row))
    }
}
