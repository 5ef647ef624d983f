import Glibc
import Postgres
import TestSupport
import Testing

/// A gentle stop, and one by force.
@Suite struct StopTests {
    private static let item = "CREATE TABLE item (id int PRIMARY KEY)"

    private static func items(_ range: Range<Int>) -> [String] { range.map { Native.create("item", ["id": "\($0)"]) } }

    @Test(arguments: [SIGTERM, SIGINT])
    func theWindowInHandIsWrittenAndAcknowledged(signal: Int32) async throws {
        try await withScene(Self.item) { scene in
            try await scene.publish(Self.items(0..<20_000))
            try await scene.running(["STREAM_READ_COUNT": "100"]) { drainer in
                try await eventually("it is at work") { try await scene.count("item") > 0 }
                drainer.signal(signal)
                #expect(try await drainer.exit(within: .seconds(20)) == .code(0), "\(drainer.errors)")
                let written = try await scene.count("item")
                #expect(written < 20_000)
                #expect(try await scene.pending() == 0)
                #expect(try await scene.length() == 20_000 - written)
                #expect(try DrainReport(output: drainer.output, errors: "").rows == written)
            }
            #expect(try await scene.drain().unmatched == 0)
            #expect(try await scene.count("item") == 20_000)
        }
    }

    @Test(arguments: ["orders", "orders,other"])
    func anIdleDrainerEndsAtOnce(streams: String) async throws {
        try await withScene(Self.item) { scene in
            // A wait of a minute, which the stop ends.
            try await scene.running(["STREAM_BLOCK_MS": "60000", "STREAM_NAMES": streams]) { drainer in
                try await scene.publish(Self.items(0..<1))
                try await eventually("it is at work") { try await scene.count("item") == 1 }
                try await eventually("it waits") { try await scene.pending() == 0 }
                drainer.signal(SIGTERM)
                #expect(try await drainer.exit(within: .seconds(15)) == .code(0), "\(drainer.errors)")
            }
        }
    }

    @Test func aStoppedFleetsDrainerEndsAtOnce() async throws {
        try await withScene(Self.item) { scene in
            try await scene.redis("SET", "drainer:stop", "1")
            // A wait of a minute for the key to go, which the signal ends.
            try await scene.running(["LIVE_REFRESH_MS": "60000"]) { drainer in
                try await eventually("it has heard of the stop") { drainer.errors.contains("stopped") }
                drainer.signal(SIGTERM)
                #expect(try await drainer.exit(within: .seconds(15)) == .code(0), "\(drainer.errors)")
            }
        }
    }

    @Test func aStopWaitsForTheCommit() async throws {
        try await withScene(Self.item) { scene in
            let other = try await scene.session()
            try await other.run("BEGIN; LOCK TABLE item IN ACCESS EXCLUSIVE MODE")
            try await scene.publish(Self.items(0..<10))
            try await scene.running { drainer in
                try await eventually("they are in hand") { try await scene.pending() == 10 }
                drainer.signal(SIGTERM)
                try await eventually("the stop is heard") { drainer.errors.contains("stopping") }
                #expect(drainer.status == nil)
                try await other.run("COMMIT")
                #expect(try await drainer.exit(within: .seconds(20)) == .code(0))
                #expect(try await scene.count("item") == 10)
                #expect(try await scene.pending() == 0)
            }
        }
    }

    @Test func aSecondSignalEndsItAtOnce() async throws {
        try await withScene(Self.item) { scene in
            let other = try await scene.session()
            try await other.run("BEGIN; LOCK TABLE item IN ACCESS EXCLUSIVE MODE")
            try await scene.publish(Self.items(0..<10))
            try await scene.running { drainer in
                try await eventually("they are in hand") { try await scene.pending() == 10 }
                drainer.signal(SIGTERM)
                try await eventually("the first is heard") { drainer.errors.contains("stopping") }
                drainer.signal(SIGINT)
                #expect(try await drainer.exit(within: .seconds(10)) == .code(75))
            }
            try await other.run("COMMIT")
            #expect(try await scene.drain().entries == 10)
            #expect(try await scene.count("item") == 10)
        }
    }

    @Test func untilEmptyThatIsStoppedSaysThatItIsNotDone() async throws {
        try await withScene(Self.item) { scene in
            try await scene.publish(Self.items(0..<20_000))
            try await withDrainer(
                ["run", "--until-empty", "--summary", "json"],
                environment: scene.environment(["STREAM_READ_COUNT": "50"])
            ) { drainer in
                try await eventually("it is at work") { try await scene.count("item") > 0 }
                drainer.signal(SIGTERM)
                #expect(try await drainer.exit(within: .seconds(20)) == .code(75), "\(drainer.errors)")
                #expect(try await scene.pending() == 0)
            }
        }
    }

    @Test func aStopDuringAnOutageEndsWithin25Seconds() async throws {
        try await withScene(ownPostgres: [:], Self.item) { scene, postgres in
            try await scene.running { drainer in
                try await scene.publish(Self.items(0..<1))
                try await eventually("it is at work") { try await scene.count("item") == 1 }
                try await eventually("it waits") { try await scene.pending() == 0 }
                // Nothing answers any more, and nothing says so.
                postgres.freeze()
                try await scene.publish(Self.items(1..<11))
                try await eventually("they are in hand") { try await scene.pending() == 10 }
                drainer.signal(SIGTERM)
                let start = ContinuousClock.now
                #expect(try await drainer.exit(within: .seconds(29)) == .code(75), "\(drainer.errors)")
                #expect(start.duration(to: .now) > .seconds(20))
                postgres.thaw()
            }
            #expect(try await scene.pending() == 10)
            #expect(try await scene.drain().entries == 10)
            #expect(try await scene.count("item") == 11)
        }
    }
}
