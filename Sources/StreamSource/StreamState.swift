import Drain
import Entries
import Redis

/// What a source knows of one of its streams.
struct StreamState {
    /// Where the next entries come from.
    enum Phase {
        /// It is not this source's to read.
        case absent
        /// Its lease was taken; it is to be opened before anything is read.
        case leased
        /// Its claim was handed out.
        case claimed
        /// Entries that were acknowledged before, and are written again since the database went back: from behind the
        /// first ID up to the second.
        case replayed(after: StreamID, through: StreamID)
        /// Entries already delivered to this consumer and not acknowledged, from behind this ID on: those of other
        /// consumers that were claimed, and our own after a halt. They come before new ones.
        case pending(after: StreamID)
        /// Entries never delivered.
        case new

        /// Entries may be read.
        var isOpen: Bool {
            switch self {
            case .absent, .leased, .claimed: false
            case .replayed, .pending, .new: true
            }
        }

        var isClaimed: Bool {
            if case .claimed = self { true } else { false }
        }

        var isAbsent: Bool {
            if case .absent = self { true } else { false }
        }

        var isLeased: Bool {
            if case .leased = self { true } else { false }
        }
    }

    let key: String
    var phase = Phase.absent
    /// The consumer that reads it; another one after each opening.
    var consumer = ""
    /// Counts openings and losses, so that a read under way notices one.
    var incarnation = 0
    /// It is to be given up once nothing of it is in hand.
    var isWithdrawn = false
    /// The key holds something that is no stream; the others go on without it.
    var isCondemned = false
    /// It may hold entries never delivered.
    var hasRung = true
    /// The last ID that is known to be delivered, from which on the bell listens.
    var lastSeen = StreamID.zero
    /// Up to here everything has taken effect.
    var done = StreamID.zero
    /// Redis went back to an older state: what has come under these IDs since then are new entries.
    var reusedIDs: ReusedIDs?
    /// Entries told lost since the last window, which a checkpoint's count passes over.
    var lost = 0
    /// When to look for what dead processes left, where no lease says that they are dead.
    var claimIsDue = ContinuousClock.now
    /// With `untilEmpty`, the last ID that there was at the start.
    var target: StreamID?
    var entrySize = EntrySize()
    /// What a reply brought beyond a window's bytes.
    var rest: EntryCursor?
    /// Acknowledged since the last trim.
    var needsTrim = false
    var trimIsDue = ContinuousClock.now

    init(key: String) {
        self.key = key
    }

    var isOpen: Bool { phase.isOpen && !isCondemned }

    /// It is this source's, open or about to be.
    var isOurs: Bool { !phase.isAbsent && !isCondemned }
}

/// A window that was handed out and is not settled.
struct HeldWindow {
    let stream: String
    /// Ascending.
    let ids: [StreamID]
    /// When Redis last heard that somebody works on it.
    var refreshed = ContinuousClock.now

    func contains(_ id: StreamID) -> Bool {
        var low = 0
        var high = ids.count
        while low < high {
            let middle = (low + high) / 2
            if ids[middle] < id { low = middle + 1 } else { high = middle }
        }
        return low < ids.count && ids[low] == id
    }
}
