import Foundation
import Redis
import TestSupport

/// Entries written and drained while a plot plays, and the judgement on what came of it.
struct Round {
    let plot: any Plot
    let seed: UInt64
    let drainers: Int
    let streams: Int
    /// Entries a second.
    let rate: Int
    let lease: Duration
    /// Settings of the drainers, beside those that a round gives them.
    let settings: [String: String]
    /// Milliseconds that a slot stays empty when its drainer has ended.
    var pauses = 0...1500
    let records: Records
    let atLeastOnce: Bool

    /// How long entries may take to be drained once all is whole.
    private static let patience = Duration.seconds(60)

    func run() async throws -> Verdict {
        let configuration = ["appendfsync": "always"]
        return try await withRedis(configuration: configuration) { redis in
            try await withRedis(configuration: configuration) { spare in
                try await withPostgres(isDurable: true, settings: ["log_line_prefix": "%m [%p] "]) { postgres in
                    try await withFaultProxy(to: redis.port) { front in
                        let stage = Stage(
                            redis: redis,
                            spare: spare,
                            postgres: postgres,
                            front: front,
                            streams: Stage.streams(streams),
                            settings: environment,
                            timeline: Timeline(isLoud: records.loud)
                        )
                        return try await run(on: stage)
                    }
                }
            }
        }
    }

    private func run(on stage: Stage) async throws -> Verdict {
        try await stage.postgres.psql(Workload.schema)
        let slots = try (0..<drainers).map { try Slot($0, stage) }
        let verdict = try await drive(stage, slots)
        for slot in slots { slot.stopProxies() }
        if records.keepAll || !verdict.isGood(atLeastOnce: atLeastOnce) {
            try records.keep(verdict, of: "\(plot.name) \(seed)", stage, slots)
        }
        return verdict
    }

    private var environment: [String: String] {
        var environment = [
            "STREAM_NAMES": "chaos{shard-0..\(streams - 1)}", "STREAM_GROUP": Stage.group,
            "LEASE_TTL_MS": "\(Int(lease / .milliseconds(1)))", "STREAM_READ_COUNT": "200",
            "REFUSAL_GRACE": "20ms", "LIVE_REFRESH_MS": "200", "BATCH_RETRY_DELAY": "50ms",
            "ON_PARSE_FAILURE": "dead_letter", "LEDGER": atLeastOnce ? "off" : "on",
        ]
        environment.merge(settings) { $1 }
        return environment
    }

    private func drive(_ stage: Stage, _ slots: [Slot]) async throws -> Verdict {
        let producer = Producer(stage, rate: rate, seed: seed)
        let (faults, isDrained) = try await withThrowingTaskGroup(of: Void.self) { group in
            for slot in slots {
                group.addTask { try await slot.keepRunning(pauses: pauses, seed: seed &+ UInt64(100 + slot.number)) }
            }
            group.addTask { try await producer.run() }
            let faults = try await plot.play(on: stage, slots: slots, producer: producer, seed: seed)
            await producer.stop()
            stage.timeline.note("no more faults, no more entries")
            let isDrained = try await stage.isDrained(within: Self.patience)
            stage.timeline.note(isDrained ? "all is drained" : "entries are left")
            for slot in slots { slot.close() }
            try await group.waitForAll()
            return (faults, isDrained)
        }
        stage.timeline.note("all drainers have ended")
        let sent = await producer.sent
        var verdict = try await Judge(stage: stage, sent: sent, accounts: await producer.accounts).verdict()
        verdict.faults = faults
        if !isDrained { verdict.others.append("entries were left after \(Self.patience)") }
        for slot in slots { verdict.others += slot.unexpectedEnds }
        plot.excuse(&verdict, on: stage, slots: slots, sent: sent)
        return verdict
    }
}
