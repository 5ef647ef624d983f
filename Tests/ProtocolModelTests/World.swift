/// A short list of entries in one word: states are compared and hashed by the hundred thousand.
struct Run: Hashable, Sendable {
    private var bits: UInt64 = 0

    init(_ entries: some Sequence<Int> = []) {
        for entry in entries { append(entry) }
    }

    var isEmpty: Bool { bits == 0 }

    mutating func append(_ entry: Int) {
        let count = (67 - bits.leadingZeroBitCount) / 4
        bits |= UInt64(entry + 1) << UInt64(4 * count)
    }

    var entries: [Int] {
        var (list, rest): ([Int], UInt64) = ([], bits)
        while rest != 0 {
            list.append(Int(rest & 15) - 1)
            rest >>= 4
        }
        return list
    }

    func contains(_ entry: Int) -> Bool {
        var rest = bits
        while rest != 0 {
            if Int(rest & 15) == entry + 1 { return true }
            rest >>= 4
        }
        return false
    }
}

/// A small number for each entry.
struct PerEntry: Hashable, Sendable {
    private var bits: UInt64 = 0

    subscript(entry: Int) -> Int {
        get { Int(bits >> UInt64(8 * entry) & 0xFF) }
        set { bits = bits & ~(0xFF << UInt64(8 * entry)) | UInt64(newValue) << UInt64(8 * entry) }
    }
}

/// What Redis holds. IDs are small numbers, 0 for none: even ones, and odd ones for what is added after Redis went back,
/// since two entries come under IDs of one range more easily than under one ID.
struct Redis: Hashable, Sendable {
    /// By entry; 0 where it is not in the stream.
    var id = PerEntry()
    var lastID = 0
    var hasGroup = true
    var delivered = 0
    /// By entry, the consumer that it is pending for; 0 for none.
    var holder = PerEntry()
    /// By entry, how often it stands in the dead-letter stream.
    var dead = PerEntry()
    /// The process that has it; -1 for none.
    var lease = -1
    var isFull = false
    /// The IDs that had taken effect when this Redis went back: above the first, up to the second.
    var reusedAfter = 0
    var reusedThrough = 0
    /// The checkpoint's ID when that was found; 0 for never.
    var wentBackAt = 0
    /// What another group has read up to; -1 without one.
    var otherDelivered = -1
}

/// What is committed in the database.
struct Postgres: Hashable, Sendable {
    var hasCheckpoint = false
    /// The process that took the last epoch; -1 for none. Of epochs only that is of interest: the numbers have no end.
    var owner = -1
    var lastID = 0
    /// IDs above `lastID` that have taken effect.
    var ahead = Run()
    /// Every effect, in the order in which they were committed.
    var effects = Run()
    /// Dead letters that are recorded, and those of them that are known to stand in the dead-letter stream.
    var letters = Run()
    var moved = Run()
}

/// A transaction that has passed the fence, and so holds the checkpoint's row until it ends.
struct Transaction: Hashable, Sendable {
    enum Stage: Int, Sendable {
        case none, open, sent, committed
    }

    var stage = Stage.none
    var effects = Run()
    var letters = Run()
    /// The checkpoint that it leaves; none where the fence matched no row and did not raise.
    var movesCheckpoint = true
    var lastID = 0
    var ahead = Run()

    /// The row is held by whoever moves it.
    var holdsRow: Bool { movesCheckpoint && (stage == .open || stage == .sent) }
}

/// One process. It reads, writes and acknowledges at the same time, a window each.
struct Process: Hashable, Sendable {
    enum Phase: Int, Sendable {
        /// Without the stream.
        case absent
        /// The lease was taken; the database comes next.
        case leased
        /// The database was taken; the lease is looked at once more.
        case taken
        /// The group is in order and what was pending is this process'; dead letters come next.
        case claimed
        /// Reads what was delivered and has taken no effect, then what is pending, then what is new.
        case replaying, pending, new
        /// Reads nothing until all in hand is written and acknowledged, then opens the stream anew.
        case closing
    }

    var phase = Phase.absent
    /// It stands still for ever and is not dead.
    var isFrozen = false
    /// Counts its connections to Redis, those of its earlier lives as well.
    var connection = 0
    /// It took an epoch in this life.
    var hasEpoch = false
    var lastID = 0
    var ahead = Run()
    var readThrough = 0
    var replayThrough = 0
    /// Windows: read, being written, committed and not acknowledged.
    var next = Run()
    var hand = Run()
    var unsettled = Run()
    /// Of those, entries that are dead letters.
    var letters = Run()
    /// Of those, entries that were acknowledged and whose dead letters are to be noted as moved.
    var toBeNoted = Run()
    var transaction = Transaction()
}

/// How often each fault may still happen.
struct Faults: Hashable, Sendable {
    var deaths = 0
    var lostAnswers = 0
    var lostAcknowledgements = 0
    var cutReads = 0
    var expiries = 0
    var freezes = 0
    var lostGroups = 0
    /// Entries still to be added, as others go on.
    var additions = 0
    var redisGoesBack = false
    var databaseGoesBack = false
}

/// A state of everything.
struct World: Hashable, Sendable {
    var redis = Redis()
    var postgres = Postgres()
    var one = Process()
    var other = Process()
    /// What backends still execute whose clients are gone.
    var orphanOfOne = Transaction()
    var orphanOfOther = Transaction()
    /// A cut connection whose blocked read Redis may still serve: its consumer; 0 for none.
    var ghost = 0
    var faults = Faults()
    /// Entries added so far.
    var added = 0
    /// Entries that a loss was told of.
    var told = Run()
    /// Entries that were added while nobody had seen to a Redis that went back, and those that were added since.
    var addedUnseen = Run()
    var addedSeen = Run()
    var redisWentBack = false
    var redisWentBackUnseen = false
    /// What a server can go back to.
    var oldRedis: Redis?
    var oldPostgres: Postgres?

    subscript(process number: Int) -> Process {
        get { number == 0 ? one : other }
        set { if number == 0 { one = newValue } else { other = newValue } }
    }

    subscript(orphan number: Int) -> Transaction {
        get { number == 0 ? orphanOfOne : orphanOfOther }
        set { if number == 0 { orphanOfOne = newValue } else { orphanOfOther = newValue } }
    }

    /// Transactions of either process, running or orphaned.
    var transactions: [Transaction] {
        [one.transaction, other.transaction, orphanOfOne, orphanOfOther]
    }
}
