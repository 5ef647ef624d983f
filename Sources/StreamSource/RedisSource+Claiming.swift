import Drain
import Entries
import Logging
import Redis
import Telemetry

extension RedisSource {
    /// Makes the group where it is missing, and notes where the stream stands.
    func makeGroup(_ index: Int) async throws(RedisError) {
        let key = states[index].key
        do throws(RedisError) {
            try await commands.connect()
            let version = await commands.serverVersion
            _ = try await commands.send(
                StreamScripts.command(
                    StreamScripts.makeGroup,
                    keys: [key],
                    arguments: [configuration.group],
                    version: version
                )
            )
        } catch {
            switch error.code {
            case .busyGroup: break
            case .wrongType:
                logger.error(
                    "this key is no stream; going on without it: rename it or change STREAM_NAMES, then restart",
                    metadata: [LogKey.stream: "\(key)"]
                )
                states[index].isCondemned = true
                return
            default: throw error
            }
        }
        let replies = try await commands.send([["XINFO", "GROUPS", key], ["XINFO", "STREAM", key]]).all()
        for group in try replies[0].orThrow().elements ?? [] {
            let facts = group.dictionary
            guard facts["name"]?.text == configuration.group else { continue }
            states[index].lastSeen = facts["last-delivered-id"]?.text.flatMap { StreamID($0) } ?? .zero
        }
        if configuration.untilEmpty, states[index].target == nil {
            let facts = try replies[1].orThrow().dictionary
            states[index].target = facts["last-generated-id"]?.text.flatMap { StreamID($0) } ?? .zero
        }
        states[index].hasGroup = true
        states[index].hasRung = true
    }

    /// Takes over what dead processes, and our own cut connections, left pending. What is taken is written before
    /// anything new.
    func claimIfDue(_ index: Int) async throws(RedisError) {
        guard states[index].claimIsDue <= .now else { return }
        let key = states[index].key
        let own = try await claimOwn(key)
        let idle = String(configuration.leaseTTL.milliseconds)
        var claimed = own
        var lost: [StreamID] = []
        var start = "0-0"
        repeat {
            let reply = try await commands.send([
                "XAUTOCLAIM", key, configuration.group, consumer, idle, start, "COUNT", "1000", "JUSTID",
            ])
            guard let parts = reply.elements, parts.count >= 2, let next = parts[0].text else {
                throw RedisError(.unexpectedReply, "XAUTOCLAIM")
            }
            claimed += parts[1].elements?.count ?? 0
            // From Redis 7 on: entries that were pending and that the stream no longer holds.
            if parts.count > 2 { lost += (parts[2].elements ?? []).compactMap { $0.text.flatMap { StreamID($0) } } }
            start = next
        } while start != "0-0"
        tellLost(lost, of: key)
        let isBehindOthers = configuration.keepsOrder ? try await othersHold(key) : false
        states[index].isBehindOthers = isBehindOthers
        // Who is behind others looks again soon: they write what they hold, or it is claimed once it is idle.
        states[index].claimIsDue = .now + (isBehindOthers ? Self.lookAgain : configuration.leaseTTL / 2)
        guard claimed > 0 else { return }
        logger.info("claimed pending entries", metadata: [LogKey.stream: "\(key)", LogKey.count: "\(claimed)"])
        states[index].phase = .pending(after: .zero)
    }

    /// How long a stream whose entries others hold is left alone.
    static let lookAgain = Duration.milliseconds(50)

    /// Whether another process was given entries and has not acknowledged them: what is new comes after those.
    private func othersHold(_ key: String) async throws(RedisError) -> Bool {
        let summary = try await commands.send(["XPENDING", key, configuration.group]).elements ?? []
        let holders = (summary.last?.elements ?? []).compactMap { $0.elements?.first?.text }
        return holders.contains { !consumers.contains($0) }
    }

    /// Takes over what Redis delivered to connections of ours that are cut.
    private func claimOwn(_ key: String) async throws(RedisError) -> Int {
        var claimed = 0
        for name in consumers.dropLast() {
            while true {
                let pending = try await commands.send(["XPENDING", key, configuration.group, "-", "+", "1000", name])
                let ids = (pending.elements ?? []).compactMap { $0.elements?.first?.text }
                if ids.isEmpty { break }
                _ = try await commands.send(
                    RedisCommand(["XCLAIM", key, configuration.group, consumer, "0"] + ids + ["JUSTID"])
                )
                claimed += ids.count
            }
        }
        return claimed
    }

    /// Whether all that was in the streams at the start is acknowledged. Waits a little where it is not.
    func isDrained() async throws(RedisError) -> Bool {
        if !held.isEmpty {
            await pause(.milliseconds(2))
            return false
        }
        for index in states.indices where !states[index].isCondemned {
            guard states[index].hasGroup, let target = states[index].target else { return false }
            let key = states[index].key
            let replies = try await commands.send([
                ["XPENDING", key, configuration.group], ["XINFO", "GROUPS", key],
            ]).all()
            let pending = try replies[0].orThrow().elements ?? []
            let group = try replies[1].orThrow().elements?.first { $0.dictionary["name"]?.text == configuration.group }
            let delivered = group?.dictionary["last-delivered-id"]?.text.flatMap { StreamID($0) } ?? .zero
            let lowest = pending.count > 1 ? pending[1].text.flatMap { StreamID($0) } : nil
            if delivered < target || lowest.map({ $0 <= target }) == true {
                // Another process holds the rest: it acknowledges it, or dies and leaves it to be claimed.
                states[index].hasRung = true
                if delivered >= target { await pause(.milliseconds(100)) }
                return false
            }
        }
        return true
    }

    /// Entries that Redis delivered and no longer holds can never be written: they are told and acknowledged.
    func acknowledgeLost(_ ids: [StreamID], of key: String) async throws(RedisError) {
        _ = try await commands.send(RedisCommand(["XACK", key, configuration.group] + ids.map(\.description)))
        tellLost(ids, of: key)
    }

    private func tellLost(_ ids: [StreamID], of key: String) {
        guard let first = ids.min(), let last = ids.max() else { return }
        metrics.entriesLost(stream: key, count: ids.count)
        logger.error(
            "Redis lost entries that were never acknowledged",
            metadata: [
                LogKey.stream: "\(key)", LogKey.count: "\(ids.count)", LogKey.first: "\(first)", LogKey.last: "\(last)",
            ]
        )
    }
}
