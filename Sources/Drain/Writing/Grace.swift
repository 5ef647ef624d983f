import Entries

/// How long a window waits when an entry is refused for what another writer may be about to bring.
struct Grace {
    /// A table whose grace ran out in vain has none for this long.
    static let pause = Duration.seconds(60)

    private let length: Duration
    private var ranOut: [TableName: ContinuousClock.Instant] = [:]

    init(length: Duration) {
        self.length = length
    }

    /// Whether waiting may help any of these refusals.
    func applies(to refused: [(table: TableName, refusal: Refusal)], now: ContinuousClock.Instant = .now) -> Bool {
        guard length > .zero else { return false }
        return refused.contains { table, refusal in
            refusal.mayHeal && ranOut[table].map { $0.duration(to: now) >= Self.pause } ?? true
        }
    }

    /// Remembers the tables for which the wait was in vain.
    mutating func ranOut(
        for refused: [(table: TableName, refusal: Refusal)],
        afterWaiting hasWaited: Bool,
        now: ContinuousClock.Instant = .now
    ) {
        guard hasWaited else { return }
        for (table, refusal) in refused where refusal.mayHeal { ranOut[table] = now }
    }
}
