package import Drain
package import Entries
package import Logging
package import Redis
package import Telemetry

/// Reads windows from Redis streams through a consumer group, and acknowledges what is written.
///
/// It has a connection of its own for reads, which may block, and shares one for everything else. Outages of Redis are
/// waited out here: said once a minute, over when Redis answers.
package actor RedisSource: Source {
    let configuration: SourceConfiguration
    let reading: RedisConnection
    let commands: RedisConnection
    let live: LiveKeys
    private let health: RedisHealth
    let metrics: DrainMetrics
    let logger: Logger
    let keys: FleetKeys
    /// Names this process start.
    let token: String
    private let lane: Int

    /// Of every stream that it may be given, by numbers that never change.
    var states: [StreamState]
    /// The stream whose turn it is.
    var turn = 0
    /// The stream that is being read.
    var busy: Int?
    var held: [HeldWindow] = []
    var decoder: EntryDecoder
    nonisolated let rooms = WindowRooms()

    private var generation = 0
    /// Redis' number for the reading connection, to end its wait from the other one.
    private var clientID: Int64?
    private var isStopping = false
    /// Counts halts, so that a read under way notices one.
    private var halts = 0
    private var outage: Outage
    private var napping: Task<Void, Never>?

    /// - Parameters:
    ///   - commands: the process' connection for everything that does not block.
    ///   - token: tells this process start from others of the same consumer name.
    ///   - lane: tells this source from others of the process.
    ///   - health: the process' own.
    package init(
        _ configuration: SourceConfiguration,
        commands: RedisConnection,
        live: LiveKeys,
        token: String,
        lane: Int = 0,
        health: RedisHealth = RedisHealth(),
        metrics: DrainMetrics = DrainMetrics(),
        logger: Logger
    ) {
        self.configuration = configuration
        self.commands = commands
        self.live = live
        self.token = token
        self.lane = lane
        self.health = health
        outage = Outage(health)
        self.metrics = metrics
        self.logger = logger
        keys = FleetKeys(group: configuration.group)
        reading = RedisConnection(address: configuration.address, name: "read")
        states = configuration.streams.map { StreamState(key: $0) }
        decoder = EntryDecoder(defaultSchema: configuration.defaultSchema, repairsJSON: configuration.repairsJSON)
    }

    /// What all consumer names of this source begin with.
    var consumerPrefix: String { "\(configuration.consumer)-\(token)-\(lane)." }

    /// A name for the connection of now: a cut one's blocked read may still be served by Redis, and under another name
    /// that is noticed.
    func consumerName(epoch: Int64) -> String { "\(consumerPrefix)\(generation).\(epoch)" }

    package func next() async -> Delivery {
        let halts = halts
        while true {
            if isStopping || Task.isCancelled { return .finished }
            if self.halts != halts { return .interrupted }
            if live.isStopped {
                if configuration.untilEmpty { return .finished }
                await nap(live.refreshInterval)
                continue
            }
            do throws(RedisError) {
                if !live.areKnown {
                    try await live.read()
                    continue
                }
                try await prepare()
                if let claim = try await claimStream() {
                    outage.isOver(logger)
                    return .claimed(claim)
                }
                if let window = try await read() {
                    outage.isOver(logger)
                    busy = nil
                    guard self.halts == halts else {
                        // The read under way has moved on from where the halt put it.
                        readAgain()
                        return .interrupted
                    }
                    metrics.read(window.entries.count)
                    held.append(HeldWindow(stream: window.stream, ids: window.entries.map(\.id)))
                    return .window(window)
                }
                outage.isOver(logger)
                if configuration.untilEmpty, try await isDrained() { return .finished }
            } catch {
                busy = nil
                if error.code == .cancelled { return .finished }
                await pause(outage.wait(after: error, logger))
            }
        }
    }

    package nonisolated func reuse(_ window: consuming Window) {
        rooms.keep(window)
    }

    package nonisolated func reuseContents(of window: inout Window) {
        rooms.keepContents(of: &window)
    }

    package func halt(_ reason: HaltReason) async {
        halts += 1
        live.stopNow(reason.description)
        held = []
        readAgain()
        await interrupt()
        await patiently { source throws(RedisError) in
            try await source.live.publishStop(reason.description, over: source.commands)
        }
    }

    /// No window is read from here on; one that is being waited for is given up.
    package func stop() async {
        isStopping = true
        await interrupt()
    }

    /// Whether this source has been told to stop.
    var stopping: Bool { isStopping }

    /// Ends a nap, and a blocked read without cutting the connection, so that Redis serves nobody who is not there.
    package func interrupt() async {
        napping?.cancel()
        guard let clientID else { return }
        do throws(RedisError) {
            _ = try await commands.send(["CLIENT", "UNBLOCK", String(clientID)])
        } catch {
            // Then the read ends by itself, within STREAM_BLOCK_MS.
            logger.debug("could not end a blocked read", metadata: [LogKey.reason: "\(error)"])
        }
    }

    /// Makes sure of the connection.
    private func prepare() async throws(RedisError) {
        try await reading.connect()
        let current = await reading.generation
        if current != generation {
            generation = current
            clientID = await reading.clientID
            // Nobody knows what Redis has become in the meantime: every stream is opened anew.
            for index in states.indices where states[index].phase.isOpen || states[index].phase.isClaimed {
                close(index, to: .leased)
            }
        }
        if configuration.untilEmpty, states.contains(where: { $0.target == nil }) { try await noteTargets() }
    }

    /// Everything that was handed out is read again from what is pending.
    private func readAgain() {
        for index in states.indices {
            if states[index].phase.isClaimed { close(index, to: .leased) }
            if states[index].phase.isOpen { readAgain(index) }
        }
    }

    /// What was delivered and is not in hand is read again.
    func readAgain(_ index: Int) {
        states[index].rest = nil
        states[index].incarnation += 1
        if configuration.keepsLedger {
            // What is pending may be another's by now: only an opening knows from where on.
            states[index].phase = .leased
        } else {
            states[index].phase = .pending(after: .zero)
        }
    }

    /// Forgets what is known of a stream.
    func close(_ index: Int, to phase: StreamState.Phase) {
        states[index].phase = phase
        states[index].rest = nil
        states[index].incarnation += 1
        if case .absent = phase {
            states[index].isWithdrawn = false
            metrics.forget(stream: states[index].key)
        }
    }

    func index(of stream: String) -> Int? { states.firstIndex { $0.key == stream } }

    /// Tries until Redis answers.
    func patiently(_ work: (isolated RedisSource) async throws(RedisError) -> Void) async {
        var outage = Outage(health)
        while true {
            do throws(RedisError) {
                try await work(self)
                outage.isOver(logger)
                return
            } catch {
                if Task.isCancelled { return }
                await pause(outage.wait(after: error, logger))
            }
        }
    }

    func pause(_ duration: Duration) async {
        // Cancellation ends the pause early, and the caller's loop sees it.
        try? await Task.sleep(for: duration)
    }

    /// As `pause`, but ended by whatever concerns the reading: a stream given or taken away, a halt, a stop.
    func nap(_ duration: Duration) async {
        // Of its own, so that it can be ended alone.
        let nap = Task { await pause(duration) }
        napping = nap
        await withTaskCancellationHandler {
            await nap.value
        } onCancel: {
            nap.cancel()
        }
        napping = nil
    }
}

/// The streams of the fleet that this source reads.
extension RedisSource {
    /// It is this source's to read from here on: its lease was taken, or it is shared.
    package func assign(_ stream: String) async {
        guard let index = index(of: stream) else { return }
        states[index].isWithdrawn = false
        if case .absent = states[index].phase { close(index, to: .leased) }
        await interrupt()
    }

    /// It is to be given up: nothing is read of it from here on, what is in hand is written.
    func withdraw(_ stream: String) async {
        guard let index = index(of: stream) else { return }
        states[index].isWithdrawn = true
        await interrupt()
    }

    /// Whether nothing of a withdrawn stream is in hand any more; then it is no longer this source's.
    func hasLetGo(of stream: String) -> Bool {
        guard let index = index(of: stream) else { return true }
        if case .absent = states[index].phase { return true }
        guard busy != index, !states[index].phase.isClaimed, !held.contains(where: { $0.stream == stream }) else {
            return false
        }
        close(index, to: .absent)
        return true
    }

    /// Its lease was lost.
    func drop(_ stream: String) {
        guard let index = index(of: stream) else { return }
        close(index, to: .absent)
    }

    /// In the database these streams are no longer owned as this process thinks: where nothing is in hand, nobody else
    /// would look what has become of them.
    package func openAgainIfIdle(_ streams: [String]) async {
        guard held.isEmpty else { return }
        for index in states.indices where states[index].phase.isOpen && streams.contains(states[index].key) {
            close(index, to: .leased)
        }
        await interrupt()
    }

    package func lose(_ stream: String) async {
        held.removeAll { $0.stream == stream }
        guard let index = index(of: stream) else { return }
        if case .absent = states[index].phase { return }
        close(index, to: .leased)
    }
}
