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
        try await withStage(streams: streams, lease: lease, settings: settings, records) { stage in
            try await run(on: stage)
        }
    }

    private func run(on stage: Stage) async throws -> Verdict {
        let slots = try (0..<drainers).map { try Slot($0, stage) }
        let verdict = try await drive(stage, slots)
        for slot in slots { slot.stopProxies() }
        if records.keepAll || !verdict.isGood(atLeastOnce: atLeastOnce) {
            try records.keep(verdict, of: "\(plot.name) \(seed)", stage, slots)
        }
        return verdict
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
