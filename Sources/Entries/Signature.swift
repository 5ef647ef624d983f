/// What a command does to rows.
package enum Operation: String, Sendable, Hashable, CaseIterable {
    case create, update, delete
}

/// Table, operation and sorted column names: commands of one signature can share a statement, others never do.
package struct Signature: Sendable, Hashable {
    package let table: TableName
    package let operation: Operation
    /// The created or set columns, sorted; none for a delete.
    package let columns: [String]
    /// The columns of the `where`, sorted; none for a create.
    package let whereColumns: [String]
    /// Whether every where column is compared for equality with a value that is not null; only then can commands share
    /// a statement. True for a create.
    package let isEquality: Bool

    package init(
        table: TableName,
        operation: Operation,
        columns: [String],
        whereColumns: [String] = [],
        isEquality: Bool = true
    ) {
        self.table = table
        self.operation = operation
        self.columns = columns
        self.whereColumns = whereColumns
        self.isEquality = isEquality
    }

    /// Names compare byte by byte, as PostgreSQL compares them.
    package static func == (lhs: Signature, rhs: Signature) -> Bool {
        lhs.operation == rhs.operation && lhs.isEquality == rhs.isEquality && lhs.table == rhs.table
            && lhs.columns.elementsEqual(rhs.columns) { $0.utf8.elementsEqual($1.utf8) }
            && lhs.whereColumns.elementsEqual(rhs.whereColumns) { $0.utf8.elementsEqual($1.utf8) }
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(operation)
        hasher.combine(isEquality)
        hasher.combine(table)
        hasher.combine(columns.count)
        for column in columns { hasher.combine(bytesOf: column) }
        for column in whereColumns { hasher.combine(bytesOf: column) }
    }

    /// Cells a command of this signature brings: its columns', then, where the `where` is all equality, its where columns'.
    package var cellCount: Int { columns.count + (isEquality ? whereColumns.count : 0) }
}
