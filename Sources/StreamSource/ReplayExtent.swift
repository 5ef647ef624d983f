package import Drain
package import Entries
package import Redis

/// What of a stream is to be written again.
package struct ReplayExtent: Sendable, Hashable {
    package enum Start: Sendable, Hashable {
        /// From this ID on.
        case entry(StreamID)
        /// What was acknowledged behind the checkpoint: a database that went back to an older state lacks it.
        case checkpoint
    }

    package let start: Start
    /// Up to this ID; nil for the last acknowledged entry.
    package let end: StreamID?
    /// The table whose entries are written again; nil for all.
    package let table: TableName?

    package init(start: Start, end: StreamID? = nil, table: TableName? = nil) {
        self.start = start
        self.end = end
        self.table = table
    }

    /// The lowest ID in it.
    package var first: StreamID {
        if case .entry(let id) = start { id } else { .zero }
    }

    /// The name that a replay's checkpoint has in the place of a group: the same for the same words, so that a second run
    /// goes on where a first one was killed. Where no end was given it may lie further on then.
    package func checkpointName(group: String) -> String {
        let first = if case .entry(let id) = start { id.description } else { "checkpoint" }
        let words = "\(group) replay \(first)..\(end?.description ?? "")"
        return table.map { "\(words) \($0)" } ?? words
    }
}

extension StreamGroup {
    /// The entries of an extent that a database which went back to an older state lacks, from its first to its last; nil
    /// where none are to be written. They move the group's checkpoint, which can pass over none.
    package func missing(in extent: ReplayExtent, after done: Checkpoint) async throws(RedisError)
        -> (first: StreamID, last: StreamID)?
    {
        guard extent.table == nil, extent.end ?? .max > done.lastID else { return nil }
        let missing = try await missing(after: done)
        guard let first = missing.first, let last = missing.last(where: { $0 <= extent.end ?? .max }) else {
            return nil
        }
        if extent.first > done.lastID.next {
            let before = try await identifiers(behind: done.lastID, through: extent.first.previous)
            guard before.isEmpty else { return nil }
        }
        return (first, last)
    }
}
