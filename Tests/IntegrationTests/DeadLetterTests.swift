import Foundation
import Postgres
import Redis
import TestSupport
import Testing

/// `drainer dead-letters`.
@Suite struct DeadLetterTests {
    /// Without a key: what is written twice shows.
    private static let schema = "CREATE TABLE item (id int CHECK (id < 100), note text)"

    private static func item(_ id: Int) -> String {
        Native.create("item", ["id": "\(id)", "note": "\"secret \(id)\""])
    }

    private func letters(
        _ scene: Scene,
        _ arguments: String...,
        expecting code: Int32 = 0,
        environment: [String: String] = [:],
        at location: SourceLocation = #_sourceLocation
    ) async throws -> (output: String, errors: String) {
        let run = try await DrainerProcess.run(
            ["dead-letters"] + arguments,
            environment: scene.environment(environment)
        )
        #expect(run.status == .code(code), "\(run.output)\(run.errors)", sourceLocation: location)
        return (run.output, run.errors)
    }

    /// Three that are fine and three that are refused; answers all IDs.
    private func drainSome(_ scene: Scene, _ settings: [String: String] = [:]) async throws -> [String] {
        let ids = try await scene.publish([1, 101, 2, 102, 3, 103].map(Self.item))
        let report = try await scene.drain(settings)
        #expect(report.deadLetters == 3)
        return ids
    }

    @Test func theyAreListedWithoutValuesAndShownWithThem() async throws {
        try await withScene(Self.schema) { scene in
            let ids = try await drainSome(scene)
            let list = try await letters(scene, "list", Scene.stream).output
            #expect(list.contains("\(ids[1])  23514  public.item") && list.contains("3 dead letters"), "\(list)")
            #expect(!list.contains("secret"), "\(list)")
            let one = try await letters(scene, "list", Scene.stream, ids[3], "--json").output
            let json = try #require(try JSONSerialization.jsonObject(with: Data(one.utf8)) as? [String: Any])
            let lines = try #require(json["letters"] as? [[String: Any]])
            #expect(lines.map { $0["id"] as? String } == [ids[3]], "\(one)")
            let shown = try await letters(scene, "show", Scene.stream, ids[3]).output
            #expect(shown.contains("secret 102") && !shown.contains("secret 101"), "\(shown)")
            _ = try await letters(scene, "show", Scene.stream, ids[0], expecting: 64)
            #expect(try await letters(scene, "list", "nothing").output.contains("no dead letters"))
        }
    }

    @Test(arguments: ["on", "off"])
    func whatIsWrittenGoesAndWhatIsRefusedAgainStays(ledger: String) async throws {
        try await withScene(Self.schema) { scene in
            let mode = ["LEDGER": ledger]
            let ids = try await drainSome(scene, mode)
            try await scene.sql(
                "ALTER TABLE item DROP CONSTRAINT item_id_check; ALTER TABLE item ADD CHECK (id <> 102)"
            )
            try await scene.sql("ALTER TABLE item RENAME CONSTRAINT item_id_check TO other")
            let before = try await scene.deadLetters()[1]
            let run = try await letters(scene, "retry", Scene.stream, environment: mode)
            #expect(run.output.contains("2 of 3 dead letters of orders written"), "\(run)")
            #expect(run.output.contains("1 refused again (23514, public.item), the first of them \(ids[3])"), "\(run)")
            #expect(try await scene.column("SELECT id FROM item ORDER BY id") == ["1", "2", "3", "101", "103"])
            let left = try await scene.deadLetters()
            #expect(left.map { $0["drainer-id"] } == [ids[3]])
            #expect(left.first?["command"] == before["command"])
            #expect(left.first?["drainer-message"]?.contains("other") == true, "\(left)")
            if ledger == "on" {
                #expect(
                    try await scene.column(
                        "SELECT consumer_group FROM drainer.checkpoint WHERE consumer_group <> 'workers'"
                    )
                        == []
                )
            }
            try await scene.sql("ALTER TABLE item DROP CONSTRAINT other")
            let again = try await letters(scene, "retry", Scene.stream, ids[3], environment: mode)
            #expect(again.output.contains("1 of 1 dead letter"), "\(again)")
            #expect(try await scene.deadLetters().isEmpty)
            #expect(try await scene.count("item") == 6)
        }
    }

    @Test func theyAreTriedInTheOrderOfTheirStream() async throws {
        let schema = "CREATE TABLE item (id int PRIMARY KEY, note text)"
        try await withScene(schema) { scene in
            // Moved aside in another order than they came in.
            func letter(_ id: String, _ command: String) async throws {
                try await scene.redis(
                    "XADD",
                    "orders:dead",
                    "*",
                    "command",
                    command,
                    "drainer-id",
                    id,
                    "drainer-error",
                    "42P01",
                    "drainer-message",
                    "gone",
                    "drainer-table",
                    "public.item",
                    "drainer-at",
                    "2026-11-26T00:00:00Z"
                )
            }
            try await letter("20-0", Native.update("item", set: ["note": "\"last\""], where: ["id": "1"]))
            try await letter("5-0", Native.create("item", ["id": "1", "note": "\"first\""]))
            try await letter("7-0", Native.update("item", set: ["note": "\"middle\""], where: ["id": "1"]))
            _ = try await letters(scene, "retry", Scene.stream, "--stream-read-count", "1")
            #expect(try await scene.column("SELECT note FROM item") == ["last"])
            #expect(try await scene.deadLetters().isEmpty)
        }
    }

    @Test func killedBetweenCommitAndRemovalItRepeatsNothing() async throws {
        try await withScene(ownRedis: [:], Self.schema) { scene, _ in
            _ = try await drainSome(scene)
            try await scene.sql("ALTER TABLE item DROP CONSTRAINT item_id_check")
            let other = try await scene.session()
            try await other.run("BEGIN; LOCK TABLE item IN ACCESS EXCLUSIVE MODE")
            let arguments = ["dead-letters", "retry", Scene.stream]
            try await withDrainer(arguments, environment: scene.settings) { retry in
                try await eventually("it waits for the lock") {
                    try await other.run("SELECT FROM pg_locks WHERE NOT granted AND relation = 'item'::regclass")
                        .rows.count == 1
                }
                try await scene.redis("CLIENT", "PAUSE", "600000", "WRITE")
                try await other.run("COMMIT")
                try await eventually("they are committed") { try await scene.count("item") == 6 }
                await retry.kill()
                try await eventually("Redis has noticed") {
                    !(try await scene.redis("CLIENT", "LIST").text ?? "").contains("name=drainer-command")
                }
                try await scene.redis("CLIENT", "UNPAUSE")
            }
            #expect(try await scene.deadLetters().count == 3)
            _ = try await letters(scene, "retry", Scene.stream)
            #expect(try await scene.column("SELECT id FROM item GROUP BY id HAVING count(*) <> 1") == [])
            #expect(try await scene.count("item") == 6)
            #expect(try await scene.deadLetters().isEmpty)
        }
    }

    @Test func aLetterThatIsGoneIsNotMovedThereAgain() async throws {
        try await withScene(Self.schema) { scene in
            _ = try await drainSome(scene)
            // As a process leaves it that is killed before it could note that they were moved.
            try await scene.sql("UPDATE drainer.dead_letter SET moved_at = NULL")
            let gone = try await letters(scene, "discard", Scene.stream)
            #expect(gone.output.contains("3 dead letters of orders discarded"), "\(gone)")
            try await scene.publish([Self.item(4)])
            try await scene.drain()
            #expect(try await scene.deadLetters().isEmpty)
        }
    }

    @Test func onlyTheOnesNamedAreDiscarded() async throws {
        try await withScene(Self.schema) { scene in
            let ids = try await drainSome(scene)
            _ = try await letters(scene, "discard", Scene.stream, "1-1", expecting: 64)
            _ = try await letters(scene, "discard", Scene.stream, ids[1], ids[5], "--yes")
            #expect(try await scene.deadLetters().map { $0["drainer-id"] } == [ids[3]])
        }
    }

    @Test(arguments: ["on", "off"])
    func thePoisonEntryThatStoppedTheFleetIsSkipped(ledger: String) async throws {
        try await withScene(Self.schema) { scene in
            let mode = ["LEDGER": ledger]
            let ids = try await scene.publish([Self.item(1), "poison", Self.item(2), Self.item(3)])
            try await scene.drain(mode, expecting: 65)
            #expect(try await scene.count("item") == 1)
            let run = try await letters(scene, "skip", Scene.stream, ids[1], environment: mode)
            #expect(run.output.contains("\(ids[1]) of orders is a dead letter now"), "\(run)")
            #expect(run.output.contains("'drainer resume' goes on"), "\(run)")
            let dead = try await scene.deadLetters()
            #expect(dead.map { $0["drainer-error"] } == ["skipped"] && dead.first?["command"] == "poison", "\(dead)")
            // A second time changes nothing.
            #expect(
                try await letters(scene, "skip", Scene.stream, ids[1], environment: mode).output
                    .contains("dealt with before")
            )
            try await scene.redis("DEL", "drainer:stop", "drainer:stop:reason")
            let report = try await scene.drain(mode)
            #expect(!report.errors.contains("older state") && !report.errors.contains("lost"), "\(report.errors)")
            #expect(try await scene.column("SELECT id FROM item ORDER BY id") == ["1", "2", "3"])
            #expect(try await scene.deadLetters().count == 1)
            #expect(try await scene.pending() == 0)
        }
    }

    @Test(arguments: ["on", "off"])
    func anEntryThatWasNeverDeliveredIsSkipped(ledger: String) async throws {
        try await withScene(Self.schema) { scene in
            let mode = ["LEDGER": ledger]
            let ids = try await scene.publish((0..<20).map(Self.item))
            _ = try await letters(scene, "skip", Scene.stream, ids[7], ids[12], environment: mode)
            let report = try await scene.drain(mode)
            #expect(!report.errors.contains("older state") && !report.errors.contains("lost"), "\(report.errors)")
            #expect(try await scene.count("item") == 18)
            #expect(try await scene.count("item WHERE id IN (7, 12)") == 0)
            #expect(try await scene.deadLetters().map { $0["drainer-id"] } == [ids[7], ids[12]])
            #expect(try await scene.pending() == 0)
            _ = try await letters(scene, "skip", Scene.stream, "1-1", expecting: 64, environment: mode)
        }
    }

    @Test func mistakesAndServersThatAreAwayHaveTheirExitCodes() async throws {
        for arguments in [["retry"], ["skip", "orders"], ["retry", "orders", "soon"], ["list"]] {
            let run = try await DrainerProcess.run(["dead-letters"] + arguments, environment: [:])
            #expect(run.status == .code(64), "\(arguments): \(run.errors)")
        }
        let away = try await DrainerProcess.run(
            ["dead-letters", "list", "orders"],
            environment: ["REDIS_URL": "redis://127.0.0.1:1/0"]
        )
        #expect(away.status == .code(69), "\(away.errors)")
        try await withScene { scene in
            try await scene.redis("SET", "orders:dead", "text")
            _ = try await letters(scene, "list", Scene.stream, expecting: 64)
        }
    }
}
