package import Drain
package import Entries
package import Logging
import Redis
import Telemetry

/// Hands out entries that are to be set aside unwritten, wherever in the stream they stand: in one window, behind a claim of
/// the group's own checkpoint.
package actor SkipSource: Source {
    private enum Phase {
        case unclaimed
        case claimed
        case open
        case ended
    }

    private let group: StreamGroup
    private let ids: [StreamID]
    private let configuration: SourceConfiguration
    private let lease: LeaseLook
    private let consumer: String
    private let redis: PatientRedis
    private var phase = Phase.unclaimed
    private var window: Window?
    private var isStopping = false

    /// Entries that are dead letters now.
    package private(set) var skipped: [StreamID] = []
    /// Entries that had taken effect, or were dead letters, before.
    package private(set) var done: [StreamID] = []
    package private(set) var wasLost = false

    package init(
        _ group: StreamGroup,
        _ ids: [StreamID],
        configuration: SourceConfiguration,
        token: String,
        logger: Logger
    ) {
        self.group = group
        self.ids = ids
        self.configuration = configuration
        lease = LeaseLook(stream: group.stream, group: group.name, token: configuration.keepsOrder ? token : nil)
        consumer = "\(configuration.consumer)-\(token)-skip"
        redis = PatientRedis(logger: logger)
    }

    package func next() async -> Delivery {
        while true {
            if isStopping || Task.isCancelled { return .finished }
            switch phase {
            case .unclaimed:
                guard let claim = await redis.answer({ () async throws(RedisError) in try await makeClaim() }) else {
                    continue
                }
                phase = .claimed
                return .claimed(claim)
            case .open:
                phase = .ended
                if let window { return .window(window) }
            case .claimed, .ended: return .finished
            }
        }
    }

    package func open(_ claim: StreamClaim, _ takeover: Takeover) async -> Opening {
        _ = await redis.answer { () async throws(RedisError) in
            guard try await lease.isHeld(group.connection.send(lease.command)) else {
                wasLost = true
                phase = .ended
                return
            }
            let open: [StreamID]
            if configuration.keepsLedger {
                open = ids.filter { !takeover.checkpoint.covers($0) }
            } else {
                try await deliver()
                open = try await pendingOnes()
            }
            done = ids.filter { !open.contains($0) }
            window = open.isEmpty ? nil : try await read(open)
            phase = .open
        }
        return Opening()
    }

    package func settle(_ window: Window, entries: [Int], deadLetters: [DeadLetter]) async {
        // Where the database keeps no record, being pending is what tells that nobody has dealt with it.
        let script = configuration.keepsLedger ? StreamScripts.ensureDeadLetter : StreamScripts.deadLetter
        for letter in deadLetters {
            let id = window.entries[letter.entry].id
            let isAdded = await redis.answer { () async throws(RedisError) in
                try await group.connection.connect()
                let version = await group.connection.serverVersion
                let command = NewDeadLetter(letter, of: window).command(script, group: group.name, version: version)
                return try await group.connection.send(command, timeout: .seconds(30)).integer == 1
            }
            if isAdded == true || configuration.keepsLedger { skipped.append(id) } else { done.append(id) }
        }
    }

    package func lose(_ stream: String) {
        wasLost = true
        phase = .ended
    }

    package func halt(_ reason: HaltReason) { phase = .ended }

    /// Nothing is begun from here on.
    package func stop() { isStopping = true }

    private func makeClaim() async throws(RedisError) -> StreamClaim {
        guard configuration.keepsLedger else {
            return StreamClaim(stream: group.stream, source: "", group: group.name, start: Checkpoint(lastID: .zero))
        }
        let source = try await group.source()
        return StreamClaim(
            stream: group.stream,
            source: source,
            group: group.name,
            start: try await group.start()
        )
    }

    private func read(_ ids: [StreamID]) async throws(RedisError) -> Window? {
        var builder = WindowBuilder(
            stream: group.stream,
            decoder: EntryDecoder(defaultSchema: configuration.defaultSchema)
        )
        for id in ids {
            let entry: RedisCommand = ["XRANGE", group.stream, id.description, id.description]
            guard var cursor = try EntryCursor(range: try await group.connection.send([entry])) else { continue }
            _ = try cursor.next(into: &builder)
        }
        var window = builder.finish().window
        window.standing = .skipped
        return window.entries.isEmpty ? nil : window
    }

    // MARK: Without a checkpoint

    /// Has Redis deliver what was not, up to the last of them: only what is pending can be acknowledged. What comes before
    /// is pending under a name that the next owner takes it over from.
    private func deliver() async throws(RedisError) {
        guard let last = ids.max() else { return }
        while true {
            guard let facts = try await group.facts().group else {
                _ = try await group.connection.run(StreamScripts.makeGroup, keys: [group.stream], [group.name, "0"])
                continue
            }
            if facts.lastDelivered >= last { return }
            let read: RedisCommand = [
                "XREADGROUP", "GROUP", group.name, consumer, "COUNT", "1000", "STREAMS", group.stream, ">",
            ]
            if case .null = try await group.connection.send(read, timeout: .seconds(30)) { return }
        }
    }

    private func pendingOnes() async throws(RedisError) -> [StreamID] {
        var found: [StreamID] = []
        for id in ids {
            let page = try await group.pendingPage(from: id.description, through: id.description)
            if !page.isEmpty { found.append(id) }
        }
        return found
    }
}
