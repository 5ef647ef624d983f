import Entries
import Redis

/// What a source knows of one of its streams.
struct StreamState {
    /// Where the next entries come from.
    enum Phase {
        /// Entries already delivered to this consumer and not acknowledged, from behind this ID on: those of dead
        /// processes that were claimed, and our own after a cut connection or a halt. They come before new ones.
        case pending(after: StreamID)
        /// Entries never delivered.
        case new
    }

    let key: String
    var phase = Phase.pending(after: .zero)
    /// The group is known to be there.
    var hasGroup = false
    /// The key holds something that is no stream; the others go on without it.
    var isCondemned = false
    /// It may hold entries never delivered.
    var hasRung = true
    /// The last ID that is known to be delivered, from which on the bell listens.
    var lastSeen = StreamID.zero
    var claimIsDue = ContinuousClock.now
    /// Another process holds entries that are older than what is new: nothing new is read until they are done.
    var isBehindOthers = false
    /// With `untilEmpty`, the last ID that there was at the start.
    var target: StreamID?
    /// Smoothed size of its entries; nil before the first.
    var bytesPerEntry: Double?
    /// What a reply brought beyond a window's bytes.
    var rest: EntryCursor?
    /// Acknowledged since the last trim.
    var needsTrim = false
    var trimIsDue = ContinuousClock.now

    init(key: String) {
        self.key = key
    }

    mutating func note(entries: Int, bytes: Int) {
        guard entries > 0 else { return }
        let mean = Double(bytes) / Double(entries)
        bytesPerEntry = bytesPerEntry.map { $0 * 0.8 + mean * 0.2 } ?? mean
    }
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

/// Walks the entries of one stream in an XREADGROUP reply.
struct EntryCursor {
    private var cursor: RedisReplies.Cursor
    /// Entries not yet walked over.
    private(set) var remaining: Int

    /// nil where the reply holds no entries.
    init?(_ replies: RedisReplies) throws(RedisError) {
        cursor = replies.cursor
        guard let streams = try cursor.array(), streams > 0 else { return nil }
        _ = try cursor.array()
        _ = try cursor.string()
        remaining = try cursor.array() ?? 0
        if remaining == 0 { return nil }
    }

    /// What stands next in the reply.
    enum Element {
        case entry(StreamID)
        /// Redis has delivered it before and lost its body since.
        case lost(StreamID)
    }

    /// Appends the next entry to `builder`, unless Redis has lost its body or `isHeld` knows its ID.
    mutating func next(
        into builder: inout WindowBuilder,
        unless isHeld: (StreamID) -> Bool = { _ in false }
    ) throws(RedisError) -> Element {
        remaining -= 1
        _ = try cursor.array()
        guard let text = try cursor.string(), let id = StreamID(ascii: text) else {
            throw RedisError(.unexpectedReply, "an entry without an ID")
        }
        guard let count = try cursor.array() else { return .lost(id) }
        // Every entry that is a command has one field.
        if count == 2 {
            let name = try cursor.string() ?? []
            let value = try cursor.string() ?? []
            if !isHeld(id) { builder.append(id: id, name: name, value: value) }
            return .entry(id)
        }
        var fields: [(name: ArraySlice<UInt8>, value: ArraySlice<UInt8>)] = []
        for _ in 0..<(count / 2) {
            fields.append((try cursor.string() ?? [], try cursor.string() ?? []))
        }
        if !isHeld(id) { builder.append(id: id, fields: fields) }
        return .entry(id)
    }
}
