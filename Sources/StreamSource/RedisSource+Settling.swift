package import Drain
package import Entries
import Logging
import Redis
import Telemetry

extension RedisSource {
    package func settle(_ window: Window, entries: [Int], deadLetters: [DeadLetter]) async {
        let dead = Set(deadLetters.map(\.entry))
        var acknowledgement = RedisCommand(["XACK", window.stream, configuration.group])
        // Most IDs are 15 letters long.
        acknowledgement.reserve(arguments: entries.count, bytes: 16 * entries.count)
        var writer = StreamIDWriter()
        for index in entries where dead.isEmpty || !dead.contains(index) {
            acknowledgement.append { writer.append(window.entries[index].id, to: &$0) }
        }
        let hasWritten = dead.count < entries.count
        await patiently { source throws(RedisError) in
            try await source.commands.connect()
            let version = await source.commands.serverVersion
            var commands = hasWritten ? [acknowledgement] : []
            for letter in deadLetters {
                commands.append(source.deadLetterCommand(letter, of: window, version: version))
            }
            for reply in try await source.commands.send(commands, timeout: .seconds(30)).all() {
                _ = try reply.orThrow()
            }
        }
        metrics.acknowledged(entries.count)
        tellReused(deadLetters, of: window)
        held.removeAll { $0.stream == window.stream && $0.ids.first == window.entries.first?.id }
        guard let index = index(of: window.stream) else { return }
        states[index].needsTrim = true
        // Those that went ahead of others do not count.
        let whole = zip(entries, 0...).prefix { $0 == $1 }.count
        if whole > 0 { states[index].done = max(states[index].done, window.entries[whole - 1].id) }
    }

    /// Entries that came under IDs which had taken effect, after Redis went back: nobody can tell what they replace.
    private func tellReused(_ letters: [DeadLetter], of window: Window) {
        let reused = letters.filter { $0.error == "id-reused" && $0.record == nil }.map { window.entries[$0.entry].id }
        guard let first = reused.min(), let last = reused.max() else { return }
        metrics.entriesLost(stream: window.stream, count: reused.count)
        logger.error(
            "entries came under IDs that had taken effect before Redis went back: kept as dead letters, not written",
            metadata: [
                LogKey.stream: "\(window.stream)", LogKey.count: "\(reused.count)", LogKey.first: "\(first)",
                LogKey.last: "\(last)",
            ]
        )
    }

    private func deadLetterCommand(_ letter: DeadLetter, of window: Window, version: (major: Int, minor: Int))
        -> RedisCommand
    {
        if let record = letter.record {
            return NewDeadLetter(record, of: window.stream).command(
                StreamScripts.ensureDeadLetter,
                group: configuration.group,
                version: version
            )
        }
        // An entry that is written again may have been moved before.
        let script = window.isReplayed ? StreamScripts.ensureDeadLetter : StreamScripts.deadLetter
        return NewDeadLetter(letter, of: window).command(script, group: configuration.group, version: version)
    }

    /// Keeps what is in hand from being claimed by others, and trims what is done; runs until cancelled.
    package func maintain() async {
        while !Task.isCancelled {
            await pause(min(.milliseconds(250), configuration.leaseTTL / 3))
            do throws(RedisError) {
                try await refreshHeld()
                try await trim()
            } catch {
                // The reads say that Redis is away; what was missed here is done at the next turn.
                logger.debug("maintenance put off", metadata: [LogKey.reason: "\(error)"])
            }
        }
    }

    /// Entries not yet acknowledged, delivered or not; nil where Redis does not know.
    package func backlog() async -> Int? {
        var sum: Int64 = 0
        for state in states where state.isOpen {
            // Only for the progress line: not knowing is an answer.
            guard let groups = try? await commands.send(["XINFO", "GROUPS", state.key]).elements,
                let group = groups.first(where: { $0.dictionary["name"]?.text == configuration.group })?.dictionary,
                let lag = group["lag"]?.integer, let pending = group["pending"]?.integer
            else { return nil }
            sum += lag + pending
        }
        return Int(sum)
    }

    /// Leaves nothing behind at the end: trims, and deletes this process' consumers where nothing is pending for them.
    package func leave() async {
        do throws(RedisError) {
            try await trim()
            for index in states.indices where states[index].isOurs {
                try await deleteIdleConsumers(index, atTheEnd: true)
            }
        } catch {
            logger.debug("could not tidy up at the end", metadata: [LogKey.reason: "\(error)"])
        }
    }

    /// Consumers that were not heard of for so long are no process' any more.
    private static let longestSilence = Duration.seconds(3600)

    /// Deletes consumers with nothing pending: this process' own, and those that were gone for an hour.
    private func deleteIdleConsumers(_ index: Int, atTheEnd isEnd: Bool) async throws(RedisError) {
        let key = states[index].key
        let consumers = try await commands.send(["XINFO", "CONSUMERS", key, configuration.group]).elements ?? []
        for facts in consumers.map(\.dictionary) {
            guard let name = facts["name"]?.text, facts["pending"]?.integer == 0 else { continue }
            let isOwn = name.hasPrefix(consumerPrefix) && (isEnd || name != states[index].consumer)
            let silence = Duration.milliseconds(facts["idle"]?.integer ?? 0)
            guard isOwn || silence > Self.longestSilence else { continue }
            _ = try await run(StreamScripts.deleteConsumer, keys: [key], [configuration.group, name])
        }
    }

    /// Tells Redis that somebody works on entries held for long, as in an outage of the database.
    private func refreshHeld() async throws(RedisError) {
        // Under a lease nobody takes them.
        if configuration.keepsOrder { return }
        // Windows are settled while Redis answers: what is due is noted before the first wait.
        var due: [HeldWindow] = []
        for index in held.indices where held[index].refreshed.duration(to: .now) > configuration.leaseTTL / 3 {
            held[index].refreshed = .now
            due.append(held[index])
        }
        for window in due {
            var ids = window.ids[...]
            guard let consumer = index(of: window.stream).map({ states[$0].consumer }) else { continue }
            while !ids.isEmpty, holds(window) {
                let page = ids.prefix(1000)
                ids = ids.dropFirst(1000)
                _ = try await commands.send(
                    RedisCommand(
                        ["XCLAIM", window.stream, configuration.group, consumer, "0"] + page.map(\.description)
                            + ["JUSTID"]
                    )
                )
            }
        }
    }

    private func holds(_ window: HeldWindow) -> Bool {
        held.contains { $0.stream == window.stream && $0.ids.first == window.ids.first }
    }

    private func trim() async throws(RedisError) {
        guard case .duration(let retention) = configuration.retention else { return }
        let version = await commands.serverVersion
        for index in states.indices where states[index].isOurs {
            // Entries kept for replay grow old without anything being acknowledged.
            let isDue = states[index].needsTrim || (retention > .zero && states[index].trimIsDue <= .now)
            guard isDue else { continue }
            states[index].needsTrim = false
            states[index].trimIsDue = .now + .seconds(10)
            _ = try await commands.send(
                StreamScripts.command(
                    StreamScripts.trim,
                    keys: [states[index].key, keys.leases],
                    arguments: [
                        String(retention.milliseconds), configuration.keepsOrder ? token : "",
                        configuration.keepsLedger ? states[index].done.description : "",
                    ],
                    version: version
                ),
                timeout: .seconds(30)
            )
        }
    }
}
