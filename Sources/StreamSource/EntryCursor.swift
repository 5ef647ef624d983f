import Entries
import Redis

/// Walks the entries of one stream in a reply of XREADGROUP or XRANGE.
struct EntryCursor {
    private var cursor: RedisReplies.Cursor
    /// Entries not yet walked over.
    private(set) var remaining: Int
    /// Where the reply's bytes begin in the arena of the window that has taken them; nil while they are the reply's own.
    private var base: Int?

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
        _ = try cursor.range()
        remaining = try cursor.array() ?? 0
        if remaining == 0 { return nil }
    }

    /// What stands next in the reply.
    enum Element {
        case entry(StreamID)
        /// Redis has delivered it before and lost its body since.
        case lost(StreamID)
    }

    /// The bytes of the whole reply.
    var byteCount: Int { cursor.bytes.count }

    /// Moves the bytes into the arena of a window that is to have all of the entries, so that none is copied.
    mutating func lend(to builder: inout WindowBuilder) {
        // Room that is made again and again would be copied each time.
        if builder.isEmpty { builder.reserve(entries: remaining) }
        base = builder.take(cursor.takeBytes())
    }

    /// Appends the next entry to `builder`, unless Redis has lost its body or `isHeld` knows its ID. Once the bytes are lent,
    /// it is always the same builder.
    mutating func next(
        into builder: inout WindowBuilder,
        unless isHeld: (StreamID) -> Bool = { _ in false }
    ) throws(RedisError) -> Element {
        remaining -= 1
        _ = try cursor.array()
        guard let text = try cursor.range(), let id = id(at: text, builder) else {
            throw RedisError(.unexpectedReply, "an entry without an ID")
        }
        guard let count = try cursor.array() else { return .lost(id) }
        // Every entry that is a command has one field.
        if count == 2 {
            let name = try cursor.range() ?? 0..<0
            let value = try cursor.range() ?? 0..<0
            if !isHeld(id) { append(id, name, value, to: &builder) }
            return .entry(id)
        }
        var fields: [(name: Range<Int>, value: Range<Int>)] = []
        for _ in 0..<(count / 2) { fields.append((try cursor.range() ?? 0..<0, try cursor.range() ?? 0..<0)) }
        if !isHeld(id) { append(id, fields, to: &builder) }
        return .entry(id)
    }

    private func append(
        _ id: StreamID,
        _ fields: [(name: Range<Int>, value: Range<Int>)],
        to builder: inout WindowBuilder
    ) {
        if let base {
            builder.append(id: id, fieldsAt: fields.map { ($0.name.moved(by: base), $0.value.moved(by: base)) })
        } else {
            builder.append(id: id, fields: fields.map { (cursor.bytes[$0.name], cursor.bytes[$0.value]) })
        }
    }

    private func append(_ id: StreamID, _ name: Range<Int>, _ value: Range<Int>, to builder: inout WindowBuilder) {
        if let base {
            builder.append(id: id, nameAt: name.moved(by: base), valueAt: value.moved(by: base))
        } else {
            builder.append(id: id, name: cursor.bytes[name], value: cursor.bytes[value])
        }
    }

    private func id(at range: Range<Int>, _ builder: borrowing WindowBuilder) -> StreamID? {
        if let base { return builder.id(at: range.moved(by: base)) }
        return StreamID(ascii: cursor.bytes.span.extracting(range))
    }
}

extension Range<Int> {
    fileprivate func moved(by distance: Int) -> Range { (lowerBound + distance)..<(upperBound + distance) }
}
