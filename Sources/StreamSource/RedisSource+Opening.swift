package import Drain
package import Entries
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

    package func open(_ claim: StreamClaim, _ takeover: Takeover) async -> [StreamID] {
        var moved: [StreamID] = []
        await patiently { source throws(RedisError) in
            guard let index = source.index(of: claim.stream), source.states[index].phase.isClaimed else { return }
            do throws(RedisError) {
                moved = try await source.finishOpening(index, takeover)
            } catch {
                try source.condemn(index, after: error)
            }
        }
        return moved
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

    func facts(of index: Int) async throws(RedisError) -> StreamFacts { try await group(of: index).facts() }

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
    /// - Returns: recorded dead letters that stand in the dead-letter stream now.
    private func finishOpening(_ index: Int, _ takeover: Takeover) async throws(RedisError) -> [StreamID] {
        let checkpoint = takeover.checkpoint
        guard try await holdsLease(index) else {
            close(index, to: .absent)
            return []
        }
        let facts = try await makeSure(index, ofGroupAt: checkpoint)
        let consumer = consumerName(epoch: takeover.epoch)
        states[index].consumer = consumer
        states[index].done = checkpoint.lastID
        try await claimPending(index)
        let moved = try await move(takeover.unmoved, of: index)
        try await lookForLostEffects(index, facts, checkpoint)
        try await tellTrimmed(index, facts)
        guard states[index].phase.isClaimed else { return moved }
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
        return moved
    }

    /// Makes the group where it is missing, and raises the stream's last ID where it lies below what has taken effect.
    private func makeSure(_ index: Int, ofGroupAt checkpoint: Checkpoint) async throws(RedisError) -> StreamFacts {
        let key = states[index].key
        var facts = try await facts(of: index)
        let isBehind = configuration.keepsLedger && facts.lastGenerated < checkpoint.lastID
        if facts.group == nil {
            // In a stream that went back even entries below may be new ones.
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
            facts = try await self.facts(of: index)
        }
        if isBehind {
            logger.error(
                "Redis has gone back to an older state: its newest entry lies below what the database has; entries were lost",
                metadata: [
                    LogKey.stream: "\(key)", LogKey.last: "\(facts.lastGenerated)",
                    LogKey.first: "\(checkpoint.lastID)",
                ]
            )
            _ = try await run(
                StreamScripts.raiseLastID,
                keys: [key, FleetKeys.wentBack(key)],
                [checkpoint.lastID.description]
            )
        }
        let mark = try await commands.send(["GET", FleetKeys.wentBack(key)]).text.flatMap { StreamID($0) }
        states[index].mayReuseIDs = mark.map { (facts.group?.lastDelivered ?? .zero) < $0 } ?? false
        return facts
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

    /// Tells of entries that were delivered and acknowledged but lie above what the database has: it went back to an older
    /// state. Those that the stream still holds are written first, in order; the others are lost.
    private func lookForLostEffects(_ index: Int, _ facts: StreamFacts, _ checkpoint: Checkpoint)
        async throws(RedisError)
    {
        guard configuration.keepsLedger, let group = facts.group, group.lastDelivered > checkpoint.lastID else {
            return
        }
        let last = group.lastDelivered
        let pending = Set(try await self.group(of: index).pending().map(\.id))
        let present = try await self.group(of: index).identifiers(behind: checkpoint.lastID, through: last)
        let acknowledged = present.filter { !pending.contains($0) && !checkpoint.ahead.contains($0) }
        let isEvident = !acknowledged.isEmpty || !(pending.contains(last) || checkpoint.ahead.contains(last))
        let counted = group.entriesRead.flatMap { read in
            checkpoint.entriesRead.map { read - $0 - Set(present).union(pending).union(checkpoint.ahead).count }
        }
        // Another process may have become the owner since this one took it: then what it says is true, and not this.
        guard isEvident || counted ?? 0 > 0, try await holdsLease(index) else { return }
        let lost = max(counted ?? 0, 0)
        logger.error(
            "the database has gone back to an older state: acknowledged entries are written again where the stream still holds them",
            metadata: [
                LogKey.stream: "\(states[index].key)", LogKey.first: "\(checkpoint.lastID.next)",
                LogKey.last: "\(last)", LogKey.count: "\(acknowledged.count)",
                LogKey.lost: "\(counted.map { String(max($0, 0)) } ?? "unknown")",
            ]
        )
        if lost > 0 { metrics.entriesLost(stream: states[index].key, count: lost) }
    }

    /// Tells of entries that were trimmed before the group read them, and corrects Redis' count so that they are told
    /// once.
    func tellTrimmed(_ index: Int, _ facts: StreamFacts) async throws(RedisError) {
        let lost = facts.trimmedUnread
        guard lost > 0, let group = facts.group, let read = group.entriesRead else { return }
        let isOurs = try await run(
            StreamScripts.correctCount,
            keys: [states[index].key],
            [configuration.group, group.lastDelivered.description, String(read + lost)]
        ).integer
        guard isOurs == 1 else { return }
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
