package import Drain
import Entries
import Logging
import Redis
import Telemetry

extension RedisSource {
    /// A stream whose lease was taken, to be taken in the database next; nil where there is none.
    func claimStream() async throws(RedisError) -> StreamClaim? {
        for index in states.indices where states[index].phase.isLeased && !states[index].isCondemned {
            if states[index].isWithdrawn { continue }
            let claim: StreamClaim
            do throws(RedisError) {
                guard try await holdsLease(index) else {
                    close(index, to: .absent)
                    continue
                }
                claim = try await self.claim(of: index)
            } catch {
                try condemn(index, after: error)
                continue
            }
            // It may have been given up or lost meanwhile.
            guard states[index].phase.isLeased else { continue }
            states[index].phase = .claimed
            if configuration.keepsLedger { return claim }
            _ = try await finishOpening(index, Takeover(epoch: 0, checkpoint: claim.start))
        }
        return nil
    }

    package func open(_ claim: StreamClaim, _ takeover: Takeover) async -> Opening {
        var opening = Opening()
        await patiently { source throws(RedisError) in
            guard let index = source.index(of: claim.stream), source.states[index].phase.isClaimed else { return }
            do throws(RedisError) {
                opening = try await source.finishOpening(index, takeover)
            } catch {
                try source.condemn(index, after: error)
            }
        }
        return opening
    }

    /// Whether the lease is still this process'; shared streams need none.
    func holdsLease(_ index: Int) async throws(RedisError) -> Bool {
        guard configuration.keepsOrder else { return true }
        return try await commands.send(["HGET", keys.leases, states[index].key]).text == token
    }

    /// Goes on without a stream that is none; anything else is thrown on.
    func condemn(_ index: Int, after error: RedisError) throws(RedisError) {
        guard error.code == .wrongType else { throw error }
        logger.error(
            "this key is no stream; going on without it: rename it or change STREAM_NAMES, then restart",
            metadata: [LogKey.stream: "\(states[index].key)"]
        )
        states[index].isCondemned = true
    }

    func run(_ script: String, keys: [String], _ arguments: [String]) async throws(RedisError) -> RedisReply {
        try await commands.run(script, keys: keys, arguments)
    }

    func group(of index: Int) -> StreamGroup {
        StreamGroup(connection: commands, stream: states[index].key, name: configuration.group)
    }

    private func facts(of index: Int) async throws(RedisError) -> StreamFacts { try await group(of: index).facts() }

    /// What was in the streams when a run until empty began.
    func noteTargets() async throws(RedisError) {
        let replies = try await commands.send(states.map { ["XINFO", "STREAM", $0.key] }).all()
        for (index, reply) in replies.enumerated() where states[index].target == nil {
            if case .error(let error) = reply {
                states[index].target = .zero
                if error.code == .wrongType { try condemn(index, after: error) }
            } else {
                states[index].target = reply.dictionary["last-generated-id"]?.text.flatMap { StreamID($0) } ?? .zero
            }
        }
    }

    // MARK: The claim

    private func claim(of index: Int) async throws(RedisError) -> StreamClaim {
        let key = states[index].key
        guard configuration.keepsLedger else {
            return StreamClaim(stream: key, source: "", group: configuration.group, start: Checkpoint(lastID: .zero))
        }
        let group = group(of: index)
        let source = try await group.source()
        return StreamClaim(stream: key, source: source, group: configuration.group, start: try await group.start())
    }

    // MARK: The opening

    /// Brings the group and what is pending in order before anything is read.
    ///
    private func finishOpening(_ index: Int, _ takeover: Takeover) async throws(RedisError) -> Opening {
        let checkpoint = takeover.checkpoint
        guard try await holdsLease(index) else {
            close(index, to: .absent)
            return Opening()
        }
        var facts = try await makeSureOfGroup(index, checkpoint)
        if configuration.keepsLedger, try await hasGoneBack(index, facts, takeover) { return Opening(wentBack: true) }
        let consumer = consumerName(epoch: takeover.epoch)
        states[index].consumer = consumer
        states[index].done = checkpoint.lastID
        try await claimPending(index)
        let moved = try await move(takeover.unmoved, of: index)
        let above = try await delivered(index, facts, above: checkpoint)
        guard try await lookForLostEffects(index, facts, checkpoint, above) else {
            close(index, to: .absent)
            return Opening(moved: moved)
        }
        try await mendCount(index, &facts, checkpoint, above)
        try await tellTrimmed(index, facts)
        guard states[index].phase.isClaimed else { return Opening(moved: moved) }
        // What was delivered and has not taken effect is read from the stream and not from what is pending: an owner
        // before may still acknowledge what a database that went back no longer has.
        let delivered = facts.group?.lastDelivered ?? .zero
        states[index].phase =
            configuration.keepsLedger && delivered > checkpoint.lastID
            ? .replayed(after: checkpoint.lastID, through: delivered) : .pending(after: .zero)
        states[index].incarnation += 1
        states[index].lastSeen = delivered
        states[index].hasRung = true
        states[index].rest = nil
        states[index].claimIsDue = .now + configuration.leaseTTL / 2
        return Opening(moved: moved)
    }

    /// Makes the group where it is missing.
    private func makeSureOfGroup(_ index: Int, _ checkpoint: Checkpoint) async throws(RedisError) -> StreamFacts {
        let key = states[index].key
        let facts = try await facts(of: index)
        guard facts.group == nil else { return facts }
        // In a stream that went back even entries below may be new ones.
        let isBehind = facts.lastGenerated < checkpoint.lastID
        let start = configuration.keepsLedger && !isBehind ? checkpoint.lastID : .zero
        let read = start == .zero ? facts.entriesAdded.map { $0 - facts.length } : checkpoint.entriesRead
        if checkpoint.lastID > .zero {
            logger.warning(
                "the consumer group is gone; making it again where its work ended",
                metadata: [LogKey.stream: "\(key)", LogKey.last: "\(start)"]
            )
        }
        do throws(RedisError) {
            try await makeGroup(key, at: start, entriesRead: read)
        } catch {
            if error.code != .busyGroup { throw error }
        }
        return try await self.facts(of: index)
    }

    /// Compares the stream with what has taken effect. One that lies behind has gone back to an older state: its IDs are
    /// raised so that no new entry can come under an old one.
    ///
    /// - Returns: whether that is news, and nothing is done about it yet: a process that dies now must leave it so.
    private func hasGoneBack(_ index: Int, _ facts: StreamFacts, _ takeover: Takeover) async throws(RedisError) -> Bool
    {
        let key = states[index].key
        let checkpoint = takeover.checkpoint
        let last = checkpoint.highest
        let markKey = FleetKeys.wentBack(key, group: configuration.group)
        var mark = try await commands.send(["GET", markKey]).text.flatMap { WentBack($0) }
        if let old = mark, old.last > last {
            // The database has gone back behind that since: what it writes again is under its own ID.
            _ = try await commands.send(["DEL", markKey])
            mark = nil
        }
        states[index].reusedIDs = mark?.reusedIDs
        let delivered = facts.group?.lastDelivered ?? .zero
        guard facts.lastGenerated < last || delivered < checkpoint.lastID else { return false }
        let isNews = mark?.last != last
        if isNews, !takeover.hasForgottenMoves {
            logger.error(
                "Redis has gone back to an older state: its stream or group lies below what the database has; entries may be lost",
                metadata: [
                    LogKey.stream: "\(key)", LogKey.last: "\(min(facts.lastGenerated, delivered))",
                    LogKey.first: "\(last)",
                ]
            )
            return true
        }
        if isNews {
            // Where the stream still holds the last entry that took effect, none below it can have come twice.
            let isIntact = try await !self.group(of: index).identifiers(
                behind: checkpoint.lastID.previous,
                through: checkpoint.lastID
            )
            .isEmpty
            states[index].reusedIDs =
                isIntact ? nil : ReusedIDs(after: delivered, through: checkpoint.lastID, ahead: checkpoint.ahead)
        }
        if isNews || facts.lastGenerated < last {
            let mark = WentBack(last: last, reusedIDs: states[index].reusedIDs)
            _ = try await run(
                StreamScripts.raiseLastID,
                keys: [key, markKey],
                [last.description, facts.lastGenerated < last ? "1" : "0", mark.text]
            )
        }
        return false
    }

    private func makeGroup(_ key: String, at start: StreamID, entriesRead: Int?) async throws(RedisError) {
        try await commands.connect()
        let isCounting = await commands.serverVersion.major >= 7
        var arguments = [configuration.group, start == .zero ? "0" : start.description]
        if isCounting, let entriesRead, entriesRead >= 0 { arguments.append(String(entriesRead)) }
        _ = try await run(StreamScripts.makeGroup, keys: [key], arguments)
    }

    /// Moves what an owner before recorded and perhaps did not move.
    private func move(_ letters: [RecordedDeadLetter], of index: Int) async throws(RedisError) -> [StreamID] {
        let key = states[index].key
        for letter in letters {
            try await commands.connect()
            let version = await commands.serverVersion
            let command = NewDeadLetter(letter, of: key).command(
                StreamScripts.ensureDeadLetter,
                group: configuration.group,
                version: version
            )
            _ = try await commands.send(command, timeout: .seconds(30))
        }
        return letters.map(\.id)
    }

    /// What was delivered of a stream above its checkpoint.
    private struct Delivered {
        /// In the stream still.
        var present: [StreamID] = []
        var pending: Set<StreamID> = []
    }

    private func delivered(_ index: Int, _ facts: StreamFacts, above checkpoint: Checkpoint)
        async throws(RedisError) -> Delivered
    {
        guard configuration.keepsLedger, let group = facts.group, group.lastDelivered > checkpoint.lastID else {
            return Delivered()
        }
        let pending = try await self.group(of: index).pending().map(\.id).filter { $0 > checkpoint.lastID }
        return Delivered(
            present: try await self.group(of: index).identifiers(
                behind: checkpoint.lastID,
                through: group.lastDelivered
            ),
            pending: Set(pending)
        )
    }

    /// Tells of entries that were delivered and acknowledged but lie above what the database has: it went back to an older
    /// state. Those that the stream still holds are written first, in order; the others are lost.
    ///
    /// - Returns: false where the lease is another process' now.
    private func lookForLostEffects(
        _ index: Int,
        _ facts: StreamFacts,
        _ checkpoint: Checkpoint,
        _ above: Delivered
    ) async throws(RedisError) -> Bool {
        guard configuration.keepsLedger, let group = facts.group, group.lastDelivered > checkpoint.lastID else {
            return true
        }
        let last = group.lastDelivered
        let acknowledged = above.present.filter { !above.pending.contains($0) && !checkpoint.ahead.contains($0) }
        let isEvident = !acknowledged.isEmpty || !(above.pending.contains(last) || checkpoint.ahead.contains(last))
        // Redis 7.0 forgets its count at a restart: where it is too small it says nothing.
        let known = above.pending.union(above.present).union(checkpoint.ahead).count
        let counted = group.entriesRead.flatMap { read in checkpoint.entriesRead.map { read - $0 - known } }
            .flatMap { $0 >= 0 ? $0 : nil }
        guard isEvident || counted ?? 0 > 0 else { return true }
        // Another process may have become the owner since this one took it: then what it says is true, and not this.
        guard try await holdsLease(index) else { return false }
        logger.error(
            "the database has gone back to an older state: acknowledged entries are written again where the stream still holds them",
            metadata: [
                LogKey.stream: "\(states[index].key)", LogKey.first: "\(checkpoint.lastID.next)",
                LogKey.last: "\(last)", LogKey.count: "\(acknowledged.count)",
                LogKey.lost: "\(counted.map(String.init) ?? "unknown")",
            ]
        )
        if let counted, counted > 0 {
            metrics.entriesLost(stream: states[index].key, count: counted)
            states[index].lost += counted
        }
        return true
    }

    /// Gives Redis its count of what the group has read, where it forgot it: 7.0 does not keep it over a restart. The
    /// checkpoint knows it; without one, nothing is held against the time before.
    private func mendCount(
        _ index: Int,
        _ facts: inout StreamFacts,
        _ checkpoint: Checkpoint,
        _ above: Delivered
    ) async throws(RedisError) {
        guard let group = facts.group else { return }
        let read: Int?
        if configuration.keepsLedger {
            let known = above.pending.union(above.present).union(checkpoint.ahead).count
            read = checkpoint.entriesRead.map { $0 + known }
        } else {
            read = facts.readIfNoneWasTrimmed
        }
        guard let read, read > group.entriesRead ?? -1, facts.entriesAdded != nil else { return }
        if try await correctCount(index, group, to: read) { facts.group?.entriesRead = read }
    }

    /// Whether the group had not read on meanwhile.
    private func correctCount(_ index: Int, _ group: StreamFacts.Group, to read: Int) async throws(RedisError) -> Bool {
        try await run(
            StreamScripts.correctCount,
            keys: [states[index].key],
            [configuration.group, group.lastDelivered.description, String(read)]
        ).integer == 1
    }

    /// Tells of entries that were trimmed before the group read them, and corrects Redis' count so that they are told
    /// once.
    private func tellTrimmed(_ index: Int, _ facts: StreamFacts) async throws(RedisError) {
        let lost = facts.trimmedUnread
        guard lost > 0, let group = facts.group, let read = group.entriesRead else { return }
        guard try await correctCount(index, group, to: read + lost) else { return }
        let end = (facts.first ?? facts.lastGenerated).previous
        metrics.entriesLost(stream: states[index].key, count: lost)
        states[index].lost += lost
        logger.error(
            "entries were trimmed from the stream before they were read",
            metadata: [
                LogKey.stream: "\(states[index].key)", LogKey.count: "\(lost)",
                LogKey.first: "\(group.lastDelivered.next)", LogKey.last: "\(end)",
            ]
        )
    }
}
