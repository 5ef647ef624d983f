import Entries

/// How long a window waits when an entry is refused for what another writer may be about to bring.
struct Grace {
    /// A table whose grace ran out in vain has none for this long.
    static let pause = Duration.seconds(60)

    private let length: Duration
    private var ranOut: [TableName: Duration] = [:]

    init(length: Duration) {
        self.length = length
    }

    /// Whether waiting may help any of these refusals.
    ///
    /// - Parameter now: since any fixed moment.
    func applies(to refused: [(table: TableName, refusal: Refusal)], now: Duration) -> Bool {
        guard length > .zero else { return false }
        return refused.contains { table, refusal in
            refusal.mayHeal && ranOut[table].map { now - $0 >= Self.pause } ?? true
        }
    }

    /// Remembers the tables for which the wait was in vain.
    mutating func ranOut(
        for refused: [(table: TableName, refusal: Refusal)],
        afterWaiting hasWaited: Bool,
        now: Duration
    ) {
        guard hasWaited else { return }
        for (table, refusal) in refused where refusal.mayHeal { ranOut[table] = now }
    }
}
