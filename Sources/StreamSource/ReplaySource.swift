package import Drain
package import Entries
package import Logging
import Redis
import Telemetry

/// Hands out again what a group has drained: in order, acknowledging nothing.
///
/// What has taken effect is written again beside the group's checkpoint, under one of its own. What a database that went
/// back to an older state lacks comes behind that, and moves the group's checkpoint: it takes effect for the first time
/// there, and whoever drains the stream afterwards must know.
package actor ReplaySource: Source {
    package enum Ending: Sendable {
        case complete
        /// Told to stop.
        case stopped
        /// Another process has the stream now.
        case lost
        case halted(HaltReason)
    }

    private enum Part {
        /// What has taken effect.
        case again
        /// What was acknowledged and has not.
        case missing
    }

    private enum Phase {
        case unclaimed(Part)
        case claimed(Part)
        case reading(Part, after: StreamID)
        case ended(Ending)
    }

    private let group: StreamGroup
    private let configuration: SourceConfiguration
    private let extent: ReplayExtent
    private let lease: LeaseLook
    private let redis: PatientRedis
    private var reader: RangeReader
    private var phase: Phase
    /// What is written again; nil where all of the range is.
    private var done: Checkpoint?
    private var through = StreamID.zero
    private var isStopping = false

    /// What was refused again: how many by reason, and the first of each.
    package private(set) var refused = RefusedEntries()
    /// The checkpoint of its own, once it has one.
    package private(set) var ownClaim: StreamClaim?

    /// - Parameter token: of the process that holds the lease; nil where none is needed.
    package init(
        _ group: StreamGroup,
        _ extent: ReplayExtent,
        configuration: SourceConfiguration,
        token: String?,
        logger: Logger
    ) {
        self.group = group
        self.extent = extent
        self.configuration = configuration
        lease = LeaseLook(stream: group.stream, group: group.name, token: token)
        redis = PatientRedis(logger: logger)
        reader = RangeReader(configuration, stream: group.stream, table: extent.table)
        phase = .unclaimed(extent.start == .checkpoint ? .missing : .again)
    }

    package var ending: Ending {
        if case .ended(let ending) = phase { ending } else { .stopped }
    }

    package func next() async -> Delivery {
        while true {
            if isStopping || Task.isCancelled { end(.stopped) }
            switch phase {
            case .unclaimed(let part):
                let claim = await redis.answer { () async throws(RedisError) in try await makeClaim(part) }
                guard let claim, case .unclaimed = phase else { continue }
                phase = .claimed(part)
                return .claimed(claim)
            case .claimed: end(.lost)
            case .reading(let part, let after):
                if let window = await read(part, behind: after) { return .window(window) }
            case .ended: return .finished
            }
        }
    }

    package func open(_ claim: StreamClaim, _ takeover: Takeover) async -> Opening {
        guard case .claimed(let part) = phase else { return Opening() }
        let moved: Void? = await redis.answer { () async throws(RedisError) in
            try await ensure(takeover.unmoved.map { NewDeadLetter($0, of: group.stream) })
            guard try await lease.isHeld(group.connection.send(lease.command)) else {
                end(.lost)
                return
            }
            switch part {
            case .again:
                let done = if let beside = takeover.beside { beside } else { try await group.start() }
                self.done = done
                through = min(extent.end ?? .max, done.highest)
            case .missing:
                done = nil
                let missing = try await group.missing(in: extent, after: takeover.checkpoint)
                through = missing?.last ?? .zero
            }
            guard case .claimed = phase else { return }
            phase = .reading(part, after: takeover.checkpoint.lastID)
        }
        return moved == nil ? Opening() : Opening(moved: takeover.unmoved.map(\.id))
    }

    /// Nothing is acknowledged; what was refused again is made sure of among the dead letters.
    package func settle(_ window: Window, entries: [Int], deadLetters: [DeadLetter]) async {
        refused.note(deadLetters, of: window)
        let letters = deadLetters.map { NewDeadLetter($0, of: window) }
        _ = await redis.answer { () async throws(RedisError) in try await ensure(letters) }
    }

    package func lose(_ stream: String) { end(.lost) }

    package func halt(_ reason: HaltReason) { end(.halted(reason)) }

    /// No window is read from here on.
    package func stop() { isStopping = true }

    private func end(_ ending: Ending) {
        if case .ended = phase { return }
        phase = .ended(ending)
    }

    private func makeClaim(_ part: Part) async throws(RedisError) -> StreamClaim {
        guard configuration.keepsLedger else {
            let start = Checkpoint(lastID: extent.first.previous)
            return StreamClaim(stream: group.stream, source: "", group: group.name, start: start)
        }
        let source = try await group.source()
        let start = try await group.start()
        guard case .again = part else {
            return StreamClaim(stream: group.stream, source: source, group: group.name, start: start)
        }
        let claim = StreamClaim(
            stream: group.stream,
            source: source,
            group: extent.checkpointName(group: group.name),
            start: Checkpoint(lastID: extent.first.previous),
            beside: StreamClaim.Beside(group: group.name, start: start)
        )
        ownClaim = claim
        return claim
    }

    /// The next window; nil where there is none, or where something else has come to be next.
    private func read(_ part: Part, behind after: StreamID) async -> Window? {
        let wanted = done
        // The actor's own cannot be used across a wait; nothing else uses it meanwhile.
        var reader = reader
        let page = await redis.answer { () async throws(RedisError) in
            try await reader.page(
                behind: after,
                through: through,
                over: group.connection,
                along: lease.command,
                where: { wanted?.covers($0) ?? true }
            )
        }
        self.reader = reader
        guard let page, case .reading = phase else { return nil }
        guard lease.isHeld(page.answer) else {
            end(.lost)
            return nil
        }
        guard let last = page.last else {
            await goOn(behind: part)
            return nil
        }
        phase = .reading(part, after: last)
        if page.window.entries.isEmpty { return nil }
        var window = page.window
        window.isReplayed = true
        return window
    }

    /// What comes behind a part.
    private func goOn(behind part: Part) async {
        guard case .again = part, configuration.keepsLedger, extent.table == nil, let done else {
            return end(.complete)
        }
        let last = await redis.answer { () async throws(RedisError) in
            try await group.missing(in: extent, after: done)?.last
        }
        guard case .reading = phase else { return }
        if let last, last != nil { phase = .unclaimed(.missing) } else { end(.complete) }
    }

    private func ensure(_ letters: [NewDeadLetter]) async throws(RedisError) {
        if letters.isEmpty { return }
        try await group.connection.connect()
        let version = await group.connection.serverVersion
        // Acknowledges nothing, since no such group is there.
        let nobody = extent.checkpointName(group: group.name)
        let commands = letters.map { $0.command(StreamScripts.ensureDeadLetter, group: nobody, version: version) }
        for reply in try await group.connection.send(commands, timeout: .seconds(60)).all() { _ = try reply.orThrow() }
    }
}
