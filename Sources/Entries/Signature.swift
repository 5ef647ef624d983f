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

    /// Cells a command of this signature brings: its columns', then, where the `where` is all equality, its where columns'.
    package var cellCount: Int { columns.count + (isEquality ? whereColumns.count : 0) }
}
