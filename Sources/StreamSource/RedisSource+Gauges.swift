import Entries
import Foundation
import Logging
import Redis
import Telemetry

extension RedisSource {
    /// Tells the metrics how far behind the streams are, until cancelled. What Redis does not say is absent.
    package func observe() async {
        // Four commands a stream: twenty a second at most, however many streams there are.
        let interval = max(Duration.seconds(5), .milliseconds(200) * states.count)
        while !Task.isCancelled {
            do throws(RedisError) {
                try await tellGauges()
            } catch {
                for state in states { metrics.forget(stream: state.key) }
                logger.debug("lag not read", metadata: [LogKey.reason: "\(error)"])
            }
            await pause(states.contains(where: \.isOpen) ? interval : .milliseconds(200))
        }
    }

    private func tellGauges() async throws(RedisError) {
        let keys = states.filter(\.isOpen).map(\.key)
        guard !keys.isEmpty else { return }
        let replies = try await commands.send(
            keys.flatMap { key -> [RedisCommand] in
                [
                    ["XINFO", "GROUPS", key], ["XPENDING", key, configuration.group], ["XLEN", key],
                    ["XLEN", key + ":dead"],
                ]
            }
        ).all()
        for (number, key) in keys.enumerated() {
            let groups: [RedisReply]
            switch replies[4 * number] {
            // One that is still loading says nothing of its groups.
            case .error(let error) where !error.message.contains("no such key"): throw error
            case let reply: groups = reply.elements ?? []
            }
            let group = groups.first { $0.dictionary["name"]?.text == configuration.group }?.dictionary ?? [:]
            let length = replies[4 * number + 2].integer
            // After a loss Redis overstates its lag: what the stream does not hold cannot be behind.
            if group.isEmpty, let index = index(of: key), states[index].isOpen {
                logger.warning("the stream or its consumer group is gone", metadata: [LogKey.stream: "\(key)"])
                close(index, to: .leased)
                await interrupt()
            }
            let lag = group["lag"]?.integer.map { min($0, length ?? $0) }
            if let overstated = group["lag"]?.integer, overstated > length ?? overstated, let index = index(of: key),
                states[index].isOpen
            {
                // Entries were trimmed unread, or Redis forgot its count at a restart: an opening can tell, by the checkpoint.
                close(index, to: .leased)
                await interrupt()
            }
            let pending = group["pending"]?.integer
            metrics.lag(stream: key, entries: lag.map { Int($0) })
            metrics.pending(stream: key, entries: pending.map { Int($0) })
            metrics.deadLetterEntries(stream: key, count: replies[4 * number + 3].integer.map { Int($0) })
            var oldest: StreamID?
            if pending ?? 0 > 0 {
                let summary = replies[4 * number + 1].elements ?? []
                oldest = summary.count > 1 ? summary[1].text.flatMap { StreamID($0) } : nil
            } else if lag != 0, let last = group["last-delivered-id"]?.text {
                let next = try await commands.send(["XRANGE", key, "(" + last, "+", "COUNT", "1"])
                oldest = next.elements?.first?.elements?.first?.text.flatMap { StreamID($0) }
            }
            let isKnown = lag != nil || oldest != nil
            let age = oldest.map { Date.now.timeIntervalSince1970 - Double($0.milliseconds) / 1000 }
            metrics.lag(stream: key, seconds: isKnown ? age ?? 0 : nil)
        }
    }
}
