import ArgumentParser
import Foundation
import Glibc
import TestSupport

/// Redis or the database comes back in an older state.
enum Rewind: String, Plot, ExpressibleByArgument, CaseIterable {
    /// A base backup is restored; the streams still hold what was written since.
    case databaseKept = "database-kept"
    /// A base backup is restored; most of what was written since is trimmed.
    case databaseTrimmed = "database-trimmed"
    /// An older copy of Redis' files is restored.
    case redisSnapshot = "redis-snapshot"
    /// A replica that lagged is promoted.
    case redisReplica = "redis-replica"
    /// Redis comes back without anything.
    case redisEmpty = "redis-empty"

    var name: String { rawValue }

    /// What the drainers must be told for it.
    var settings: [String: String] { ["STREAM_RETENTION": self == .databaseKept ? "1h" : "0s"] }

    func play(on stage: Stage, slots: [Slot], producer: Producer, seed: UInt64) async throws -> [String: Int] {
        var generator = SeededGenerator(seed: seed &+ 4)
        func work() async throws {
            try await Task.sleep(for: .milliseconds(Int.random(in: 1500...3000, using: &generator)))
        }
        try await work()
        switch self {
        case .databaseKept, .databaseTrimmed:
            let backup = try await stage.postgres.backUp()
            stage.timeline.note("the base backup is made")
            try await work()
            try await stage.postgres.stopImmediately()
            try stage.postgres.goBack(to: backup)
            try await stage.postgres.start()
        case .redisSnapshot, .redisEmpty:
            let snapshot = self == .redisEmpty ? nil : try stage.redis.snapshot()
            stage.timeline.note("the copy is made")
            try await work()
            try await rest(stage, producer)
            await stage.redis.kill()
            try stage.redis.goBack(to: snapshot)
            try await stage.redis.start()
        case .redisReplica:
            try await promote(stage, slots) {
                try await work()
                try await rest(stage, producer)
            }
        }
        stage.timeline.note("it is back in its older state")
        if generator.chance(50) { slots.randomElement(using: &generator)?.signal(SIGKILL, ends: true) }
        await producer.goOn()
        try await work()
        return [rawValue: 1]
    }

    /// What Redis alone has is nobody's to save: all is written when it goes back.
    private func rest(_ stage: Stage, _ producer: Producer) async throws {
        try await producer.hold()
        guard try await stage.isDrained(within: .seconds(60)) else { throw ServerFailure("not drained within 60 s") }
    }

    private func promote(_ stage: Stage, _ slots: [Slot], _ work: () async throws -> Void) async throws {
        try await withFaultProxy(to: stage.redis.port) { line in
            try await stage.spare.cli("REPLICAOF", "127.0.0.1", "\(line.port)")
            try await eventually("the replica follows") {
                try await stage.spare.cli("INFO", "replication").contains("master_link_status:up")
            }
            stage.timeline.note("the replica follows")
            try await Task.sleep(for: .seconds(1))
            line.newcomers = .silent
            line.strike(.stall)
            stage.timeline.note("the replica is cut off")
            try await work()
            await stage.redis.kill()
            try await stage.spare.cli("REPLICAOF", "NO", "ONE")
        }
        for proxy in slots.map(\.redis) + [stage.front] { proxy.target = stage.spare.port }
    }

    func excuse(_ verdict: inout Verdict, on stage: Stage, slots: [Slot], sent: [Sent]) {
        switch self {
        case .databaseKept: break
        case .databaseTrimmed:
            let told = slots.flatMap(\.drainers).flatMap { ToldLoss.all(in: $0.errors, of: stage.streams) }
            judge(told, &verdict, sent)
        case .redisSnapshot, .redisReplica, .redisEmpty:
            // Dead letters lie in Redis alone.
            verdict.findings.removeAll { $0.wrong == .lost && $0.text.hasPrefix("dead letter") }
            // What the older state had not delivered yet cannot be told from a new entry under its ID: it is kept, too. One
            // whose effect is not there is found by that.
            verdict.others.removeAll { $0.contains("which is not bad: [\"id-reused ") }
        }
    }

    /// Entries that are gone are no failure where they were told, and only where they are gone may they be told.
    private func judge(_ told: [ToldLoss], _ verdict: inout Verdict, _ sent: [Sent]) {
        func isTold(_ entry: EntryName) -> Bool { told.contains { $0.covers(entry) } }
        let gone = verdict.findings.filter { $0.wrong == .lost && $0.entry.map(isTold) == true }.count
        verdict.findings.removeAll { finding in
            // The last writer of a row may be among them.
            finding.text.hasPrefix("chaos.account") || (finding.wrong == .lost && finding.entry.map(isTold) == true)
        }
        // Of the others nobody can see whether they are gone.
        let unseen = sent.count { entry in
            [.account, .bad].contains(entry.kind) && isTold(EntryName(stream: entry.stream, id: entry.id))
        }
        let count = told.reduce(0) { $0 + $1.lost }
        if !(gone...(gone + unseen)).contains(count) {
            verdict.others.append("\(count) entries were told as lost; \(gone) to \(gone + unseen) are")
        }
        if count == 0 { verdict.others.append("nothing was lost: the plot did not play") }
    }
}
