package import Entries
import Redis

/// What Redis tells of a stream and of one group on it.
package struct StreamFacts: Sendable {
    package struct Group: Sendable {
        package let lastDelivered: StreamID
        /// Entries up to there, counted from the stream's first; nil where Redis does not know.
        package var entriesRead: Int?
        package let pending: Int
    }

    package let exists: Bool
    package let length: Int
    package let lastGenerated: StreamID
    package let first: StreamID?
    /// nil before Redis 7.
    package let entriesAdded: Int?
    package var group: Group?

    static func commands(for key: String) -> [RedisCommand] {
        [["XINFO", "STREAM", key], ["XINFO", "GROUPS", key]]
    }

    /// - Throws: where the key is no stream; that there is none is an answer.
    init(_ replies: ArraySlice<RedisReply>, group name: String) throws(RedisError) {
        guard replies.count == 2, let stream = replies.first, let groups = replies.last else {
            throw RedisError(.unexpectedReply, "XINFO")
        }
        if case .error(let error) = stream, error.code == .unknownCommand, error.message.contains("no such key") {
            exists = false
            length = 0
            lastGenerated = .zero
            first = nil
            entriesAdded = 0
            group = nil
            return
        }
        let facts = try stream.orThrow().dictionary
        exists = true
        length = facts["length"]?.integer.map { Int($0) } ?? 0
        lastGenerated = facts["last-generated-id"]?.text.flatMap { StreamID($0) } ?? .zero
        first = facts["first-entry"]?.elements?.first?.text.flatMap { StreamID($0) }
        entriesAdded = facts["entries-added"]?.integer.map { Int($0) }
        group = try groups.orThrow().elements?.map(\.dictionary).first { $0["name"]?.text == name }.map { facts in
            Group(
                lastDelivered: facts["last-delivered-id"]?.text.flatMap { StreamID($0) } ?? .zero,
                entriesRead: facts["entries-read"]?.integer.map { Int($0) },
                pending: facts["pending"]?.integer.map { Int($0) } ?? 0
            )
        }
    }

    /// Entries of the stream up to the last delivered one, if none was trimmed before the group read it; nil where that
    /// cannot be told.
    var readIfNoneWasTrimmed: Int? {
        guard let group, let added = entriesAdded else { return nil }
        guard let first else { return added }
        // Trimming takes the oldest: where an entry that was read is left, none that was not is gone.
        return first > group.lastDelivered ? added - length : nil
    }

    /// Entries that were trimmed before the group read them, as far as the counters tell.
    var trimmedUnread: Int {
        guard let read = group?.entriesRead, let expected = readIfNoneWasTrimmed else { return 0 }
        return max(0, expected - read)
    }
}
