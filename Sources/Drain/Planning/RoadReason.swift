package import Entries

/// Why a command goes in bulk or alone.
package enum RoadReason: Sendable, Hashable {
    /// The entry asks for it.
    case forced
    /// Enough of its signature are in the window.
    case threshold
    case belowThreshold
    case batchingOff
    /// The `where` is more than equality: no two commands share a statement.
    case moreThanEquality
    /// The catalog does not have the table.
    case unknownTable
    /// A create without columns has nothing that a statement could expand.
    case noColumns
    /// ON CONFLICT is refused on the table, or means something else there.
    case createsGoAlone
    /// A trigger, a rule, a view, inheritance: a command may do more than it says.
    case barrierTable

    /// Of the commands of a signature that are not forced.
    ///
    /// - Parameters:
    ///   - count: such commands in the window, before conflicts divide them.
    ///   - facts: of the signature's table; nil where there is no such table.
    package init(_ signature: Signature, count: Int, rule: BatchRule, facts: TableFacts?) {
        self =
            if !rule.isEnabled {
                .batchingOff
            } else if !signature.isEquality {
                .moreThanEquality
            } else if let obstacle = Self.obstacle(to: signature, in: facts) {
                obstacle
            } else {
                count >= rule.batchSize ? .threshold : .belowThreshold
            }
    }

    package var road: Batch.Road {
        switch self {
        case .forced: .forced
        case .threshold: .bulk
        default: .single
        }
    }

    /// What keeps commands of this signature from sharing a statement at all.
    private static func obstacle(to signature: Signature, in facts: TableFacts?) -> RoadReason? {
        guard let facts else { return .unknownTable }
        guard signature.operation == .create else { return facts.isBarrier ? .barrierTable : nil }
        if facts.createsGoAlone { return .createsGoAlone }
        if signature.columns.isEmpty { return .noColumns }
        return facts.isBarrier && !facts.createsShareStatements ? .barrierTable : nil
    }
}
