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
            guard states[index].isOpen, !states[index].isWithdrawn else { continue }
            busy = index
            let incarnation = states[index].incarnation
            var window: Window?
            do throws(RedisError) {
                window = try await read(index)
            } catch {
                // Part of a window may have come before the error: it is pending now, and read from there.
                if states[index].isOpen { readAgain(index) }
                busy = nil
                try heal(index, after: error)
                continue
            }
            // What was read of a stream that is another's by now, or was opened anew, is not to be handed out.
            if states[index].incarnation == incarnation {
                if let window { return window }
            } else if states[index].isOpen {
                readAgain(index)
            }
            busy = nil
        }
        let open = states.indices.filter { states[$0].isOpen && !states[$0].isWithdrawn }
        if open.isEmpty {
            if !states.contains(where: \.phase.isLeased) { await nap(.milliseconds(50)) }
        } else if !configuration.untilEmpty, open.count > 1 {
            try await listen(to: open)
        }
        return nil
    }

    private func read(_ index: Int) async throws(RedisError) -> Window? {
        try await claimIfDue(index)
        if let window = try await readReplayed(index) { return window }
        if let window = try await readPending(index) { return window }
        return try await readNew(index)
    }

    /// Whether it is the only stream that is read: its read may block then.
    private func isAlone(_ index: Int) -> Bool {
        !states.indices.contains { $0 != index && !states[$0].isCondemned && !states[$0].phase.isAbsent }
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
            if var cursor = try await fetchPending(index, from: after, count: count(index, for: builder)) {
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
            // It may have been lost, or put back, while Redis was asked.
            guard case .pending = states[index].phase else { return nil }
            states[index].phase = replied == 0 ? .new : .pending(after: last)
            states[index].entrySize.note(entries: builder.count, bytes: builder.byteCount)
            if !lost.isEmpty { try await acknowledgeLost(lost, of: index) }
            if !builder.isEmpty { return finish(builder, of: index) }
        }
        return nil
    }

    /// Entries that are written again since the database went back: all of them, acknowledged or not, in order.
    private func readReplayed(_ index: Int) async throws(RedisError) -> Window? {
        guard case .replayed(let after, let through) = states[index].phase else { return nil }
        var builder = WindowBuilder(stream: states[index].key, decoder: decoder)
        var last = after
        let command: RedisCommand = [
            "XRANGE", states[index].key, "(\(after)", through.description, "COUNT", String(count(index, for: builder)),
        ]
        if var cursor = try EntryCursor(range: try await reading.send([command], timeout: .seconds(10))) {
            while cursor.remaining > 0, builder.isEmpty || builder.byteCount < configuration.windowBytes {
                if case .entry(let id) = try cursor.next(into: &builder) { last = id }
            }
        }
        guard case .replayed = states[index].phase else { return nil }
        states[index].entrySize.note(entries: builder.count, bytes: builder.byteCount)
        if builder.isEmpty {
            states[index].phase = .pending(after: .zero)
            return nil
        }
        states[index].phase = .replayed(after: last, through: through)
        var window = finish(builder, of: index)
        window.isReplayed = true
        return window
    }

    private func readNew(_ index: Int) async throws(RedisError) -> Window? {
        guard case .new = states[index].phase else { return nil }
        let isAlone = isAlone(index)
        guard states[index].hasRung || isAlone || states[index].rest != nil else { return nil }
        if live.isStopped, states[index].rest == nil { return nil }
        let blocks = isAlone && !configuration.untilEmpty
        let incarnation = states[index].incarnation
        // A reply's bytes become the arena of its window.
        var room = rooms.take()
        var arena: [UInt8] = []
        swap(&arena, &room.arena)
        var builder = WindowBuilder(stream: states[index].key, decoder: decoder, in: room)
        var end: ContinuousClock.Instant?
        while true {
            let wanted = count(index, for: builder)
            let wait = end.map { ContinuousClock.now.duration(to: $0) } ?? (blocks && !stopping ? longestBlock : .zero)
            guard let got = try await fill(&builder, index, wanted, in: &arena, waiting: wait) else {
                comeAfterOthers(index)
                return nil
            }
            guard states[index].incarnation == incarnation else { return nil }
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
            if builder.hasForced || stopping || live.isStopped || states[index].isWithdrawn { break }
            // Nobody waits for more of one stream while another has entries.
            if states.indices.contains(where: { $0 != index && states[$0].hasRung && states[$0].isOpen }) {
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

    /// Others were given entries before those just read, or the group is another one by now: the stream is opened anew once
    /// nothing of it is in hand, and theirs are taken and written first. What was read is pending, and comes after them in the
    /// order of the IDs.
    private func comeAfterOthers(_ index: Int) {
        logger.notice(
            "another consumer was given entries of this stream; taking them over",
            metadata: [LogKey.stream: "\(states[index].key)"]
        )
        close(index, to: .leased)
    }

    /// Entries to ask for: what the window still holds.
    private func count(_ index: Int, for builder: WindowBuilder) -> Int {
        states[index].entrySize.count(
            of: readCount - builder.count,
            in: configuration.windowBytes - builder.byteCount
        )
    }

    /// Appends entries to the window, those left over from the last reply first; answers how many came. nil where others
    /// were given entries before: those come first.
    ///
    /// - Parameter arena: room for what Redis answers; empty afterwards.
    private func fill(
        _ builder: inout WindowBuilder,
        _ index: Int,
        _ count: Int,
        in arena: inout [UInt8],
        waiting: Duration
    ) async throws(RedisError) -> Int? {
        var cursor: EntryCursor
        if let rest = states[index].rest {
            cursor = rest
            states[index].rest = nil
        } else {
            var room: [UInt8] = []
            swap(&room, &arena)
            let replies = try await fetchNew(index, count: count, in: consume room, waiting: waiting)
            let reply = try EntryCursor(replies)
            var look = replies.cursor(at: 1)
            guard isClean(try look.tree(), index, reading: reply?.remaining ?? 0) else { return nil }
            guard let reply else { return 0 }
            cursor = reply
        }
        let before = (builder.count, builder.byteCount)
        var last: StreamID?
        let isWanted =
            cursor.remaining <= readCount - before.0 && before.1 + cursor.byteCount <= configuration.windowBytes
        if isWanted { cursor.lend(to: &builder) }
        while cursor.remaining > 0 {
            if !isWanted, !builder.isEmpty, builder.byteCount >= configuration.windowBytes || builder.count >= readCount
            {
                states[index].rest = cursor
                break
            }
            if case .entry(let id) = try cursor.next(into: &builder) { last = id }
        }
        if let last { states[index].lastSeen = max(states[index].lastSeen, last) }
        let entries = builder.count - before.0
        states[index].entrySize.note(entries: entries, bytes: builder.byteCount - before.1)
        return entries
    }

    private func finish(_ builder: consuming WindowBuilder, of index: Int) -> Window {
        var (window, decoder) = builder.finish()
        self.decoder = decoder
        window.reusedIDs = states[index].reusedIDs
        window.lost = states[index].lost
        states[index].lost = 0
        return window
    }

    /// Entries pending for this consumer behind `from`.
    private func fetchPending(_ index: Int, from: StreamID, count: Int) async throws(RedisError) -> EntryCursor? {
        let command: RedisCommand = [
            "XREADGROUP", "GROUP", configuration.group, states[index].consumer, "COUNT", String(count), "STREAMS",
            states[index].key, from.description,
        ]
        return try EntryCursor(try await reading.send([command], timeout: .seconds(10)))
    }

    /// Entries never delivered, and behind them, by the same connection and so after the read, who has what: an owner that
    /// lost its lease, or a cut connection of our own, may have been given entries before these.
    private func fetchNew(_ index: Int, count: Int, in room: consuming [UInt8], waiting: Duration)
        async throws(RedisError) -> RedisReplies
    {
        var command: RedisCommand = [
            "XREADGROUP", "GROUP", configuration.group, states[index].consumer, "COUNT", String(count),
        ]
        // BLOCK 0 would wait for ever.
        let milliseconds = waiting.milliseconds
        if milliseconds > 0 {
            command.append("BLOCK")
            command.append(String(milliseconds))
        }
        for argument in ["STREAMS", states[index].key, ">"] { command.append(argument) }
        let look: RedisCommand = ["XPENDING", states[index].key, configuration.group]
        // Redis ends its wait by itself; only a dead connection takes longer.
        return try await reading.send([command, look], in: consume room, timeout: waiting + .seconds(10))
    }

    /// Waits until any stream has an entry behind what was seen; costs nobody an entry, and one command whatever the
    /// number of streams.
    private func listen(to open: [Int]) async throws(RedisError) {
        var command: RedisCommand = ["XREAD", "COUNT", "1", "BLOCK", String(longestBlock.milliseconds), "STREAMS"]
        for index in open { command.append(states[index].key) }
        for index in open { command.append(states[index].lastSeen.description) }
        var cursor = try await reading.send([command], timeout: longestBlock + .seconds(10)).cursor
        let count: Int
        do throws(RedisError) {
            guard let streams = try cursor.array() else { return }
            count = streams
        } catch {
            guard error.code == .wrongType else { throw error }
            // One of them is no stream any more: opening them again finds out which.
            for index in open where states[index].isOpen { close(index, to: .leased) }
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
            logger.warning("the stream or its consumer group is gone", metadata: [LogKey.stream: "\(key)"])
            if states[index].isOpen { close(index, to: .leased) }
        default: try condemn(index, after: error)
        }
    }
}

extension Duration {
    /// Whole milliseconds, rounded up.
    var milliseconds: Int64 {
        components.seconds * 1000 + (components.attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
    }
}
