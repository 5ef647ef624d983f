import Drain
package import Entries

/// A table of a `MemoryDatabase`: what it holds, refuses and does.
package struct TableDefinition: Sendable {
    package struct Column: Sendable {
        package enum Kind: Sendable {
            /// Refuses what is no integer with 22P02; `01` is stored as 1.
            case integer
            /// Stored in lower case without hyphens.
            case uuid
            case text
        }

        package let name: String
        package let kind: Kind
        /// Refused with 22P02, as a type refuses what it cannot read.
        package let refused: String?

        package init(_ name: String, _ kind: Kind = .text, refusing refused: String? = nil) {
            self.name = name
            self.kind = kind
            self.refused = refused
        }
    }

    package struct ForeignKey: Sendable {
        package enum OnDelete: Sendable {
            case noAction, cascade, setNull
        }

        package let columns: [String]
        package let parent: TableName
        package let parentColumns: [String]
        package let onDelete: OnDelete

        package init(
            _ columns: [String],
            _ parent: TableName,
            _ parentColumns: [String],
            onDelete: OnDelete = .noAction
        ) {
            self.columns = columns
            self.parent = parent
            self.parentColumns = parentColumns
            self.onDelete = onDelete
        }
    }

    package let name: TableName
    package let columns: [Column]
    /// Its columns are not null; none is a table without a key.
    package let primaryKey: [String]
    package let uniqueKeys: [[String]]
    /// A unique index over the lower-cased column, as one on an expression: planning cannot judge it.
    package let foldedKey: String?
    package let foreignKeys: [ForeignKey]
    /// A BEFORE ROW trigger on creates and updates puts the number of rows that it sees here: the table is a barrier.
    package let countsRowsInto: String?
    /// Columns of which a copy is not what an INSERT is.
    package let uncopiedColumns: Set<String>

    package init(
        _ name: TableName,
        _ columns: [Column],
        primaryKey: [String] = [],
        uniqueKeys: [[String]] = [],
        foldedKey: String? = nil,
        foreignKeys: [ForeignKey] = [],
        countsRowsInto: String? = nil,
        uncopiedColumns: Set<String> = []
    ) {
        self.name = name
        self.columns = columns
        self.primaryKey = primaryKey
        self.uniqueKeys = uniqueKeys
        self.foldedKey = foldedKey
        self.foreignKeys = foreignKeys
        self.countsRowsInto = countsRowsInto
        self.uncopiedColumns = uncopiedColumns
    }

    /// The primary key first.
    var keys: [[String]] { (primaryKey.isEmpty ? [] : [primaryKey]) + uniqueKeys }

    /// What a catalog would say about the table among `others`.
    func facts(among others: some Collection<TableDefinition>) -> TableFacts {
        var facts = TableFacts()
        for column in columns {
            let comparison: TableFacts.Comparison =
                switch column.kind {
                case .integer: .integer
                case .uuid: .uuid
                case .text: .text
                }
            facts.columns[column.name] = TableFacts.Column(comparison: comparison)
        }
        facts.uniqueKeys = keys.map { TableFacts.UniqueKey(columns: $0) }
        facts.hasUnjudgeableKey = foldedKey != nil
        facts.foreignKeys = foreignKeys.map {
            TableFacts.ForeignKey(columns: $0.columns, parent: $0.parent, parentColumns: $0.parentColumns)
        }
        for child in others {
            for key in child.foreignKeys where key.parent == name {
                facts.references.append(TableFacts.Reference(child: child.name, columns: key.parentColumns))
            }
        }
        var reached: Set<TableName> = [name]
        var isGrowing = true
        while isGrowing {
            let next = others.filter { child in
                child.foreignKeys.contains { $0.onDelete != .noAction && reached.contains($0.parent) }
            }.map(\.name)
            facts.cascades.formUnion(next)
            isGrowing = !reached.isSuperset(of: next)
            reached.formUnion(next)
        }
        facts.isBarrier = countsRowsInto != nil
        facts.createsShareStatements = facts.isBarrier
        facts.uncopiedColumns = uncopiedColumns
        return facts
    }
}
