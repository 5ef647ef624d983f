import Drain
package import Logging
package import Redis
import Telemetry

/// A command that has a stream to itself for a while: the process that holds it gives it up at its next window, and takes
/// it again afterwards.
package actor FleetGuest {
    private let connection: RedisConnection
    private let keys: FleetKeys
    private let stream: String
    private let profile: FleetProfile
    private let leaseTTL: Duration
    private let needsLease: Bool
    private let logger: Logger
    /// Names this process among those of its group.
    package nonisolated let token: String
    private var isStopping = false

    /// - Parameter needsLease: false where processes share streams: then it only looks whether all have its mode.
    package init(
        connection: RedisConnection,
        group: String,
        stream: String,
        profile: FleetProfile,
        leaseTTL: Duration,
        needsLease: Bool,
        logger: Logger
    ) {
        self.connection = connection
        keys = FleetKeys(group: group)
        self.stream = stream
        self.profile = profile
        self.leaseTTL = leaseTTL
        self.needsLease = needsLease
        self.logger = logger
        token = String(UInt64.random(in: 0...UInt64.max), radix: 36)
    }

    private var interval: Duration { max(.milliseconds(30), min(.milliseconds(500), leaseTTL / 5)) }

    /// Waits until the stream is this process'.
    ///
    /// - Parameter whileHeld: told who holds it, each time that another one is found to.
    /// - Returns: whether it is; false after `stop`.
    /// - Throws: where a process that drains the stream runs in another mode.
    package func take(whileHeld: @Sendable (FleetProfile) -> Void) async throws(ModeConflict) -> Bool {
        var outage = Outage(RedisHealth())
        var teller: String?
        while !isStopping, !Task.isCancelled {
            var conflict: ModeConflict?
            do throws(RedisError) {
                let fleet = try await beat()
                outage.isOver(logger)
                conflict = fleet.profiles.values.first { $0.mode != profile.mode && $0.streams.contains(stream) }
                    .map { ModeConflict(own: profile, other: $0) }
                if conflict == nil {
                    if !needsLease { return true }
                    let members = [keys.members, keys.leases, keys.wanted]
                    if try await connection.run(FleetScripts.insist, keys: members, [token, stream]).integer == 1 {
                        return true
                    }
                    let other = fleet.waiting.flatMap { $0 == token ? nil : $0 } ?? fleet.holder
                    if other != teller, let holder = other.flatMap({ fleet.profiles[$0] }) { whileHeld(holder) }
                    teller = other
                }
            } catch {
                await pause(outage.wait(after: error, logger))
            }
            if let conflict {
                await leave()
                throw conflict
            }
            await pause(interval)
        }
        await leave()
        return false
    }

    /// Ends the wait.
    package func stop() { isStopping = true }

    /// Is heard of until cancelled, so that nobody else takes the stream.
    package func keep() async {
        while !Task.isCancelled {
            do throws(RedisError) {
                _ = try await beat()
            } catch {
                // Where another process takes the stream meanwhile, its epoch or the next look at the lease says so.
                logger.debug("lease not renewed", metadata: [LogKey.reason: "\(error)"])
            }
            await pause(interval)
        }
    }

    /// Gives the stream back.
    package func leave() async {
        do throws(RedisError) {
            let all = [keys.members, keys.leases, keys.wanted, keys.profiles]
            _ = try await connection.run(FleetScripts.leave, keys: all, [token])
        } catch {
            // Then the lease ends by itself.
            logger.debug("could not give the lease up", metadata: [LogKey.reason: "\(error)"])
        }
    }

    /// What of the fleet concerns the stream.
    private struct Neighbours {
        /// Of all that are alive, by token.
        var profiles: [String: FleetProfile] = [:]
        var holder: String?
        var waiting: String?
    }

    private func beat() async throws(RedisError) -> Neighbours {
        let reply = try await connection.run(
            FleetScripts.beat,
            keys: [keys.members, keys.leases, keys.wanted, keys.profiles],
            [token, String(leaseTTL.milliseconds), profile.json]
        )
        guard let parts = reply.elements, parts.count == 3 else { throw RedisError(.unexpectedReply, "EVAL") }
        let alive = (parts[0].elements ?? []).compactMap(\.text).filter { $0 != token }
        var neighbours = Neighbours()
        neighbours.holder = parts[1].dictionary[stream]?.text
        neighbours.waiting = parts[2].dictionary[stream]?.text
        guard !alive.isEmpty else { return neighbours }
        let found = try await connection.send(RedisCommand(["HMGET", keys.profiles] + alive)).elements ?? []
        for (token, reply) in zip(alive, found) {
            neighbours.profiles[token] = reply.text.flatMap { FleetProfile(json: $0) }
        }
        return neighbours
    }

    private func pause(_ duration: Duration) async {
        // Cancellation ends the pause early, and the caller's loop sees it.
        try? await Task.sleep(for: duration)
    }
}

/// Whether a command still holds the lease of its stream.
struct LeaseLook {
    let stream: String
    let group: String
    /// nil where no lease is needed.
    let token: String?

    /// To be sent along with a read.
    var command: RedisCommand { ["HGET", FleetKeys(group: group).leases, stream] }

    func isHeld(_ reply: RedisReply) -> Bool { token == nil || reply.text == token }
}
