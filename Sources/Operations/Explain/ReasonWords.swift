import Drain
import Entries

/// Says the planner's reasons to people.
struct ReasonWords {
    private let signature: Signature
    private let rule: BatchRule

    init(_ signature: Signature, rule: BatchRule) {
        self.signature = signature
        self.rule = rule
    }

    /// - Parameter count: commands of the signature in the window that are not forced.
    func text(of reason: RoadReason, count: Int) -> String {
        switch reason {
        case .forced: "forceDrainToDB is true: ahead of its window, in a statement of its own"
        case .threshold: "\(count) of this signature in the window, INSERT_BATCH_SIZE is \(rule.batchSize)"
        case .belowThreshold:
            "\(count) of this signature in the window; with \(rule.batchSize) (INSERT_BATCH_SIZE) or more they go in bulk"
        case .batchingOff: "BATCHED_CREATE_ENABLED is false"
        case .moreThanEquality: "its where is more than equality, so it shares a statement with no other"
        case .unknownTable: "the catalog does not have the table"
        case .noColumns: "a create without columns takes every default, one row a statement"
        case .createsGoAlone:
            "a deferrable key or a rule on the table refuses ON CONFLICT; each goes alone in a savepoint"
        case .barrierTable: "triggers, rules or inheritance on the table may do more than the entry says"
        }
    }

    func text(_ reason: BarrierReason) -> String {
        switch reason {
        case .unknownTable: "the catalog does not have the table"
        case .tableDoesMore: "a trigger, a rule, a view or inheritance: it may do more than it says"
        case .whereIsMoreThanEquality: "its where is more than equality: which rows it meets cannot be told"
        case .tableHasNoKey: "the table has no key that could name its row"
        case .whereLacksKey(let key): "its where does not name the key (\(list(key)))"
        case .changesKey(let columns): "it sets the key (\(list(columns)))"
        case .changesReferenced(let columns, let table): "it sets (\(list(columns))), which \(table) refers to"
        case .reachesItself: "a foreign key from the table to itself: it may meet other rows than its own"
        case .omitsKeyColumns(let columns): "it leaves the unique column (\(list(columns))) to a default"
        }
    }

    /// For a command that is none so far.
    var wouldBeBarrier: [String] {
        switch signature.operation {
        case .create:
            [
                "a trigger other than BEFORE ROW, a rule, a view or inheritance",
                "a unique column left to a default that is no sequence",
            ]
        case .update:
            [
                "a trigger, a rule, a view or inheritance", "a where without the whole key, with an operator or null",
                "a set of a key column, or of one that another table refers to",
            ]
        case .delete:
            [
                "a trigger, a rule, a view or inheritance", "a where without the whole key, with an operator or null",
                "a cascade from the table to itself",
            ]
        }
    }

    private func list(_ columns: [String]) -> String { columns.joined(separator: ", ") }
}
