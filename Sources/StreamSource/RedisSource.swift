package import Drain
import Entries
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

    var states: [StreamState]
    /// The stream whose turn it is.
    var turn = 0
    var held: [HeldWindow] = []
    var decoder: EntryDecoder

    /// Consumer names of this source: the current one last, those of cut connections before it.
    var consumers: [String] = []
    private let token: String
    private var generation = 0
    /// Redis' number for the reading connection, to end its wait from the other one.
    private var clientID: Int64?
    private var isStopping = false
    /// Counts halts, so that a read under way notices one.
    private var halts = 0
    private var outage: Outage

    /// - Parameters:
    ///   - commands: the process' connection for everything that does not block.
    ///   - token: tells this process start from others of the same consumer name.
    ///   - health: the process' own.
    package init(
        _ configuration: SourceConfiguration,
        commands: RedisConnection,
        live: LiveKeys,
        token: String,
        health: RedisHealth = RedisHealth(),
        metrics: DrainMetrics = DrainMetrics(),
        logger: Logger
    ) {
        self.configuration = configuration
        self.commands = commands
        self.live = live
        self.token = token
        self.health = health
        outage = Outage(health)
        self.metrics = metrics
        self.logger = logger
        reading = RedisConnection(address: configuration.address, name: "read")
        states = configuration.streams.map { StreamState(key: $0) }
        decoder = EntryDecoder(defaultSchema: configuration.defaultSchema)
    }

    private static let rememberedConsumers = 8

    var consumer: String { consumers.last ?? configuration.consumer }

    package func next() async -> Delivery {
        let halts = halts
        while true {
            if isStopping || Task.isCancelled { return .finished }
            if self.halts != halts { return .interrupted }
            if live.isStopped {
                if configuration.untilEmpty { return .finished }
                await pause(live.refreshInterval)
                continue
            }
            do throws(RedisError) {
                if !live.areKnown {
                    try await live.read()
                    continue
                }
                try await prepare()
                if let window = try await read() {
                    outage.isOver(logger)
                    guard self.halts == halts else {
                        // The read under way has moved on from where the halt put it.
                        forgetReplies()
                        return .interrupted
                    }
                    metrics.read(window.entries.count)
                    held.append(HeldWindow(stream: window.stream, ids: window.entries.map(\.id)))
                    return .window(window)
                }
                outage.isOver(logger)
                if configuration.untilEmpty, try await isDrained() { return .finished }
            } catch {
                if error.code == .cancelled { return .finished }
                await pause(outage.wait(after: error, logger))
            }
        }
    }

    package func halt(_ reason: HaltReason) async {
        halts += 1
        live.stopNow(reason.description)
        forget()
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

    /// Ends a blocked read without cutting the connection, so that Redis serves nobody who is not there.
    package func interrupt() async {
        guard let clientID else { return }
        do throws(RedisError) {
            _ = try await commands.send(["CLIENT", "UNBLOCK", String(clientID)])
        } catch {
            // Then the read ends by itself, within STREAM_BLOCK_MS.
            logger.debug("could not end a blocked read", metadata: [LogKey.reason: "\(error)"])
        }
    }

    /// Makes sure of the connection and of every stream's group.
    private func prepare() async throws(RedisError) {
        try await reading.connect()
        let current = await reading.generation
        if current != generation {
            generation = current
            clientID = await reading.clientID
            // A cut connection's read may still be served by Redis: under a new name, that is noticed.
            // What older names still hold is claimed once it is idle.
            consumers = consumers.suffix(Self.rememberedConsumers) + ["\(configuration.consumer)-\(token)-\(current)"]
            forgetReplies()
        }
        for index in states.indices where !states[index].hasGroup && !states[index].isCondemned {
            try await makeGroup(index)
        }
    }

    /// Everything that was handed out is read again from what is pending.
    private func forget() {
        held = []
        forgetReplies()
    }

    private func forgetReplies() {
        for index in states.indices { forgetReplies(of: index) }
    }

    /// What was delivered and is not in hand is read again.
    func forgetReplies(of index: Int) {
        states[index].rest = nil
        states[index].phase = .pending(after: .zero)
        states[index].claimIsDue = .now
    }

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
}
