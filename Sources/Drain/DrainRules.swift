package import Entries

/// What to do with an entry that can never be written.
package enum FailurePolicy: String, Sendable, CaseIterable {
    /// Write what came before it, leave it and the rest, stop the fleet.
    case stop
    case deadLetter = "dead_letter"
}

/// The rules by which one window is written; asked for anew for every window, since operators change them live.
package struct DrainRules: Sendable, Equatable {
    package var batching: BatchRule
    package var tables: [TableName: BatchRule]
    package var onParseFailure: FailurePolicy
    package var onWriteFailure: FailurePolicy
    /// Percent; 0 is off.
    package var breakerPercent: Int

    package init(
        batching: BatchRule = BatchRule(),
        tables: [TableName: BatchRule] = [:],
        onParseFailure: FailurePolicy = .stop,
        onWriteFailure: FailurePolicy = .deadLetter,
        breakerPercent: Int = 50
    ) {
        self.batching = batching
        self.tables = tables
        self.onParseFailure = onParseFailure
        self.onWriteFailure = onWriteFailure
        self.breakerPercent = breakerPercent
    }

    package func batchRule(for table: TableName) -> BatchRule { tables[table] ?? batching }

    /// `drainer:force_drain`: batching off, both policies dead letter, the breaker off.
    package var forced: DrainRules {
        DrainRules(
            batching: BatchRule(isEnabled: false),
            onParseFailure: .deadLetter,
            onWriteFailure: .deadLetter,
            breakerPercent: 0
        )
    }
}
