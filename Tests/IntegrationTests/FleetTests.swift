import Glibc
import Redis
import TestSupport
import Testing

/// Several processes share several streams.
@Suite struct FleetTests {
    private static let lease = Duration.seconds(5)

    private static func settings(_ consumer: String) -> [String: String] {
        ["STREAM_NAMES": "s{shard-0..5}", "LEASE_TTL_MS": "5000", "STREAM_CONSUMER": consumer]
    }

    /// Streams by the consumer whose process holds them.
    private static func shares(_ scene: Scene) async throws -> [String: Int] {
        let leases = try await scene.redis("HGETALL", "drainer:fleet:{workers}:leases").dictionary
        let profiles = try await scene.redis("HGETALL", "drainer:fleet:{workers}:profiles").dictionary
        var shares: [String: Int] = [:]
        for holder in leases.values.compactMap(\.text) {
            for name in ["one", "two", "three"] where profiles[holder]?.text?.contains("\"\(name)\"") == true {
                shares[name, default: 0] += 1
            }
        }
        return shares
    }

    @Test func streamsAreSharedFairlyWhoeverComesAndGoes() async throws {
        try await withScene("CREATE TABLE item (id int)") { scene in
            try await scene.running(Self.settings("one")) { one in
                try await eventually("one has all") { try await Self.shares(scene) == ["one": 6] }
                try await scene.running(Self.settings("two")) { two in
                    let start = ContinuousClock.now
                    try await eventually("two has its share") {
                        try await Self.shares(scene) == ["one": 3, "two": 3]
                    }
                    #expect(start.duration(to: .now) < Self.lease * 2)
                    try await scene.running(Self.settings("three")) { three in
                        try await eventually("three has its share") {
                            try await Self.shares(scene) == ["one": 2, "two": 2, "three": 2]
                        }
                        // A stopped one's streams are taken at once.
                        three.signal(SIGTERM)
                        #expect(try await three.exit() == .code(0))
                        let stopped = ContinuousClock.now
                        try await eventually("its streams are taken") {
                            try await Self.shares(scene) == ["one": 3, "two": 3]
                        }
                        #expect(stopped.duration(to: .now) < Self.lease)
                    }
                    let killed = ContinuousClock.now
                    await two.kill()
                    try await eventually("a dead one's streams are taken") {
                        try await Self.shares(scene) == ["one": 6]
                    }
                    #expect(killed.duration(to: .now) < Self.lease * 1.5)
                }
                for shard in 0..<6 {
                    try await scene.publish([Native.create("item", ["id": "\(shard)"])], to: "s{shard-\(shard)}")
                }
                try await eventually("all are drained") { try await scene.count("item") == 6 }
                #expect(one.status == nil)
            }
        }
    }
}
