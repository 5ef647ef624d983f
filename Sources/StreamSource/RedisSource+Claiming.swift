import Drain
import Entries
import Logging
import Redis
import Telemetry

extension RedisSource {
    /// Takes over what other consumers were given: dead processes, those that lost the lease, our own cut connections.
    /// What is taken is written before anything new.
    ///
    /// Entries whose body the stream has lost are told before they are acknowledged, so that no crash hides them.
    ///
    /// - Returns: how many were taken.
    @discardableResult
    func claimPending(_ index: Int) async throws(RedisError) -> Int {
        let consumer = states[index].consumer
        let key = states[index].key
        var from = "-"
        var taken = 0
        while true {
            let page = try await group(of: index).pendingPage(from: from)
            let due = page.filter { entry in
                entry.consumer != consumer
                    && (entry.idle >= configuration.claimIdle || entry.consumer.hasPrefix(consumerPrefix))
            }
            if !due.isEmpty {
                let gone =
                    try await run(
                        StreamScripts.claim,
                        keys: [key],
                        [configuration.group, consumer, "0"] + due.map(\.id.description)
                    ).elements?.compactMap { $0.text.flatMap { StreamID($0) } } ?? []
                taken += due.count - gone.count
                if !gone.isEmpty { try await acknowledgeLost(gone, of: index) }
            }
            guard page.count == StreamGroup.page, let last = page.last else { break }
            from = "(\(last.id)"
        }
        if taken > 0 {
            logger.info("claimed pending entries", metadata: [LogKey.stream: "\(key)", LogKey.count: "\(taken)"])
        }
        return taken
    }

    /// Where processes share a stream, looks now and then for what dead ones left.
    func claimIfDue(_ index: Int) async throws(RedisError) {
        guard !configuration.keepsOrder, states[index].claimIsDue <= .now else { return }
        states[index].claimIsDue = .now + configuration.leaseTTL / 2
        if try await claimPending(index) > 0 { states[index].phase = .pending(after: .zero) }
    }

    /// Whether nobody but this consumer was given entries, and it all that it has just read, by the summary that XPENDING
    /// answers with. Otherwise others come first, or the group is another one by now.
    func isClean(_ summary: RedisReply, _ index: Int, reading count: Int) -> Bool {
        guard configuration.keepsOrder else { return true }
        var own = 0
        for holder in summary.elements?.last?.elements ?? [] {
            guard let facts = holder.elements, facts.count == 2, facts[0].text == states[index].consumer else {
                return false
            }
            own = facts[1].integer.map { Int($0) } ?? 0
        }
        return own >= count
    }

    /// Whether all that was in the streams at the start is acknowledged. Waits a little where it is not.
    func isDrained() async throws(RedisError) -> Bool {
        if !held.isEmpty {
            await pause(.milliseconds(2))
            return false
        }
        for index in states.indices where !states[index].isCondemned {
            guard let target = states[index].target else { return false }
            let key = states[index].key
            let replies = try await commands.send([
                ["XPENDING", key, configuration.group], ["XINFO", "GROUPS", key],
            ]).all()
            // Without a group it is not this run that has drained it.
            let pending = replies[0].elements ?? []
            let group = replies[1].elements?.first { $0.dictionary["name"]?.text == configuration.group }
            let delivered = group?.dictionary["last-delivered-id"]?.text.flatMap { StreamID($0) } ?? .zero
            let lowest = pending.count > 1 ? pending[1].text.flatMap { StreamID($0) } : nil
            var isDelivered = delivered >= target
            if group != nil, !isDelivered {
                // No entry need be there under the stream's last ID: it may have been raised, or deleted.
                let next: RedisCommand = ["XRANGE", key, "(\(delivered)", target.description, "COUNT", "1"]
                isDelivered = try await commands.send([next]).all()[0].elements?.isEmpty == true
            }
            if group == nil || !isDelivered || lowest.map({ $0 <= target }) == true {
                // Another process holds the rest: it acknowledges it, or dies and leaves it to be claimed.
                states[index].hasRung = true
                if isDelivered || !states[index].isOpen { await pause(.milliseconds(20)) }
                return false
            }
            if case .replayed = states[index].phase { return false }
        }
        for index in states.indices where !states[index].isOpen && !states[index].isCondemned {
            guard states[index].phase.isAbsent, try await isElsewhere(index) else {
                await pause(.milliseconds(5))
                return false
            }
        }
        return true
    }

    /// Whether another source looks after a stream: of this process, or of another that is alive.
    private func isElsewhere(_ index: Int) async throws(RedisError) -> Bool {
        let key = states[index].key
        if try await commands.send(["HGET", keys.leases, key]).text == token { return true }
        return try await run(FleetScripts.isElsewhere, keys: [keys.members, keys.leases], [token, key]).integer == 1
    }

    /// Entries that Redis delivered and no longer holds can never be written: they are told and acknowledged. Those that
    /// had taken effect before are no loss.
    func acknowledgeLost(_ ids: [StreamID], of index: Int) async throws(RedisError) {
        let key = states[index].key
        guard try await holdsLease(index) else { return }
        let lost = ids.filter { $0 > states[index].done }
        if let first = lost.min(), let last = lost.max() {
            metrics.entriesLost(stream: key, count: lost.count)
            states[index].lost += lost.count
            logger.error(
                "Redis lost entries that were never acknowledged",
                metadata: [
                    LogKey.stream: "\(key)", LogKey.count: "\(lost.count)", LogKey.first: "\(first)",
                    LogKey.last: "\(last)",
                ]
            )
        }
        _ = try await commands.send(RedisCommand(["XACK", key, configuration.group] + ids.map(\.description)))
    }
}
