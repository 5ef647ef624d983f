package import Drain
package import Entries
package import Redis

/// A stream as one consumer group has it: what Redis tells of it.
package struct StreamGroup: Sendable {
    package let connection: RedisConnection
    package let stream: String
    package let name: String

    package init(connection: RedisConnection, stream: String, name: String) {
        self.connection = connection
        self.stream = stream
        self.name = name
    }

    /// An entry that was delivered and not acknowledged.
    struct PendingEntry {
        let id: StreamID
        let consumer: String
        let idle: Duration
    }

    static let page = 1000

    /// - Throws: where the key is no stream; that there is none is an answer.
    package func facts() async throws(RedisError) -> StreamFacts {
        let replies = try await connection.send(StreamFacts.commands(for: stream)).all()
        return try StreamFacts(replies[...], group: name)
    }

    /// Everything pending for the group, in ID order.
    func pending() async throws(RedisError) -> [PendingEntry] {
        var found: [PendingEntry] = []
        var from = "-"
        while true {
            let page = try await pendingPage(from: from)
            found += page
            guard page.count == Self.page, let last = page.last else { return found }
            from = "(\(last.id)"
        }
    }

    func pendingPage(from: String, through last: String = "+") async throws(RedisError) -> [PendingEntry] {
        let reply = try await connection.send(["XPENDING", stream, name, from, last, String(Self.page)])
        return (reply.elements ?? []).compactMap { entry in
            guard let facts = entry.elements, facts.count >= 3, let id = facts[0].text.flatMap({ StreamID($0) }),
                let consumer = facts[1].text
            else { return nil }
            return PendingEntry(id: id, consumer: consumer, idle: .milliseconds(facts[2].integer ?? 0))
        }
    }

    /// IDs that the stream holds, behind the first and up to the last.
    func identifiers(behind first: StreamID, through last: StreamID) async throws(RedisError) -> [StreamID] {
        var found: [StreamID] = []
        var from = first
        while true {
            let ids =
                try await connection.run(
                    StreamScripts.identifiers,
                    keys: [stream],
                    [from.description, last.description, String(Self.page)]
                ).elements?.compactMap { $0.text.flatMap { StreamID($0) } } ?? []
            found += ids
            guard ids.count == Self.page, let end = ids.last else { return found }
            from = end
        }
    }

    /// The random name of the Redis that the stream lies in, given to it where it has none.
    package func source() async throws(RedisError) -> String {
        let name = String(UInt64.random(in: 0...UInt64.max), radix: 36)
        return try await connection.run(StreamScripts.source, keys: [stream, FleetKeys.source(of: stream)], [name])
            .text ?? name
    }

    /// The name that the Redis has; nil where it has none.
    package func knownSource() async throws(RedisError) -> String? {
        try await connection.send(["GET", FleetKeys.source(of: stream)]).text
    }

    /// Where a checkpoint starts that is not there yet: what the group has acknowledged. For a group that has worked
    /// without one: before its lowest pending entry, with what it has acknowledged behind that, so that this is not taken
    /// for a database that went back.
    package func start() async throws(RedisError) -> Checkpoint {
        let facts = try await facts()
        guard let group = facts.group else {
            return Checkpoint(lastID: .zero, entriesRead: facts.entriesAdded.map { $0 - facts.length })
        }
        guard group.pending > 0 else { return Checkpoint(lastID: group.lastDelivered, entriesRead: group.entriesRead) }
        let pending = try await pending().map(\.id)
        guard let lowest = pending.first else {
            return Checkpoint(lastID: group.lastDelivered, entriesRead: group.entriesRead)
        }
        let delivered = try await identifiers(behind: lowest.previous, through: group.lastDelivered)
        return Checkpoint(
            lastID: lowest.previous,
            ahead: Set(delivered).subtracting(pending),
            entriesRead: group.entriesRead.map { $0 - delivered.count }
        )
    }

    /// Entries that the stream holds and the group has acknowledged, though they have not taken effect: the database went
    /// back to an older state. In ID order.
    package func missing(after checkpoint: Checkpoint) async throws(RedisError) -> [StreamID] {
        guard let last = try await facts().group?.lastDelivered, last > checkpoint.lastID else { return [] }
        let pending = Set(try await pending().map(\.id))
        return try await identifiers(behind: checkpoint.lastID, through: last).filter {
            !pending.contains($0) && !checkpoint.ahead.contains($0)
        }
    }
}

extension RedisConnection {
    /// Runs one of the drainer's scripts.
    func run(_ script: String, keys: [String], _ arguments: [String] = []) async throws(RedisError) -> RedisReply {
        try await connect()
        let command = StreamScripts.command(script, keys: keys, arguments: arguments, version: serverVersion)
        return try await send(command, timeout: .seconds(30))
    }
}
