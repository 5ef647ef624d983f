import Entries

/// What every command of one signature claims: worked out once a window, then filled with each command's values.
struct SignatureClaims {
    /// A value of a unique key that the command takes, frees or refers to.
    struct ValueClaim {
        struct Part {
            /// Index among the command's cells.
            let cell: Int
            let comparison: TableFacts.Comparison
        }

        let table: Int
        /// Hash of the key's column names, so that a key and the references to it meet.
        let key: Int
        let parts: [Part]
        let use: Use
        /// What is claimed where a value cannot be read.
        let otherwise: [Claim]
        /// A NULL among the values claims nothing.
        let ignoresNull: Bool
    }

    private(set) var fixed: [Claim] = []
    private(set) var values: [ValueClaim] = []
    /// An update or delete that names no row by its key, but compares columns that it does not change: two of them
    /// with different values meet in no row. The parts of its `where`.
    private(set) var ownRows: [ValueClaim.Part]?

    /// The command's own table as a whole.
    var ownTable: Resource { Resource(.everything, of: table) }

    private let signature: Signature
    private let table: Int
    private let tables: [TableName: Int]
    private let facts: [TableName: TableFacts]

    /// - Parameter tables: the tables that commands of the window can meet on, numbered.
    init(_ signature: Signature, tables: [TableName: Int], facts: [TableName: TableFacts]) {
        self.signature = signature
        self.tables = tables
        self.facts = facts
        table = tables[signature.table] ?? 0
        guard let own = facts[signature.table] else {
            becomeBarrier()
            return
        }
        switch signature.operation {
        case .create: claimCreate(own)
        case .update: claimUpdate(own)
        case .delete: claimDelete(own)
        }
        claimOthers(own)
        if own.isBarrier {
            becomeBarrier()
            ownRows = nil
        }
    }

    /// Whether creates of this signature use each thing in one way: then the order of their rows in one batch is all the
    /// order that they need.
    var areAlikeInOrder: Bool {
        var uses: [Resource: Use] = [:]
        var valueUses: [[Int]: Use] = [:]
        // A value of a key that cannot be read bars what comes after it, which the order of the rows does as well.
        for claim in fixed + values.flatMap(\.otherwise).filter({ $0.use != .exclusive }) {
            if uses.updateValue(claim.use, forKey: claim.resource).map({ $0 != claim.use }) == true { return false }
        }
        for claim in values {
            let key = [claim.table, claim.key]
            if valueUses.updateValue(claim.use, forKey: key).map({ $0 != claim.use }) == true { return false }
        }
        return true
    }

    private mutating func claim(_ resource: TableResource, of table: Int? = nil, _ use: Use) {
        let claim = Claim(resource: Resource(resource, of: table ?? self.table), use: use)
        if !fixed.contains(claim) { fixed.append(claim) }
    }

    private mutating func claimCreate(_ own: TableFacts) {
        claim(.everything, .shared)
        claim(.rows, .shared)
        if own.hasUnjudgeableKey {
            claim(.freedValues, .exclusive)
        } else if own.uniqueKeys.count > 1 {
            claim(.freedValues, .shared)
        }
        let isNumbered = own.columns.contains {
            $0.value.defaultValue == .numbered && !signature.columns.contains($0.key)
        }
        if isNumbered { claim(.numbers, .exclusive) }
        for key in own.uniqueKeys { claimTakenValue(of: key, own) }
        for foreignKey in own.foreignKeys { claimReference(foreignKey, own) }
    }

    private mutating func claimUpdate(_ own: TableFacts) {
        let changed = Set(signature.columns)
        let identity = claimRow(own)
        if let identity, !changed.isDisjoint(with: identity.columns) { becomeBarrier() }
        if own.uniqueKeys.contains(where: { $0 != identity && !changed.isDisjoint(with: $0.columns) })
            || own.hasUnjudgeableKey
        {
            claim(.freedValues, .exclusive)
        }
        for reference in own.references where !changed.isDisjoint(with: reference.columns) {
            becomeBarrier()
            if let child = tables[reference.child] { claim(.everything, of: child, .exclusive) }
            claimCascades(own)
        }
        for foreignKey in own.foreignKeys where !changed.isDisjoint(with: foreignKey.columns) {
            claimReference(foreignKey, own)
            claimGivenUpReference(foreignKey)
        }
    }

    private mutating func claimDelete(_ own: TableFacts) {
        let identity = claimRow(own)
        claim(.rows, .shared)
        if own.uniqueKeys.count > 1 || own.hasUnjudgeableKey || identity == nil { claim(.freedValues, .opposed) }
        if !own.references.isEmpty { claim(.references, .shared) }
        for reference in own.references {
            // A reference to the key that names the row meets it by value; to another key, it cannot be told.
            let isByValue = identity.map { Set($0.columns) == Set(reference.columns) } ?? false
            // What a cascade takes from the child no longer stands in this delete's way.
            if let child = tables[reference.child] { claim(.everything, of: child, isByValue ? .shared : .exclusive) }
        }
        claimCascades(own)
        for foreignKey in own.foreignKeys { claimGivenUpReference(foreignKey) }
    }

    /// Claims the row that the `where` names by the first unique key; the whole table where it names none.
    private mutating func claimRow(_ own: TableFacts) -> TableFacts.UniqueKey? {
        guard signature.isEquality, let identity = own.uniqueKeys.first,
            let parts = parts(
                identity.columns.sorted(),
                among: signature.whereColumns,
                from: signature.columns.count,
                own
            )
        else {
            becomeBarrier()
            if signature.isEquality, Set(signature.columns).isDisjoint(with: signature.whereColumns),
                !own.cascades.contains(signature.table)
            {
                ownRows = self.parts(
                    signature.whereColumns,
                    among: signature.whereColumns,
                    from: signature.columns.count,
                    own
                )
            }
            return nil
        }
        claim(.everything, .shared)
        values.append(
            ValueClaim(
                table: table,
                key: Self.number(of: identity.columns),
                parts: parts,
                use: .exclusive,
                otherwise: [Claim(resource: Resource(.everything, of: table), use: .exclusive)],
                ignoresNull: false
            )
        )
        return identity
    }

    private mutating func claimTakenValue(of key: TableFacts.UniqueKey, _ own: TableFacts) {
        let omitted = key.columns.filter { !signature.columns.contains($0) }
        if own.areFresh(omitted) { return }
        if key.nullsAreDistinct, omitted.contains(where: { own.columns[$0]?.defaultValue == .null }) { return }
        guard omitted.isEmpty, let parts = parts(key.columns.sorted(), among: signature.columns, from: 0, own) else {
            becomeBarrier()
            return
        }
        values.append(
            ValueClaim(
                table: table,
                key: Self.number(of: key.columns),
                parts: parts,
                use: .exclusive,
                otherwise: [Claim(resource: Resource(.everything, of: table), use: .exclusive)],
                ignoresNull: key.nullsAreDistinct
            )
        )
    }

    private mutating func claimReference(_ foreignKey: TableFacts.ForeignKey, _ own: TableFacts) {
        guard let parent = tables[foreignKey.parent] else { return }
        claim(.everything, of: parent, .shared)
        let unreadable = [Claim(resource: Resource(.rows, of: parent), use: .opposed)]
        let pairs = zip(foreignKey.parentColumns, foreignKey.columns).sorted { $0.0 < $1.0 }
        let isComparable = pairs.allSatisfy { parentColumn, column in
            facts[foreignKey.parent]?.columns[parentColumn]?.comparison == own.columns[column]?.comparison
        }
        let isKey = facts[foreignKey.parent]?.uniqueKeys.contains { Set($0.columns) == Set(foreignKey.parentColumns) }
        guard isComparable, isKey == true, let parts = parts(pairs.map(\.1), among: signature.columns, from: 0, own)
        else {
            // Left out of a create, the columns are NULL or a default; NULL refers to nothing.
            let isNull = foreignKey.columns.contains {
                !signature.columns.contains($0) && own.columns[$0]?.defaultValue == .null
            }
            if signature.operation != .create || !isNull { claim(.rows, of: parent, .opposed) }
            return
        }
        values.append(
            ValueClaim(
                table: parent,
                key: Self.number(of: foreignKey.parentColumns),
                parts: parts,
                use: .shared,
                otherwise: unreadable,
                ignoresNull: true
            )
        )
    }

    private mutating func claimGivenUpReference(_ foreignKey: TableFacts.ForeignKey) {
        guard let parent = tables[foreignKey.parent] else { return }
        claim(.everything, of: parent, .shared)
        // In a table that refers to itself, a delete both gives up a reference and frees a row.
        claim(.references, of: parent, parent == table ? .exclusive : .opposed)
    }

    /// Claims what a command does not name and reaches all the same.
    private mutating func claimOthers(_ own: TableFacts) {
        // Commands on two partitions of one table meet in no row.
        for table in own.ancestors { if let number = tables[table] { claim(.everything, of: number, .opposed) } }
        for table in own.reaches { if let number = tables[table] { claim(.everything, of: number, .exclusive) } }
        guard own.reachesEverything else { return }
        for number in tables.values.sorted() { claim(.everything, of: number, .exclusive) }
    }

    private mutating func claimCascades(_ own: TableFacts) {
        for reached in own.cascades {
            if let number = tables[reached] { claim(.everything, of: number, .exclusive) }
        }
        // The row that a default refers to can be made or deleted by any command on any parent.
        guard own.setsDefaults else { return }
        for number in tables.values.sorted() { claim(.everything, of: number, .exclusive) }
    }

    private mutating func becomeBarrier() {
        claim(.everything, .exclusive)
    }

    /// Where the values of `columns` lie among a command's cells; nil where one is not named or not known.
    private func parts(_ columns: [String], among named: [String], from first: Int, _ own: TableFacts)
        -> [ValueClaim.Part]?
    {
        var parts: [ValueClaim.Part] = []
        for column in columns {
            guard let index = named.firstIndex(of: column), let facts = own.columns[column] else { return nil }
            parts.append(ValueClaim.Part(cell: first + index, comparison: facts.comparison))
        }
        return parts
    }

    /// The same for a key and for references to it, whatever the order of their columns.
    private static func number(of columns: [String]) -> Int {
        var hasher = Hasher()
        for column in columns.sorted() { hasher.combine(column) }
        return hasher.finalize()
    }
}
