import Redis
import TestSupport
import Testing

/// What 128 streams cost while nothing happens on them, and how soon something that does is noticed.
@Suite struct IdleTests {
    private static let settings = [
        "STREAM_NAMES": "s{shard-0..127}", "LEASE_TTL_MS": "10000", "LIVE_REFRESH_MS": "1000",
    ]

    /// Commands that Redis has executed, for whoever.
    private static func commands(_ scene: Scene) async throws -> Int {
        let info = try await scene.redis("INFO", "stats").text ?? ""
        let line = info.split(whereSeparator: \.isNewline).first { $0.hasPrefix("total_commands_processed:") }
        return line.flatMap { Int($0.split(separator: ":")[1]) } ?? -1
    }

    /// Returns once each process holds so many streams, and has settled.
    private static func waitUntilHeld(_ scene: Scene, _ shares: [Int]) async throws {
        try await eventually("the streams are shared and open", within: .seconds(60)) {
            let leases = try await scene.redis("HVALS", "drainer:fleet:{workers}:leases").elements ?? []
            return Dictionary(grouping: leases.compactMap(\.text)) { $0 }.values.map(\.count) == shares
        }
        // Opening 128 streams takes a busy machine a while.
        try await eventually("the streams have been opened", within: .seconds(60)) {
            let before = try await commands(scene)
            try await Task.sleep(for: .seconds(2))
            return try await commands(scene) - before < 400
        }
    }

    @Test func oneProcessIdlesAtNoCostAndTakesANewEntryAtOnce() async throws {
        try await withScene(ownRedis: [:], "CREATE TABLE item (id int)") { scene, _ in
            try await scene.running(Self.settings) { drainer in
                try await Self.waitUntilHeld(scene, [128])
                let (start, before) = (ContinuousClock.now, try await Self.commands(scene))
                let used = try drainer.processorTime()
                try await Task.sleep(for: .seconds(4))
                let took = start.duration(to: .now)
                let (commands, spent) = (try await Self.commands(scene) - before, try drainer.processorTime() - used)
                #expect(Double(commands) < 100 * (took / .seconds(1)), "\(commands) commands in \(took)")
                #expect(spent < took * 0.02, "\(spent) of processors in \(took)")

                var waits: [Duration] = []
                for shard in stride(from: 0, to: 128, by: 6) {
                    let stream = "s{shard-\(shard)}"
                    let start = ContinuousClock.now
                    let id = try await scene.publish([Native.create("item", ["id": "\(shard)"])], to: stream)[0]
                    try await eventually("\(stream) is read", every: .milliseconds(1)) {
                        try await scene.group(of: stream)?["last-delivered-id"]?.text == id
                    }
                    waits.append(start.duration(to: .now))
                }
                // Of a busy machine one in two tells what the drainer itself takes.
                #expect(waits.sorted()[waits.count / 2] < .milliseconds(50), "\(waits)")
                try await eventually("all are written") { try await scene.count("item") == waits.count }
            }
        }
    }

    @Test func twoProcessesCostRedisLittle() async throws {
        try await withScene(ownRedis: [:], "CREATE TABLE item (id int)") { scene, _ in
            try await scene.running(Self.settings) { _ in
                try await scene.running(Self.settings) { _ in
                    try await Self.waitUntilHeld(scene, [64, 64])
                    let (start, before) = (ContinuousClock.now, try await Self.commands(scene))
                    try await Task.sleep(for: .seconds(4))
                    let (took, commands) = (start.duration(to: .now), try await Self.commands(scene) - before)
                    #expect(Double(commands) < 200 * (took / .seconds(1)), "\(commands) commands in \(took)")
                }
            }
        }
    }
}
