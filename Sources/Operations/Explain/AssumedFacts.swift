import Drain
import Entries

extension TableFacts {
    /// What is taken for true of the tables of a window where no catalog was asked: plain tables with the columns that
    /// the entries name, whose rows are named by what their updates and deletes compare, or by `id`.
    static func assumed(for window: Window) -> [TableName: TableFacts] {
        Dictionary(grouping: window.signatures, by: \.table).mapValues { signatures in
            let named = Set(signatures.flatMap { $0.columns + $0.whereColumns })
            let column = Column(comparison: .text)
            var facts = TableFacts(columns: Dictionary(uniqueKeysWithValues: named.map { ($0, column) }))
            facts.uncopiedColumns = []
            if let key = assumedKey(signatures, named) { facts.uniqueKeys = [UniqueKey(columns: key)] }
            return facts
        }
    }

    private static func assumedKey(_ signatures: [Signature], _ named: Set<String>) -> [String]? {
        let compared = signatures.filter { $0.operation != .create && $0.isEquality }.map(\.whereColumns)
        if named.contains("id"), compared.isEmpty || compared.contains(where: { $0.contains("id") }) { return ["id"] }
        return compared.min { $0.count < $1.count }
    }
}
