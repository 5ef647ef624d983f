import Glibc
import Postgres
import Redis
import TestSupport
import Testing

/// The checkpoint in the database: every command takes effect once, and what a server forgot is told.
@Suite struct LedgerTests {
    private static let item = "CREATE TABLE item (id int)"

    private static func items(_ range: Range<Int>) -> [String] {
        range.map { Native.create("item", ["id": "\($0)"]) }
    }

    @Test func aTableWithoutAKeyGetsEveryRowOnceWhoeverIsKilled() async throws {
        try await withScene(Self.item) { scene in
            var generator = SystemRandomNumberGenerator()
            let settings = ["STREAM_READ_COUNT": "20", "STREAM_NAMES": "orders,others"]
            try await scene.publish(Self.items(0..<1500))
            try await scene.publish(Self.items(1500..<3000), to: "others")
            for _ in 0..<8 {
                try await scene.running(settings) { first in
                    try await scene.running(settings) { second in
                        let before = try await scene.count("item")
                        try await eventually("some are written") {
                            let count = try await scene.count("item")
                            return count > before || count == 3000
                        }
                        try await Task.sleep(for: .milliseconds(Int.random(in: 0...60, using: &generator)))
                        await first.kill()
                        await second.kill()
                    }
                }
            }
            try await scene.drain(settings)
            #expect(try await scene.count("item") == 3000)
            #expect(try await scene.count("(SELECT DISTINCT id FROM item) d") == 3000)
            for stream in ["orders", "others"] { #expect(try await scene.pending(stream) == 0) }
            #expect(try await scene.deadLetters().isEmpty)
        }
    }

    @Test func whatADatabaseLostIsWrittenAgainWhereTheStreamHoldsIt() async throws {
        try await withScene(Self.item) { scene in
            let ids = try await scene.publish(Self.items(0..<20))
            try await scene.drain(["STREAM_RETENTION": "forever"])
            // As a restored backup would have it.
            try await scene.sql("UPDATE drainer.checkpoint SET last_id = '\(ids[9])', entries_read = 10")
            try await scene.sql("DELETE FROM item WHERE id >= 10")
            let report = try await scene.drain(["STREAM_RETENTION": "forever"])
            #expect(report.errors.contains("the database has gone back"))
            #expect(report.rows == 10)
            #expect(
                try await scene.column("SELECT id FROM item ORDER BY id").compactMap { $0.flatMap { Int($0) } }
                    == Array(0..<20)
            )
            #expect(try await scene.drain(["STREAM_RETENTION": "forever"]).errors == "")
        }
    }

    @Test func whatADatabaseLostAndTheStreamNoLongerHoldsIsTold() async throws {
        try await withScene(Self.item) { scene in
            let ids = try await scene.publish(Self.items(0..<20))
            try await scene.drain()
            try await scene.sql("UPDATE drainer.checkpoint SET last_id = '\(ids[9])', entries_read = 10")
            try await scene.publish(Self.items(20..<25))
            let report = try await scene.drain()
            #expect(report.errors.contains("the database has gone back") && report.errors.contains("lost=10"))
            #expect(try await scene.count("item") == 25)
            #expect(try await scene.drain().errors == "")
        }
    }

    @Test func anIDThatRedisGivesAgainIsNoDuplicate() async throws {
        try await withScene(Self.item) { scene in
            try await scene.redis("XADD", Scene.stream, "1-1", "command", Self.items(0..<1)[0])
            try await scene.drain()
            // The stream's later entries had taken effect, then Redis forgot them.
            try await scene.sql("UPDATE drainer.checkpoint SET last_id = '9-9'")
            try await scene.redis("XADD", Scene.stream, "5-1", "command", Self.items(1..<2)[0])
            let report = try await scene.drain()
            #expect(report.errors.contains("Redis has gone back"))
            #expect(report.deadLetters == 1 && report.rows == 0)
            let letter = try await scene.deadLetters().first
            #expect(letter?["drainer-error"] == "id-reused" && letter?["command"] == Self.items(1..<2)[0])
            // No further entry can come below.
            let refused = try await scene.redis.send([["XADD", Scene.stream, "6-1", "command", "{}"]]).all()
            guard case .error = refused.first else { throw ServerFailure("an ID below the last one was taken") }
            try await scene.publish(Self.items(2..<3))
            #expect(try await scene.drain().rows == 1)
            #expect(try await scene.column("SELECT id FROM item ORDER BY id") == ["0", "2"])
        }
    }

    @Test func entriesTrimmedBeforeTheyWereReadAreTold() async throws {
        try await withScene(Self.item) { scene in
            try await scene.publish(Self.items(0..<5))
            try await scene.drain()
            try await scene.publish(Self.items(5..<15))
            try await scene.redis("XTRIM", Scene.stream, "MAXLEN", "4")
            let report = try await scene.drain()
            #expect(report.errors.contains("trimmed") && report.errors.contains("count=6"))
            #expect(try await scene.count("item") == 9)
            #expect(try await scene.group()?["lag"]?.integer == 0)
            #expect(try await scene.drain().errors == "")
        }
    }

    @Test(arguments: ["on", "off"])
    func aCountThatRedisForgotAtARestartIsNoLoss(ledger: String) async throws {
        let durable = ["appendonly": "yes", "appendfsync": "always"]
        try await withScene(ownRedis: durable, Self.item) { scene, redis in
            try await scene.publish(Self.items(0..<20))
            try await scene.drain(["LEDGER": ledger])
            try await scene.publish(Self.items(20..<25))
            await redis.kill()
            try await redis.start()
            try await eventually("Redis is back") { (try? await scene.redis("PING")) != nil }
            let report = try await scene.drain(["LEDGER": ledger])
            #expect(report.rows == 5 && report.errors == "")
            #expect(try await scene.group()?["lag"]?.integer == 0)
        }
    }

    @Test func aCountThatRedisForgotWhileAnotherStreamWasBusyIsNoLoss() async throws {
        let durable = ["appendonly": "yes", "appendfsync": "always"]
        // A lease that outlives the restart: else the stream is taken anew, and nobody looks before that.
        let settings = ["STREAM_NAMES": "orders,others", "STREAM_READ_COUNT": "10", "LEASE_TTL_MS": "30000"]
        try await withScene(ownRedis: durable, Self.item) { scene, redis in
            try await scene.publish(Self.items(0..<20), to: "others")
            try await scene.drain(settings)
            let other = try await scene.session()
            try await other.run("BEGIN; LOCK TABLE item IN ACCESS EXCLUSIVE MODE")
            let admin = Admin()
            try await scene.running(settings.merging(admin.settings) { $1 }) { drainer in
                try await scene.publish(Self.items(20..<40))
                // One window waits for the lock and one for that, so nothing is read of the other stream.
                try await eventually("both windows are in hand") { try await scene.pending() == 20 }
                await redis.kill()
                try await redis.start()
                try await eventually("Redis is back") { (try? await scene.redis("PING")) != nil }
                try await scene.publish(Self.items(40..<45), to: "others")
                // Every five seconds, unless a look before they were added has closed the stream.
                let end = ContinuousClock.now + .seconds(12)
                let lag = #"drainer_stream_lag_entries{stream="others"} 5"#
                while try await !admin.get("/metrics").body.contains(lag), ContinuousClock.now < end {
                    try await Task.sleep(for: .milliseconds(50))
                }
                try await other.run("COMMIT")
                try await eventually("all are written") { try await scene.count("item") == 45 }
                #expect(!drainer.errors.contains("trimmed"))
            }
        }
    }

    @Test func aDeadLetterWhoseProcessDiedIsMovedOnce() async throws {
        try await withScene("CREATE TABLE item (id int PRIMARY KEY)") { scene in
            try await scene.publish([Native.create("item", ["id": "\"none\""])] + Self.items(0..<12))
            try await scene.drain()
            #expect(try await scene.deadLetters().count == 1)
            // As if the process had died after its commit, before the move was noted; then before the move.
            try await scene.sql("UPDATE drainer.dead_letter SET moved_at = NULL")
            try await scene.drain()
            #expect(try await scene.deadLetters().count == 1)
            #expect(try await scene.count("drainer.dead_letter WHERE moved_at IS NULL") == 0)
            let letter = try await scene.deadLetters().first
            try await scene.redis("DEL", "\(Scene.stream):dead")
            try await scene.sql("UPDATE drainer.dead_letter SET moved_at = NULL")
            try await scene.drain()
            let moved = try await scene.deadLetters()
            #expect(moved.count == 1 && moved.first?["drainer-id"] == letter?["drainer-id"])
            #expect(moved.first?["command"] == letter?["command"] && moved.first?["drainer-error"] == "22P02")
        }
    }

    @Test func aLedgerSwitchedOnTakesAGroupAtItsWord() async throws {
        try await withScene(Self.item) { scene in
            let off = ["LEDGER": "off", "STREAM_RETENTION": "forever"]
            let ids = try await scene.publish(Self.items(0..<10))
            try await scene.drain(off)
            // One that another left pending, and one behind it that was acknowledged.
            try await scene.publish(Self.items(10..<12))
            let read = ["XREADGROUP", "GROUP", "workers", "dead", "STREAMS", Scene.stream, ">"]
            let entries = try await scene.redis.send(RedisCommand(read)).elements?.first?.elements?.last?.elements ?? []
            let last = entries.last?.elements?.first?.text ?? ""
            try await scene.redis("XACK", Scene.stream, "workers", last)
            let report = try await scene.drain(["STREAM_RETENTION": "forever"])
            #expect(report.rows == 1 && !report.errors.contains("gone back"))
            #expect(try await scene.count("item") == 11)
            #expect(try await scene.column("SELECT last_id >= '\(ids[9])' FROM drainer.checkpoint") == ["t"])
            #expect(try await scene.drain(["STREAM_RETENTION": "forever"]).rows == 0)
        }
    }

    @Test func whoMayNotMakeTheSchemaIsToldWhatToRun() async throws {
        try await withScene(Self.item) { scene in
            let role = try await Role.make(in: scene, grants: "GRANT ALL ON item TO")
            let settings = ["DATABASE_URL": role.url]
            let report = try await scene.drain(settings, expecting: 77)
            #expect(report.errors.contains("drainer migrate") && report.errors.contains("LEDGER=off"))
            try await scene.running(settings) { drainer in
                let status = try await drainer.exit()
                #expect(status == .code(77))
            }
        }
    }

    @Test(arguments: [["LEDGER": "off"], ["ORDERING": "none"]])
    func anotherModeDoesNotTouchTheGroup(mode: [String: String]) async throws {
        try await withScene(Self.item) { scene in
            try await scene.running { _ in
                try await eventually("it runs") { try await scene.group() != nil }
                try await scene.running(mode) { other in
                    let status = try await other.exit()
                    #expect(status == .code(78))
                    #expect(other.errors.contains("LEDGER=on"))
                }
                try await scene.publish(Self.items(0..<3))
                try await eventually("the first goes on") { try await scene.count("item") == 3 }
                try await eventually("all is acknowledged") { try await scene.pending() == 0 }
            }
            // Once nobody runs, another mode may.
            #expect(try await scene.drain(mode).entries == 0)
        }
    }

    @Test func forcedEntriesAreCommittedThoughTheirWindowWaits() async throws {
        try await withScene("\(Self.item); CREATE TABLE urgent (id int)") { scene in
            let other = try await scene.session()
            try await other.run("BEGIN; LOCK TABLE item IN ACCESS EXCLUSIVE MODE")
            let forced = #"{"op":"create","table":"urgent","row":{"id":1},"forceDrainToDB":true}"#
            try await scene.publish(Self.items(0..<20) + [forced])
            try await scene.running { drainer in
                try await eventually("the forced one is there") { try await scene.count("urgent") == 1 }
                #expect(try await scene.count("drainer.checkpoint WHERE cardinality(ahead) = 1") == 1)
                await drainer.kill()
            }
            try await other.run("COMMIT")
            let report = try await scene.drain()
            #expect(report.duplicatesSkipped == 1 && report.rows == 20)
            #expect(try await scene.count("urgent") == 1)
            #expect(try await scene.count("item") == 20)
            #expect(try await scene.count("drainer.checkpoint WHERE cardinality(ahead) = 0") == 1)
        }
    }
}
