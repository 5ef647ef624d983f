import Foundation
import Redis
import TestSupport

/// A while of writing, draining and things that go wrong, and the judgement on what came of it.
struct Round {
    let seed: UInt64
    let drainers: Int
    let streams: Int
    let duration: Duration
    /// Entries a second.
    let rate: Int
    /// On average, between two faults; nil for none.
    let pause: Duration?
    let lease: Duration
    /// Settings of the drainers, beside those that a round gives them.
    let settings: [String: String]
    /// Where everything is kept that may tell the reason of a failure.
    let keptIn: String
    /// It is kept whatever comes of the round.
    let keepsAll: Bool
    let isLoud: Bool
    let atLeastOnce: Bool

    func run() async throws -> Verdict {
        try await withRedis(configuration: ["appendfsync": "always"]) { redis in
            try await withPostgres(isDurable: true, settings: ["log_line_prefix": "%m [%p] "]) { postgres in
                let stage = Stage(
                    redis: redis,
                    postgres: postgres,
                    streams: Stage.streams(streams),
                    settings: environment,
                    timeline: Timeline(isLoud: isLoud)
                )
                try await postgres.psql(Workload.schema)
                let slots = try (0..<drainers).map { try Slot($0, stage) }
                let verdict = try await drive(stage, slots)
                for slot in slots { slot.stopProxies() }
                if keepsAll || !verdict.isGood(atLeastOnce: atLeastOnce) { try keep(verdict, stage, slots) }
                return verdict
            }
        }
    }

    private var environment: [String: String] {
        var environment = [
            "STREAM_NAMES": "chaos{shard-0..\(streams - 1)}", "STREAM_GROUP": Stage.group,
            "LEASE_TTL_MS": "\(Int(lease / .milliseconds(1)))", "STREAM_READ_COUNT": "200",
            "REFUSAL_GRACE": "20ms", "LIVE_REFRESH_MS": "200", "BATCH_RETRY_DELAY": "50ms",
            "ON_PARSE_FAILURE": "dead_letter",
        ]
        environment.merge(settings) { $1 }
        return environment
    }

    private func drive(_ stage: Stage, _ slots: [Slot]) async throws -> Verdict {
        let producer = Producer(stage, rate: rate, seed: seed)
        let injector = Injector(stage, slots: slots, lease: lease, seed: seed)
        let isDrained = try await withThrowingTaskGroup(of: Void.self) { group in
            for slot in slots {
                group.addTask { try await slot.keepRunning(pauses: 0...1500, seed: seed &+ UInt64(100 + slot.number)) }
            }
            group.addTask { try await producer.run() }
            if let pause {
                try await injector.run(for: duration, pause: pause)
            } else {
                try await Task.sleep(for: duration)
            }
            await producer.stop()
            stage.timeline.note("no more faults, no more entries")
            let isDrained = try await drained(stage)
            for slot in slots { slot.close() }
            try await group.waitForAll()
            return isDrained
        }
        stage.timeline.note("all drainers have ended")
        let judge = await Judge(stage: stage, sent: producer.sent, accounts: producer.accounts)
        var verdict = try await judge.verdict()
        verdict.faults = await injector.injected
        if !isDrained { verdict.others.append("entries were left after \(Self.patience)") }
        for slot in slots { verdict.others += slot.unexpectedEnds }
        return verdict
    }

    private static let patience = Duration.seconds(60)

    private func drained(_ stage: Stage) async throws -> Bool {
        let connection = stage.redisConnection()
        let end = ContinuousClock.now + Self.patience
        while await stage.isDrained(connection) != true {
            guard ContinuousClock.now < end else { return false }
            try await Task.sleep(for: .milliseconds(100))
        }
        return true
    }

    private func keep(_ verdict: Verdict, _ stage: Stage, _ slots: [Slot]) throws {
        let folder = "\(keptIn)/chaos-\(seed)"
        let files = FileManager.default
        try files.createDirectory(atPath: folder, withIntermediateDirectories: true)
        func write(_ text: String, _ name: String) throws {
            try Data(text.utf8).write(to: URL(filePath: "\(folder)/\(name)"))
        }
        try write(stage.timeline.text, "timeline")
        try write(stage.redis.log, "redis")
        try write(stage.postgres.log, "postgres")
        try write((verdict.others + verdict.examples).joined(separator: "\n") + "\n", "findings")
        for slot in slots {
            for drainer in slot.drainers { try write(drainer.errors, "slot-\(slot.number)-process-\(drainer.pid)") }
        }
        FileHandle.standardError.write(Data("chaos: the logs of seed \(seed) are in \(folder)\n".utf8))
    }
}
