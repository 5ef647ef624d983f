import Drain
import Entries

extension MemoryDatabase {
    /// A foreign key of `child` that refers to a row of its parent, with that row's values.
    private struct Bond {
        let child: MemoryTable
        let key: TableDefinition.ForeignKey
        /// Of the child's columns.
        let values: [(place: Int, value: String)]
    }

    /// - Parameter old: the row as it was; a reference that did not change is not checked.
    func checkReferences(of row: MemoryTable.Row, in table: MemoryTable, unlike old: MemoryTable.Row? = nil)
        throws(SinkFailure)
    {
        for key in table.definition.foreignKeys {
            let own = try table.places(of: key.columns)
            if let old, own.allSatisfy({ old[$0] == row[$0] }) { continue }
            let values = own.compactMap { row[$0] }
            guard values.count == own.count else { continue }
            guard let parent = tables[key.parent],
                !parent.rows(with: Array(zip(try parent.places(of: key.parentColumns), values))).isEmpty
            else {
                throw .refused(Refusal(sqlState: "23503", message: "\(key.parent) holds no such row"))
            }
        }
    }

    /// Refuses where a child still refers to a value that `row` had and no row has now.
    func checkNothingRefers(to row: MemoryTable.Row, of table: MemoryTable) throws(SinkFailure) {
        for bond in try bonds(to: row, of: table) where !bond.child.rows(with: bond.values).isEmpty {
            let parent = tables[table.definition.name] ?? table
            let values = Array(zip(try parent.places(of: bond.key.parentColumns), bond.values.map(\.value)))
            guard parent.rows(with: values).isEmpty else { continue }
            throw .refused(Refusal(sqlState: "23503", message: "\(bond.child.definition.name) refers to it"))
        }
    }

    /// CASCADE and SET NULL for a row that is gone; returns the rows that went with it.
    mutating func followReferences(to row: MemoryTable.Row, of table: MemoryTable) throws(SinkFailure)
        -> [(table: MemoryTable, row: MemoryTable.Row)]
    {
        var gone: [(table: MemoryTable, row: MemoryTable.Row)] = []
        for bond in try bonds(to: row, of: table) where bond.key.onDelete != .noAction {
            let name = bond.child.definition.name
            for id in bond.child.rows(with: bond.values) {
                if bond.key.onDelete == .cascade {
                    if let row = tables[name]?.remove(id) { gone.append((bond.child, row)) }
                } else if var row = tables[name]?.rows[id] {
                    for (place, _) in bond.values { row[place] = nil }
                    try tables[name]?.replace(id, with: row)
                }
            }
        }
        return gone
    }

    private func bonds(to row: MemoryTable.Row, of table: MemoryTable) throws(SinkFailure) -> [Bond] {
        var bonds: [Bond] = []
        for child in tables.values {
            for key in child.definition.foreignKeys where key.parent == table.definition.name {
                let values = try table.places(of: key.parentColumns).compactMap { row[$0] }
                guard values.count == key.columns.count else { continue }
                bonds.append(
                    Bond(child: child, key: key, values: Array(zip(try child.places(of: key.columns), values)))
                )
            }
        }
        return bonds
    }
}
