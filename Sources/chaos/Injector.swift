import Glibc
import Postgres
import Redis
import Synchronization
import TestSupport

/// Makes things go wrong, several at a time, until it is told to end.
actor Injector {
    private let stage: Stage
    private let slots: [Slot]
    private let lease: Duration
    private let redis: RedisConnection
    private let postgres: PostgresConnection
    private var generator: SeededGenerator
    /// What is spoilt just now.
    private var busy: Set<String> = []
    /// Faults that did strike, by kind.
    private(set) var injected: [String: Int] = [:]

    init(_ stage: Stage, slots: [Slot], lease: Duration, seed: UInt64) {
        self.stage = stage
        self.slots = slots
        self.lease = lease
        redis = stage.redisConnection()
        postgres = PostgresConnection(conninfo: stage.postgres.url(), applicationName: "chaos")
        generator = SeededGenerator(seed: seed &+ 2)
    }

    /// Returns after `duration`, when everything is whole again.
    ///
    /// - Parameter pause: on average, between two faults.
    func run(for duration: Duration, pause: Duration) async throws {
        let end = ContinuousClock.now + duration
        try await withThrowingTaskGroup(of: Void.self) { group in
            while ContinuousClock.now < end {
                try await Task.sleep(for: pause * Double.random(in: 0.1...1.9, using: &generator))
                let fault = Fault.random(slots: slots.count, lease: lease, &generator)
                guard busy.count < 4, busy.insert(fault.target).inserted else { continue }
                group.addTask { try await self.inject(fault) }
            }
            try await group.waitForAll()
        }
    }

    private func inject(_ fault: Fault) async throws {
        stage.timeline.note("fault: \(fault)")
        let didStrike = try await perform(fault)
        stage.timeline.note("  over: \(fault.kind) on \(fault.target)\(didStrike ? "" : ": it met nothing")")
        if didStrike { injected[fault.kind, default: 0] += 1 }
        busy.remove(fault.target)
    }

    /// Whether there was anything to strike.
    private func perform(_ fault: Fault) async throws -> Bool {
        switch fault {
        case .kill(let slot): return slots[slot].signal(SIGKILL, ends: true) != nil
        case .stop(let slot): return slots[slot].signal(SIGTERM, ends: true) != nil
        case .pause(let slot, let time):
            let pid = slots[slot].signal(SIGSTOP, ends: false)
            try await Task.sleep(for: time)
            slots[slot].signal(SIGCONT, ends: false)
            return pid != nil
        case .crash(.redis, let down):
            await stage.redis.kill()
            try await Task.sleep(for: down)
            try await stage.redis.start()
            return true
        case .crash(.postgres, let down):
            await stage.postgres.kill()
            try await Task.sleep(for: down)
            try await stage.postgres.start()
            return true
        case .restart(.redis, let down):
            try await stage.redis.stop()
            try await Task.sleep(for: down)
            try await stage.redis.start()
            return true
        case .restart(.postgres, let down):
            try await stage.postgres.stopImmediately()
            try await Task.sleep(for: down)
            try await stage.postgres.start()
            return true
        case .freeze(.redis, let time):
            stage.redis.freeze()
            try await Task.sleep(for: time)
            stage.redis.thaw()
            return true
        case .freeze(.postgres, let time):
            stage.postgres.freeze()
            try await Task.sleep(for: time)
            stage.postgres.thaw()
            return true
        case .cutClients(.redis, let all): return await cutRedisClients(all: all)
        case .cutClients(.postgres, let all): return await terminateBackends(all: all)
        case .spoil(let slot, let server, let spoiling, let bytes, let direction, let time):
            let proxy = slots[slot].proxy(to: server)
            return try await struck(proxy, for: time) { proxy.arm(spoiling, after: bytes, direction) }
        case .loseAnswer(let slot, let server, let text, let time):
            let proxy = slots[slot].proxy(to: server)
            return try await struck(proxy, for: time) { proxy.arm(.swallow(.toClient), onSeeing: text, .toServer) }
        case .newcomers(let slot, let server, let newcomers, let time):
            // Who is connected already has to connect anew.
            let proxy = slots[slot].proxy(to: server)
            proxy.newcomers = newcomers
            proxy.strike(.reset)
            try await Task.sleep(for: time)
            proxy.heal()
            return true
        case .slow(let slot, let server, let delay, let time):
            let proxy = slots[slot].proxy(to: server)
            proxy.delay(delay)
            try await Task.sleep(for: time)
            proxy.heal()
            return true
        }
    }

    /// Waits for an armed fault to strike, and then for `time`.
    private func struck(_ proxy: FaultProxy, for time: Duration, _ arm: () -> Void) async throws -> Bool {
        arm()
        let end = ContinuousClock.now + .seconds(2)
        while proxy.isArmed, ContinuousClock.now < end { try await Task.sleep(for: .milliseconds(10)) }
        let didStrike = !proxy.isArmed
        if didStrike { try await Task.sleep(for: time) }
        proxy.heal()
        return didStrike
    }

    private func cutRedisClients(all: Bool) async -> Bool {
        do throws(RedisError) {
            if all {
                return try await redis.send(["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"]).integer ?? 0 > 0
            }
            let list = try await redis.send(["CLIENT", "LIST", "TYPE", "normal"]).text ?? ""
            let ids = list.split(separator: "\n").filter {
                $0.contains("name=drainer-") && !$0.contains("drainer-chaos")
            }
            .compactMap { $0.split(separator: " ").first?.dropFirst("id=".count) }
            guard let id = ids.randomElement(using: &generator) else { return false }
            return try await redis.send(["CLIENT", "KILL", "ID", String(id)]).integer == 1
        } catch {
            return false
        }
    }

    private func terminateBackends(all: Bool) async -> Bool {
        do throws(PostgresError) {
            if await !postgres.isConnected { try await postgres.connect() }
            let sql = """
                SELECT pg_terminate_backend(pid) FROM (SELECT pid FROM pg_stat_activity
                WHERE application_name = 'drainer' ORDER BY random() \(all ? "" : "LIMIT 1")) AS backend
                """
            return try await !postgres.run(sql, timeout: .seconds(5)).rows.isEmpty
        } catch {
            return false
        }
    }
}
