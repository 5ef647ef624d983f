import Glibc
import Postgres
import Redis
import TestSupport
import Testing

/// An entry is acknowledged after its window is committed and never before, whatever is killed and when.
@Suite struct KillTests {
    private static let item = "CREATE TABLE item (id int PRIMARY KEY, note text)"

    private static func items(_ range: Range<Int>) -> [String] {
        range.map { Native.create("item", ["id": "\($0)", "note": "\"note\""]) }
    }

    private func waitsForItem(_ session: PostgresConnection) async throws {
        try await eventually("the drainer waits for the lock") {
            try await session.run("SELECT FROM pg_locks WHERE NOT granted AND relation = 'item'::regclass").rows.count
                == 1
        }
    }

    @Test(arguments: ["on", "off"])
    func whoIsKilledBetweenCommitAndAcknowledgementLosesNothing(ledger: String) async throws {
        try await withScene(ownRedis: [:], Self.item) { scene, redis in
            let other = try await scene.session()
            // A lease that outlives the pause, and a wait for the lock that is as patient.
            try await scene.running(["LEDGER": ledger, "LEASE_TTL_MS": "30000"]) { drainer in
                try await eventually("the group is there") { try await scene.group() != nil }
                // The window is in hand and waits for the lock; then Redis takes no write, then it is committed. (A frozen
                // Redis would find the acknowledgement in its socket when it thaws.)
                try await other.run("BEGIN; LOCK TABLE item IN ACCESS EXCLUSIVE MODE")
                try await scene.publish(Self.items(0..<50))
                try await waitsForItem(other)
                try await scene.redis("CLIENT", "PAUSE", "600000", "WRITE")
                try await other.run("COMMIT")
                try await eventually("they are committed") { try await scene.count("item") == 50 }
                await drainer.kill()
                try await eventually("Redis has noticed") {
                    let clients = try await scene.redis("CLIENT", "LIST").text ?? ""
                    return !clients.contains("name=drainer-read") && !clients.contains("name=drainer-commands")
                }
                try await scene.redis("CLIENT", "UNPAUSE")
            }
            #expect(try await scene.pending() == 50)
            #expect(try await scene.length() == 50)
            let report = try await scene.drain(["LEDGER": ledger])
            #expect(report.entries == 50 && report.rows == 0 && report.deadLetters == 0)
            #expect(ledger == "on" ? report.duplicatesSkipped == 50 : report.unmatched == 50)
            #expect(try await scene.count("item") == 50)
            #expect(try await scene.pending() == 0)
            #expect(try await scene.length() == 0)
        }
    }

    @Test func nothingIsAcknowledgedBeforeItIsCommitted() async throws {
        try await withScene(Self.item) { scene in
            let other = try await scene.session()
            try await other.run("BEGIN; LOCK TABLE item IN ACCESS EXCLUSIVE MODE")
            try await scene.publish(Self.items(0..<50))
            try await scene.running { drainer in
                try await waitsForItem(other)
                #expect(try await scene.pending() == 50)
                await drainer.kill()
            }
            #expect(try await scene.pending() == 50)
            #expect(try await scene.length() == 50)
            try await other.run("COMMIT")
            let report = try await scene.drain()
            #expect(report.entries == 50)
            #expect(try await scene.count("item") == 50)
        }
    }

    @Test func killedAgainAndAgainUnderLoadNothingIsLost() async throws {
        let schema = "CREATE TABLE item (id int PRIMARY KEY, turn int, size int CHECK (size > 0))"
        try await withScene(schema) { scene in
            // Creates, updates of them, deletes of some, and a bad one now and then.
            let commands = (0..<6000).flatMap { id in
                [
                    Native.create("item", ["id": "\(id)", "turn": "0", "size": id % 500 == 7 ? "-1" : "1"]),
                    Native.update("item", set: ["turn": "1"], where: ["id": "\(id)"]),
                ] + (id % 10 == 3 ? [Native.delete("item", where: ["id": "\(id)"])] : [])
            }
            try await scene.publish(commands)
            let settings = ["STREAM_READ_COUNT": "10", "LEASE_TTL_MS": "300"]
            for turn in 0..<8 {
                try await scene.running(settings) { drainer in
                    let before = try await scene.group()?["last-delivered-id"]?.text
                    try await eventually("it is given entries") {
                        try await scene.group()?["last-delivered-id"]?.text != before
                    }
                    try await Task.sleep(for: .milliseconds(Int.random(in: 0...(10 * (turn + 1)))))
                    await drainer.kill()
                }
            }
            #expect(try await scene.length() > 0, "too fast for this test: give it more entries")
            try await scene.drain(settings)
            #expect(try await scene.count("item WHERE turn = 1") == 6000 - 600 - 12)
            #expect(try await scene.count("item") == 6000 - 600 - 12)
            // Exactly one for each, although windows were written again.
            let letters = try await scene.deadLetters().compactMap { $0["drainer-id"] }
            #expect(letters.count == 12 && Set(letters).count == 12)
            #expect(try await scene.pending() == 0)
            #expect(try await scene.length() == 0)
        }
    }

    @Test func twoDrainersOfOneStreamWriteEverything() async throws {
        try await withScene(Self.item) { scene in
            try await scene.publish(Self.items(0..<3000))
            try await scene.publish(["broken"])
            let settings = ["STREAM_READ_COUNT": "50", "ON_PARSE_FAILURE": "dead_letter"]
            async let first = scene.drain(settings)
            async let second = scene.drain(settings)
            let reports = try await [first, second]
            #expect(reports.map(\.entries).reduce(0, +) >= 3001)
            #expect(try await scene.count("item") == 3000)
            #expect(try await scene.deadLetters().count == 1)
            #expect(try await scene.length() == 0)
        }
    }
}
