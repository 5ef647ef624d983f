package import Drain
package import Entries
import Foundation
import Logging
import Redis
import Telemetry

extension RedisSource {
    package func settle(_ window: Window, count: Int, deadLetters: [DeadLetter]) async {
        let dead = Set(deadLetters.map(\.entry))
        var acknowledgement = RedisCommand(["XACK", window.stream, configuration.group])
        for index in 0..<count where !dead.contains(index) {
            acknowledgement.append(window.entries[index].id.description)
        }
        let hasWritten = dead.count < count
        await patiently { source throws(RedisError) in
            let version = await source.commands.serverVersion
            var commands = hasWritten ? [acknowledgement] : []
            for letter in deadLetters {
                commands.append(source.deadLetterCommand(letter, of: window, version: version))
            }
            for reply in try await source.commands.send(commands, timeout: .seconds(30)).all() {
                _ = try reply.orThrow()
            }
        }
        metrics.acknowledged(count)
        held.removeAll { $0.stream == window.stream && $0.ids.first == window.entries.first?.id }
        if let index = states.firstIndex(where: { $0.key == window.stream }) { states[index].needsTrim = true }
    }

    /// Most fields of an entry that go into its dead letter: Lua cannot hand more on. No entry with two is valid.
    private static let mostFields = 3000

    private func deadLetterCommand(_ letter: DeadLetter, of window: Window, version: (major: Int, minor: Int))
        -> RedisCommand
    {
        let entry = window.entries[letter.entry]
        var command = StreamScripts.command(
            StreamScripts.deadLetter,
            keys: [window.stream, window.stream + ":dead"],
            arguments: [configuration.group, entry.id.description],
            version: version
        )
        for field in window.fields[entry.fields].prefix(Self.mostFields) {
            command.append(contentsOf: window.arena[field.name.range])
            command.append(contentsOf: window.arena[field.value.range])
        }
        let cut = entry.fields.count - Self.mostFields
        let facts = [
            ("drainer-id", entry.id.description),
            ("drainer-error", letter.error),
            ("drainer-message", letter.message + (cut > 0 ? " (\(cut) more fields are not kept)" : "")),
            ("drainer-table", letter.table?.description ?? ""),
            ("drainer-at", Date.now.formatted(.iso8601)),
        ]
        for (name, value) in facts {
            command.append(name)
            command.append(value)
        }
        return command
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
        for state in states where state.hasGroup {
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
            let version = await commands.serverVersion
            for state in states where state.hasGroup {
                for name in consumers {
                    _ = try await commands.send(
                        StreamScripts.command(
                            StreamScripts.deleteConsumer,
                            keys: [state.key],
                            arguments: [configuration.group, name],
                            version: version
                        )
                    )
                }
            }
        } catch {
            logger.debug("could not tidy up at the end", metadata: [LogKey.reason: "\(error)"])
        }
    }

    /// Tells Redis that somebody works on entries held for long, as in an outage of the database.
    private func refreshHeld() async throws(RedisError) {
        // Windows are settled while Redis answers: what is due is noted before the first wait.
        var due: [HeldWindow] = []
        for index in held.indices where held[index].refreshed.duration(to: .now) > configuration.leaseTTL / 3 {
            held[index].refreshed = .now
            due.append(held[index])
        }
        for window in due {
            var ids = window.ids[...]
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
        for index in states.indices where states[index].hasGroup {
            // Entries kept for replay grow old without anything being acknowledged.
            let isDue = states[index].needsTrim || (retention > .zero && states[index].trimIsDue <= .now)
            guard isDue else { continue }
            states[index].needsTrim = false
            states[index].trimIsDue = .now + .seconds(10)
            _ = try await commands.send(
                StreamScripts.command(
                    StreamScripts.trim,
                    keys: [states[index].key],
                    arguments: [String(retention.milliseconds)],
                    version: version
                ),
                timeout: .seconds(30)
            )
        }
    }
}
