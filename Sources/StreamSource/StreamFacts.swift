package import Entries
import Redis

/// What Redis tells of a stream and of one group on it.
package struct StreamFacts: Sendable {
    package struct Group: Sendable {
        package let lastDelivered: StreamID
        /// Entries up to there, counted from the stream's first; nil where Redis does not know.
        package let entriesRead: Int?
        package let pending: Int
    }

    package let exists: Bool
    package let length: Int
    package let lastGenerated: StreamID
    package let first: StreamID?
    /// nil before Redis 7.
    package let entriesAdded: Int?
    package let group: Group?

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

    /// Entries that were trimmed before the group read them, as far as Redis' counters tell.
    var trimmedUnread: Int {
        guard let group, let added = entriesAdded, let read = group.entriesRead else { return 0 }
        let unread: Int
        if let first {
            // Trimming takes the oldest: where an entry that was read is left, none that was not is gone.
            guard first > group.lastDelivered else { return 0 }
            unread = length
        } else {
            unread = 0
        }
        return max(0, added - read - unread)
    }
}
