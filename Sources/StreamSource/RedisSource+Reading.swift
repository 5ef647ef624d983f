import Drain
import Entries
import Logging
import Redis
import Telemetry

extension RedisSource {
    /// The next window; nil where there is nothing to read for now.
    func read() async throws(RedisError) -> Window? {
        for _ in states.indices {
            let index = turn
            turn = (turn + 1) % states.count
            guard !states[index].isCondemned else { continue }
            do throws(RedisError) {
                try await claimIfDue(index)
                if let window = try await readPending(index) { return window }
                if let window = try await readNew(index) { return window }
            } catch {
                // Part of a window may have come before the error: it is pending now, and read from there.
                forgetReplies(of: index)
                try heal(index, after: error)
            }
        }
        if states.allSatisfy(\.isCondemned) {
            await pause(longestBlock)
        } else if states.contains(where: \.isBehindOthers) {
            // The bell would ring for what is not to be read yet.
            for index in states.indices { states[index].hasRung = true }
            await pause(Self.lookAgain)
        } else if !configuration.untilEmpty, states.count > 1 {
            try await listen()
        }
        return nil
    }

    /// Most entries in a window.
    private var readCount: Int { live[.streamReadCount] ?? configuration.readCount }

    /// A wait ends in time to look for what dead processes left.
    private var longestBlock: Duration { min(configuration.block, configuration.leaseTTL / 2) }

    /// Entries that were delivered to this consumer before: those in hand are passed over.
    private func readPending(_ index: Int) async throws(RedisError) -> Window? {
        while case .pending(let after) = states[index].phase {
            var builder = WindowBuilder(stream: states[index].key, decoder: decoder)
            var lost: [StreamID] = []
            var last = after
            var replied = 0
            // A window may be settled between Redis' answer and its arrival here; the answer then still lists it.
            let heldBefore = held
            if var cursor = try await fetch(index, from: after, count: count(index, for: builder)) {
                replied = cursor.remaining
                while cursor.remaining > 0, builder.byteCount < configuration.windowBytes {
                    let isHeld = { id in heldBefore.contains { $0.stream == self.states[index].key && $0.contains(id) }
                    }
                    switch try cursor.next(into: &builder, unless: isHeld) {
                    case .entry(let id): last = id
                    case .lost(let id):
                        last = id
                        lost.append(id)
                    }
                }
            }
            states[index].phase = replied == 0 ? .new : .pending(after: last)
            states[index].note(entries: builder.count, bytes: builder.byteCount)
            if !lost.isEmpty { try await acknowledgeLost(lost, of: states[index].key) }
            if !builder.isEmpty { return finish(builder, of: index) }
        }
        return nil
    }

    private func readNew(_ index: Int) async throws(RedisError) -> Window? {
        guard states[index].hasRung || states.count == 1 || states[index].rest != nil else { return nil }
        if states[index].isBehindOthers || live.isStopped, states[index].rest == nil { return nil }
        let blocks = states.count == 1 && !configuration.untilEmpty
        var builder = WindowBuilder(stream: states[index].key, decoder: decoder)
        var end: ContinuousClock.Instant?
        while true {
            let wanted = count(index, for: builder)
            let wait = end.map { ContinuousClock.now.duration(to: $0) } ?? (blocks && !stopping ? longestBlock : .zero)
            let got = try await fill(&builder, index, wanted, waiting: wait)
            if builder.isEmpty {
                states[index].hasRung = false
                return nil
            }
            let isFull =
                builder.count >= readCount || builder.byteCount >= configuration.windowBytes
                || states[index].rest != nil
            if isFull { break }
            // Where Redis gave all that was asked for, it has more: no need to wait for it.
            if got == wanted { continue }
            if builder.hasForced || stopping || live.isStopped { break }
            // Nobody waits for more of one stream while another has entries.
            if states.indices.contains(where: { $0 != index && states[$0].hasRung && !states[$0].isCondemned }) {
                break
            }
            let deadline = end ?? ContinuousClock.now + configuration.linger
            end = deadline
            if deadline <= ContinuousClock.now { break }
            // A read that returns with each single entry would cost a round trip for each.
            await pause(min(.milliseconds(1), ContinuousClock.now.duration(to: deadline)))
        }
        return finish(builder, of: index)
    }

    /// Entries to ask for: what the window still holds, by count and by the bytes per entry seen.
    private func count(_ index: Int, for builder: WindowBuilder) -> Int {
        let byCount = readCount - builder.count
        // Before the first entry nothing is known of their size, and a thousand may be huge.
        guard let mean = states[index].bytesPerEntry else { return min(byCount, 16) }
        let byBytes = Double(configuration.windowBytes - builder.byteCount) / max(mean, 1)
        return max(1, min(byCount, Int(min(byBytes, 1_000_000))))
    }

    /// Appends entries to the window, those left over from the last reply first; answers how many came.
    private func fill(_ builder: inout WindowBuilder, _ index: Int, _ count: Int, waiting: Duration)
        async throws(RedisError) -> Int
    {
        var cursor: EntryCursor
        if let rest = states[index].rest {
            cursor = rest
            states[index].rest = nil
        } else if let reply = try await fetch(index, from: nil, count: count, waiting: waiting) {
            cursor = reply
        } else {
            return 0
        }
        let before = (builder.count, builder.byteCount)
        var last: StreamID?
        while cursor.remaining > 0 {
            if !builder.isEmpty, builder.byteCount >= configuration.windowBytes || builder.count >= readCount {
                states[index].rest = cursor
                break
            }
            if case .entry(let id) = try cursor.next(into: &builder) { last = id }
        }
        if let last { states[index].lastSeen = max(states[index].lastSeen, last) }
        let entries = builder.count - before.0
        states[index].note(entries: entries, bytes: builder.byteCount - before.1)
        return entries
    }

    private func finish(_ builder: consuming WindowBuilder, of index: Int) -> Window {
        let (window, decoder) = builder.finish()
        self.decoder = decoder
        return window
    }

    /// One XREADGROUP: new entries, or those pending behind `from`.
    private func fetch(_ index: Int, from: StreamID?, count: Int, waiting: Duration = .zero)
        async throws(RedisError) -> EntryCursor?
    {
        var command: RedisCommand = [
            "XREADGROUP", "GROUP", configuration.group, consumer, "COUNT", String(count),
        ]
        // BLOCK 0 would wait for ever.
        let milliseconds = waiting.milliseconds
        if milliseconds > 0 {
            command.append("BLOCK")
            command.append(String(milliseconds))
        }
        command.append("STREAMS")
        command.append(states[index].key)
        command.append(from?.description ?? ">")
        // Redis ends its wait by itself; only a dead connection takes longer.
        return try EntryCursor(try await reading.send([command], timeout: waiting + .seconds(10)))
    }

    /// Waits until any stream has an entry behind what was seen; costs nobody an entry, and one command whatever the
    /// number of streams.
    private func listen() async throws(RedisError) {
        let live = states.indices.filter { !states[$0].isCondemned }
        var command: RedisCommand = ["XREAD", "COUNT", "1", "BLOCK", String(longestBlock.milliseconds), "STREAMS"]
        for index in live { command.append(states[index].key) }
        for index in live { command.append(states[index].lastSeen.description) }
        var cursor = try await reading.send([command], timeout: longestBlock + .seconds(10)).cursor
        let count: Int
        do throws(RedisError) {
            guard let streams = try cursor.array() else { return }
            count = streams
        } catch {
            guard error.code == .wrongType else { throw error }
            // One of them is no stream any more: making the groups again finds out which.
            for index in live { states[index].hasGroup = false }
            return
        }
        for _ in 0..<count {
            let stream = try cursor.tree().elements ?? []
            guard let key = stream.first?.text, let index = states.firstIndex(where: { $0.key == key }) else {
                continue
            }
            states[index].hasRung = true
            // Where another process takes the entry, the bell must not ring for it again.
            if let id = stream.last?.elements?.last?.elements?.first?.text.flatMap({ StreamID($0) }) {
                states[index].lastSeen = max(states[index].lastSeen, id)
            }
        }
    }

    /// Mends what concerns one stream only; anything else is thrown on.
    private func heal(_ index: Int, after error: RedisError) throws(RedisError) {
        let key = states[index].key
        switch error.code {
        case .noGroup, .unblocked:
            logger.warning("the consumer group is gone; making it again", metadata: [LogKey.stream: "\(key)"])
            states[index].hasGroup = false
        case .wrongType:
            logger.error(
                "this key is no stream; going on without it: rename it or change STREAM_NAMES, then restart",
                metadata: [LogKey.stream: "\(key)"]
            )
            states[index].isCondemned = true
        default: throw error
        }
    }
}

extension Duration {
    /// Whole milliseconds, rounded up.
    var milliseconds: Int64 {
        components.seconds * 1000 + (components.attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
    }
}
