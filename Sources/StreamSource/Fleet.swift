import Drain
package import Logging
package import Redis
package import Telemetry

/// Another process of the group runs in another mode.
package struct ModeConflict: Error, Sendable, CustomStringConvertible {
    package let own: FleetProfile
    package let other: FleetProfile

    /// In the form `<what>: <what to do>`.
    package var description: String {
        """
        the group is drained in another mode: this process has \(own.mode), \(other.consumer) (\(other.host), PID \
        \(other.pid)) has \(other.mode): give all processes of the group one mode, and stop all before a change
        """
    }
}

/// Keeps this process alive in the eyes of the others, and its share of the streams in its hands.
///
/// A stream is a process' by a lease in Redis, which is a courtesy against needless work: that nobody writes what is
/// another's is seen to by the checkpoint's epoch in the database.
package actor Fleet {
    private let connection: RedisConnection
    private let keys: FleetKeys
    private var profile: FleetProfile
    private let trouble: @Sendable () -> String?
    private let token: String
    private let leaseTTL: Duration
    /// Without leases processes only tell each other their mode.
    private let leasesStreams: Bool
    private let lanes: [RedisSource]
    private let metrics: DrainMetrics
    private let logger: Logger

    private var profiles: [String: FleetProfile] = [:]
    /// Processes in another mode, and until when they counted as alive when they were first seen.
    private var suspects: [String: Double] = [:]
    /// The lane that each held stream is read by.
    private var assigned: [String: Int] = [:]
    /// Held streams that are being given up.
    private var withdrawn: Set<String> = []

    /// - Parameter trouble: what keeps the process from writing, for others to see.
    package init(
        connection: RedisConnection,
        group: String,
        token: String,
        profile: FleetProfile,
        leaseTTL: Duration,
        leasesStreams: Bool,
        lanes: [RedisSource],
        metrics: DrainMetrics,
        logger: Logger,
        trouble: @escaping @Sendable () -> String? = { nil }
    ) {
        self.trouble = trouble
        self.connection = connection
        keys = FleetKeys(group: group)
        self.token = token
        self.profile = profile
        self.leaseTTL = leaseTTL
        self.leasesStreams = leasesStreams
        self.lanes = lanes
        self.metrics = metrics
        self.logger = logger
    }

    /// How often the process is heard of: a dead one's streams are to be taken within half a lease of its end, and a
    /// stopped one's at once.
    private var interval: Duration { max(.milliseconds(30), min(.milliseconds(500), leaseTTL / 5)) }

    /// Keeps the share until cancelled.
    ///
    /// - Throws: where another process of the group, started before this one, runs in another mode.
    package func run() async throws(ModeConflict) {
        while !Task.isCancelled {
            var other: FleetProfile?
            do throws(RedisError) {
                other = try await beat()
            } catch {
                // Who cannot be heard of cannot read either: the sources say that Redis is away.
                logger.debug("lease not renewed", metadata: [LogKey.reason: "\(error)"])
            }
            if let other { throw ModeConflict(own: profile, other: other) }
            // Cancellation ends the pause early, and the loop sees it.
            try? await Task.sleep(for: interval)
        }
    }

    /// Gives every stream up and leaves. To be called when no source reads or writes any more.
    package func leave() async {
        do throws(RedisError) {
            _ = try await run(FleetScripts.leave, keys: [keys.members, keys.leases, keys.wanted, keys.profiles])
        } catch {
            // Then the leases end by themselves.
            logger.debug("could not give the leases up", metadata: [LogKey.reason: "\(error)"])
        }
        assigned = [:]
        metrics.leasesHeld(0)
    }

    /// One turn: is heard of, lets go, takes.
    ///
    /// - Returns: a process with which this one must not share the group.
    private func beat() async throws(RedisError) -> FleetProfile? {
        profile.trouble = trouble()
        let reply = try await run(
            FleetScripts.beat,
            keys: [keys.members, keys.leases, keys.wanted, keys.profiles],
            [String(leaseTTL.milliseconds), profile.json]
        )
        guard let parts = reply.elements, parts.count == 3 else { throw RedisError(.unexpectedReply, "EVAL") }
        let until = parts[0].dictionary.compactMapValues { $0.text.flatMap { Double($0) } }
        let alive = Set(until.keys)
        try await learn(alive)
        if let other = conflict(until) { return other }
        // Somebody in another mode may have died a moment ago: nothing is touched until that is known.
        guard suspects.isEmpty else { return nil }
        guard leasesStreams else {
            for stream in profile.streams where assigned[stream] == nil { await assign(stream) }
            return nil
        }

        let own = Set(profile.streams)
        let share = FleetShare(
            streams: profile.streams,
            token: token,
            peers: alive.filter { $0 == token || profiles[$0].map { Set($0.streams) } == own },
            alive: alive,
            holders: parts[1].dictionary.compactMapValues(\.text),
            wanted: parts[2].dictionary.compactMapValues(\.text)
        )
        let held = Set(share.held)
        for stream in assigned.keys where !held.contains(stream) { await lose(stream) }
        for stream in held where assigned[stream] == nil { await assign(stream) }
        try await giveUp(share.surplus)
        let wishes = share.wishes
        if !wishes.isEmpty {
            let taken = try await run(FleetScripts.take, keys: [keys.members, keys.leases, keys.wanted], wishes)
            for stream in (taken.elements ?? []).compactMap(\.text) { await assign(stream) }
        }
        metrics.leasesHeld(assigned.count)
        return nil
    }

    /// Asks those that are new for their profiles.
    private func learn(_ alive: Set<String>) async throws(RedisError) {
        profiles = profiles.filter { alive.contains($0.key) }
        let unknown = alive.filter { profiles[$0] == nil && $0 != token }.sorted()
        guard !unknown.isEmpty else { return }
        let replies = try await connection.send(RedisCommand(["HMGET", keys.profiles] + unknown)).elements ?? []
        for (other, reply) in zip(unknown, replies) {
            profiles[other] = reply.text.flatMap { FleetProfile(json: $0) }
        }
    }

    /// A process in another mode that was there before this one, once it has been heard of again: it is alive then, and
    /// not only not yet forgotten.
    ///
    /// - Parameter until: until when each counts as alive.
    private func conflict(_ until: [String: Double]) -> FleetProfile? {
        suspects = suspects.filter { until[$0.key] != nil }
        for (other, found) in profiles
        where profile.conflicts(with: found) && (found.started, other) < (profile.started, token) {
            let heard = until[other] ?? 0
            if let before = suspects[other], before < heard { return found }
            suspects[other] = suspects[other] ?? heard
        }
        return nil
    }

    private func assign(_ stream: String) async {
        guard assigned[stream] == nil else { return }
        var counts = [Int](repeating: 0, count: lanes.count)
        for lane in assigned.values { counts[lane] += 1 }
        let able = lanes.indices.filter { lanes[$0].configuration.streams.contains(stream) }
        let lane = able.min { counts[$0] < counts[$1] } ?? 0
        assigned[stream] = lane
        if leasesStreams { logger.debug("lease taken", metadata: [LogKey.stream: "\(stream)"]) }
        await lanes[lane].assign(stream)
    }

    private func lose(_ stream: String) async {
        guard let lane = assigned.removeValue(forKey: stream) else { return }
        withdrawn.remove(stream)
        await lanes[lane].drop(stream)
        logger.warning("the lease is another process' now", metadata: [LogKey.stream: "\(stream)"])
    }

    /// Gives streams up, each once its window is written.
    private func giveUp(_ streams: [String]) async throws(RedisError) {
        for stream in streams where withdrawn.insert(stream).inserted {
            if let lane = assigned[stream] { await lanes[lane].withdraw(stream) }
        }
        var free: [String] = []
        for stream in withdrawn {
            if let lane = assigned[stream], await !lanes[lane].hasLetGo(of: stream) { continue }
            free.append(stream)
        }
        guard !free.isEmpty else { return }
        _ = try await run(FleetScripts.release, keys: [keys.leases], free)
        for stream in free {
            withdrawn.remove(stream)
            assigned[stream] = nil
            logger.debug("lease given up", metadata: [LogKey.stream: "\(stream)"])
        }
    }

    private func run(_ script: String, keys: [String], _ arguments: [String] = []) async throws(RedisError)
        -> RedisReply
    {
        try await connection.run(script, keys: keys, [token] + arguments)
    }
}
