/// A world to begin with and what may befall it.
struct Scenario: Sendable, CustomStringConvertible {
    let description: String
    var start = World()
    var windowSize = 1
    /// Entries that the database refuses, and those that are marked to go first.
    var bad = Run()
    var forced = Run()
    /// Whether acknowledged entries are trimmed.
    var trims = false
    /// The other process keeps no checkpoint.
    var otherIsOfAnotherMode = false

    /// - Parameter entries: in the stream at the beginning.
    init(_ description: String, entries: Int, _ change: (inout Scenario) -> Void = { _ in }) {
        self.description = description
        for entry in 0..<entries { start.redis.id[entry] = 2 * (entry + 1) }
        start.redis.lastID = 2 * entries
        start.added = entries
        change(&self)
    }

    // MARK: What may befall it

    static let deaths = Scenario("processes die, and answers and leases are lost", entries: 2) {
        $0.start.faults.deaths = 1
        $0.start.faults.lostAnswers = 1
        $0.start.faults.expiries = 1
    }
    static let overlap = Scenario("windows overlap while a lease is lost", entries: 3) {
        $0.start.faults.expiries = 1
        $0.start.faults.lostAnswers = 1
    }
    static let cuts = Scenario("reads are cut and served all the same", entries: 3) {
        $0.start.faults.cutReads = 1
    }
    static let standstill = Scenario("a process stands still with a transaction open", entries: 2) {
        $0.start.faults.freezes = 1
        $0.start.faults.expiries = 1
    }
    static let badEntries = Scenario("an entry is bad", entries: 2) {
        $0.bad = Run([0])
        $0.start.faults.deaths = 1
        $0.start.faults.lostAcknowledgements = 1
        $0.start.faults.expiries = 1
    }
    static let ahead = Scenario("an entry goes ahead of its window", entries: 2) {
        $0.windowSize = 2
        $0.forced = Run([1])
        $0.start.faults.deaths = 1
        $0.start.faults.lostAnswers = 1
        $0.start.faults.expiries = 1
    }
    static let lostGroup = Scenario("the group is destroyed", entries: 2) {
        $0.start.faults.lostGroups = 1
        $0.start.faults.deaths = 1
    }
    static let redisBack = Scenario("Redis goes back", entries: 1) {
        $0.start.faults.redisGoesBack = true
        $0.start.faults.additions = 2
    }
    static let databaseBack = Scenario("the database goes back", entries: 2) {
        $0.start.faults.databaseGoesBack = true
        $0.start.faults.deaths = 1
        $0.trims = true
    }
    static let trimming = Scenario("another group reads the stream, and it is trimmed", entries: 2) {
        $0.trims = true
        $0.start.redis.otherDelivered = 0
        $0.start.faults.deaths = 1
    }
    static let full = Scenario("Redis is full", entries: 2) {
        $0.trims = true
        $0.start.redis.isFull = true
        $0.start.faults.deaths = 1
    }
    static let olderGroup = Scenario("the group is older than its checkpoint", entries: 3) {
        $0.start.redis.delivered = 4
        $0.start.redis.holder[1] = 40
        $0.start.postgres.effects = Run([0])
        $0.start.faults.deaths = 1
    }
    static let otherMode = Scenario("the other process keeps no checkpoint", entries: 2) {
        $0.otherIsOfAnotherMode = true
    }

    static let all = [
        deaths, overlap, cuts, standstill, badEntries, ahead, lostGroup, redisBack, databaseBack, trimming, full,
        olderGroup, otherMode,
    ]
}
