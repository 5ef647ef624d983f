package import Entries

/// Why nothing of its table may overtake a command.
package enum BarrierReason: Sendable, Hashable {
    /// The catalog does not have the table.
    case unknownTable
    /// A trigger, a rule, a view, inheritance: a command may do more than it says.
    case tableDoesMore
    case whereIsMoreThanEquality
    /// The table has no key that could name a row.
    case tableHasNoKey
    /// The `where` leaves out columns of the key that names rows, the primary one where there is one.
    case whereLacksKey([String])
    /// These columns of the key that names rows are set.
    case changesKey([String])
    /// These columns, which the other table refers to, are set.
    case changesReferenced([String], by: TableName)
    /// A foreign key from the table to itself lets a delete meet other rows than its own.
    case reachesItself
    /// A create leaves these columns of a unique key to defaults that planning cannot tell.
    case omitsKeyColumns([String])
}

extension Signature {
    /// Whether planning lets nothing of the table overtake commands of this signature, whatever their values.
    package func isBarrier(among facts: [TableName: TableFacts]) -> Bool {
        let claims = SignatureClaims(self, tables: [table: 0], facts: facts)
        return claims.fixed.contains(Claim(resource: claims.ownTable, use: .exclusive))
    }

    /// Why it is a barrier; empty where it is none.
    package func barrierReasons(among facts: [TableName: TableFacts]) -> [BarrierReason] {
        guard let own = facts[table] else { return [.unknownTable] }
        var reasons: [BarrierReason] = own.isBarrier || own.reachesEverything ? [.tableDoesMore] : []
        switch operation {
        case .create: reasons += own.uniqueKeys.compactMap { omitted(of: $0, own) }
        case .update: reasons += reasonsOfWhere(own) + reasonsOfChange(own)
        case .delete:
            reasons += reasonsOfWhere(own)
            let isNamed = { (columns: [String]) in own.uniqueKeys.first.map { Set($0.columns) == Set(columns) } ?? false
            }
            if own.cascades.contains(table)
                || own.references.contains(where: { $0.child == table && !isNamed($0.columns) })
            {
                reasons.append(.reachesItself)
            }
        }
        return reasons
    }

    private func omitted(of key: TableFacts.UniqueKey, _ own: TableFacts) -> BarrierReason? {
        let omitted = key.columns.filter { !columns.contains($0) }
        let defaults = omitted.map { own.columns[$0]?.defaultValue }
        if omitted.isEmpty || own.areFresh(omitted) || key.nullsAreDistinct && defaults.contains(.null) {
            return nil
        }
        return .omitsKeyColumns(omitted)
    }

    private func reasonsOfWhere(_ own: TableFacts) -> [BarrierReason] {
        guard isEquality else { return [.whereIsMoreThanEquality] }
        guard let key = own.uniqueKeys.first else { return [.tableHasNoKey] }
        return Set(key.columns).isSubset(of: whereColumns) ? [] : [.whereLacksKey(key.columns)]
    }

    private func reasonsOfChange(_ own: TableFacts) -> [BarrierReason] {
        var reasons: [BarrierReason] = []
        if let key = own.uniqueKeys.first, Set(key.columns).isSubset(of: whereColumns), isEquality {
            let changed = key.columns.filter(columns.contains)
            if !changed.isEmpty { reasons.append(.changesKey(changed)) }
        }
        for reference in own.references {
            let changed = reference.columns.filter(columns.contains)
            if !changed.isEmpty { reasons.append(.changesReferenced(changed, by: reference.child)) }
        }
        return reasons
    }
}
