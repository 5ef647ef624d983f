package import Entries
package import Redis

/// Reads a part of a stream window by window, through no group: what it has acknowledged as well.
package struct RangeReader: Sendable {
    /// Some entries of the range.
    package struct Page: Sendable {
        /// Those that are wanted.
        package var window: Window
        /// The last that was looked at; nil at the end of the range.
        package var last: StreamID?
        /// What another command sent along was answered.
        var answer = RedisReply.null
    }

    private let stream: String
    private let readCount: Int
    private let windowBytes: Int
    /// The table whose entries are wanted; nil for all.
    private let table: TableName?
    private var size = EntrySize()
    private var decoder: EntryDecoder

    package init(_ configuration: SourceConfiguration, stream: String, table: TableName? = nil) {
        self.stream = stream
        self.table = table
        readCount = configuration.readCount
        windowBytes = configuration.windowBytes
        decoder = EntryDecoder(defaultSchema: configuration.defaultSchema)
    }

    /// - Parameters:
    ///   - companion: a command to be sent along.
    ///   - isWanted: whether an entry is, by its ID.
    package mutating func page(
        behind first: StreamID,
        through last: StreamID,
        over connection: RedisConnection,
        along companion: RedisCommand? = nil,
        where isWanted: (StreamID) -> Bool
    ) async throws(RedisError) -> Page {
        var builder = WindowBuilder(stream: stream, decoder: decoder)
        let count = size.count(of: readCount, in: windowBytes)
        let range: RedisCommand = ["XRANGE", stream, "(\(first)", last.description, "COUNT", String(count)]
        let replies = try await connection.send([range] + (companion.map { [$0] } ?? []), timeout: .seconds(30))
        var page = Page(window: builder.window)
        if companion != nil {
            var answer = replies.cursor(at: 1)
            page.answer = try answer.tree().orThrow()
        }
        if var cursor = try EntryCursor(range: replies) {
            while cursor.remaining > 0, builder.isEmpty || builder.byteCount < windowBytes {
                if case .entry(let id) = try cursor.next(into: &builder, unless: { !isWanted($0) }) { page.last = id }
            }
        }
        size.note(entries: builder.count, bytes: builder.byteCount)
        (page.window, decoder) = builder.finish()
        if let table { keep(table, of: &page.window) }
        return page
    }

    /// Drops what is of other tables, and what is of none that can be read.
    package mutating func keep(_ table: TableName, of window: inout Window) {
        if window.entries.isEmpty { return }
        var builder = WindowBuilder(stream: stream, decoder: decoder)
        for entry in window.entries {
            guard case .command(let command) = entry.content,
                window.signatures[window.commands[command].signature].table == table
            else { continue }
            builder.append(id: entry.id, fields: window.fields(of: entry))
        }
        (window, decoder) = builder.finish()
    }
}
