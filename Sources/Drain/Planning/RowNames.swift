package import Entries

/// Which row each command of a window is about, by the first unique key of its table: for counting rows, where planning
/// would have to be sure.
package struct RowNames {
    private struct Naming {
        let hash: KeyHash
        let parts: [(cell: Int, comparison: TableFacts.Comparison)]
    }

    private let window: Window
    /// By signature; nil where its commands do not show their rows.
    private let namings: [Naming?]

    package init(_ window: Window, facts: [TableName: TableFacts]) {
        self.window = window
        namings = window.signatures.map { signature in
            guard signature.isEquality, let own = facts[signature.table], let key = own.uniqueKeys.first else {
                return nil
            }
            let isCreate = signature.operation == .create
            let shown = isCreate ? signature.columns : signature.whereColumns
            // An update of the key is about two rows.
            guard isCreate || Set(signature.columns).isDisjoint(with: key.columns) else { return nil }
            var parts: [(Int, TableFacts.Comparison)] = []
            for column in key.columns.sorted() {
                guard let index = shown.firstIndex(of: column), let facts = own.columns[column] else { return nil }
                // Types that planning takes for equal in ways unseen are told apart by their text here.
                let comparison = facts.comparison == .unknown ? .text : facts.comparison
                parts.append((isCreate ? index : signature.columns.count + index, comparison))
            }
            return Naming(hash: KeyHash(table: signature.table.hashValue, key: 0), parts: parts)
        }
    }

    /// The same for two commands about one row; nil where the command does not show which.
    package func row(of command: Command) -> UInt64? {
        guard let naming = namings[command.signature] else { return nil }
        var hash = naming.hash
        let cells = window.cells(of: command)
        for part in naming.parts
        where !hash.add(cells[cells.startIndex + part.cell], of: window, comparedAs: part.comparison) {
            return nil
        }
        return hash.value
    }
}
