import Entries
import Redis

/// Walks the entries of one stream in a reply of XREADGROUP or XRANGE.
struct EntryCursor {
    private var cursor: RedisReplies.Cursor
    /// Entries not yet walked over.
    private(set) var remaining: Int

    /// Of XRANGE: entries and nothing around them; nil where there are none.
    init?(range replies: RedisReplies) throws(RedisError) {
        cursor = replies.cursor
        remaining = try cursor.array() ?? 0
        if remaining == 0 { return nil }
    }

    /// Of XREADGROUP, the first command of the exchange; nil where the reply holds no entries.
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
