import Foundation
import Glibc
import Postgres
import Redis
import TestSupport
import Testing

/// `drainer replay`.
@Suite struct ReplayTests {
    /// Without a key: what is written twice shows. An insert of `gate` waits for whoever holds lock 1.
    private static let schema = """
        CREATE TABLE item (id int, note text);
        CREATE TABLE person (id int PRIMARY KEY, name text);
        CREATE FUNCTION wait_at_gate() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NEW.note = 'gate' THEN PERFORM pg_advisory_xact_lock_shared(1); END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER gate BEFORE INSERT ON item FOR EACH ROW EXECUTE FUNCTION wait_at_gate();
        """

    private static let kept = ["STREAM_RETENTION": "forever"]

    private static func items(_ range: Range<Int>, gate: Int? = nil) -> [String] {
        range.map { Native.create("item", ["id": "\($0)", "note": $0 == gate ? "\"gate\"" : "\"note\""]) }
    }

    /// Runs the command to its end.
    private func replay(
        _ scene: Scene,
        _ arguments: String...,
        expecting code: Int32 = 0,
        environment: [String: String] = [:],
        at location: SourceLocation = #_sourceLocation
    ) async throws -> (output: String, errors: String) {
        let run = try await DrainerProcess.run(
            ["replay"] + arguments,
            environment: scene.environment(Self.kept.merging(environment) { $1 })
        )
        #expect(run.status == .code(code), "\(run.output)\(run.errors)", sourceLocation: location)
        return (run.output, run.errors)
    }

    /// The checkpoint of the group, as text; of replays, where there are any.
    private func checkpoint(_ scene: Scene) async throws -> [String?] {
        try await scene.sql(
            "SELECT last_id, ahead::text FROM drainer.checkpoint WHERE consumer_group = 'workers'"
        ).first ?? []
    }

    private func ownCheckpoints(_ scene: Scene) async throws -> [String?] {
        try await scene.column("SELECT consumer_group FROM drainer.checkpoint WHERE consumer_group <> 'workers'")
    }

    @Test func whatWasDrainedIsWrittenAgain() async throws {
        try await withScene(Self.schema) { scene in
            let ids = try await scene.publish(Self.items(0..<100))
            try await scene.drain(Self.kept)
            let before = try await checkpoint(scene)
            let dry = try await replay(scene, Scene.stream, "--from", ids[40], "--dry-run").output
            #expect(dry.contains("60 entries of orders from \(ids[40]) to \(ids[99])"), "\(dry)")
            #expect(dry.contains("public.item  60"), "\(dry)")
            #expect(try await scene.count("item") == 100)
            #expect(try await scene.column("SELECT count(*) FROM drainer.checkpoint") == ["1"])

            let json = try await replay(scene, Scene.stream, "--from", ids[40], "--to", ids[89], "--json").output
            let output = try #require(
                try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: [String: Any]]
            )
            #expect(output["plan"]?["entries"] as? Int == 50 && output["result"]?["rows"] as? Int == 50, "\(json)")
            #expect(try await scene.count("item") == 150)
            #expect(try await scene.column("SELECT count(*) FROM item WHERE id BETWEEN 40 AND 89") == ["100"])
            // Nothing of it is left, and the drain knows nothing of it.
            #expect(try await checkpoint(scene) == before)
            #expect(try await ownCheckpoints(scene) == [])
            #expect(try await scene.redis("HLEN", "drainer:fleet:{workers}:leases").integer == 0)
            #expect(try await scene.redis("HLEN", "drainer:fleet:{workers}:wanted").integer == 0)
            #expect(try await scene.redis("ZCARD", "drainer:fleet:{workers}:members").integer == 0)
            try await scene.publish(Self.items(100..<110))
            let report = try await scene.drain(Self.kept)
            #expect(report.entries == 10 && report.duplicatesSkipped == 0 && !report.errors.contains("older state"))
        }
    }

    @Test func killedInTheMiddleItGoesOnAndRepeatsNothing() async throws {
        try await withScene(Self.schema) { scene in
            let ids = try await scene.publish(Self.items(0..<300, gate: 155))
            try await scene.drain(Self.kept)
            let arguments = ["replay", Scene.stream, "--from", ids[0], "--yes", "--stream-read-count", "10"]
            let other = try await scene.session()
            try await other.run("SELECT pg_advisory_lock(1)")
            try await withDrainer(arguments, environment: scene.environment(Self.kept)) { drainer in
                try await eventually("it waits at the gate") { try await scene.count("item") == 450 }
                await drainer.kill()
            }
            try await other.run("SELECT pg_advisory_unlock(1)")
            #expect(try await ownCheckpoints(scene).count == 1)
            let plan = try await replay(scene, Scene.stream, "--from", ids[0], "--dry-run").output
            #expect(plan.contains("150 entries") && plan.contains("ended at \(ids[149]): this one goes on"), "\(plan)")
            _ = try await replay(scene, Scene.stream, "--from", ids[0], environment: ["STREAM_READ_COUNT": "10"])
            #expect(try await scene.column("SELECT count(*) FROM item GROUP BY id HAVING count(*) <> 2") == [])
            #expect(try await scene.count("item") == 600)
            #expect(try await ownCheckpoints(scene) == [])
        }
    }

    @Test func theHolderGivesTheStreamUpAndGoesOnAfterwards() async throws {
        try await withScene(Self.schema) { scene in
            let ids = try await scene.publish(Self.items(0..<100, gate: 70))
            try await scene.running(Self.kept) { _ in
                try await eventually("all is drained") { try await scene.count("item") == 100 }
                let other = try await scene.session()
                try await other.run("SELECT pg_advisory_lock(1)")
                let arguments = ["replay", Scene.stream, "--from", ids[0], "--yes", "--stream-read-count", "10"]
                try await withDrainer(arguments, environment: scene.environment(Self.kept)) { replay in
                    try await eventually("it waits at the gate") { try await scene.count("item") == 170 }
                    // What comes meanwhile is the drain's, and waits for it.
                    try await scene.publish(Self.items(100..<110))
                    try await Task.sleep(for: .milliseconds(300))
                    #expect(try await scene.count("item") == 170)
                    try await other.run("SELECT pg_advisory_unlock(1)")
                    #expect(try await replay.exit() == .code(0), "\(replay.errors)")
                    #expect(replay.output.contains("100 rows written"), "\(replay.output)")
                }
                try await eventually("the drain goes on") { try await scene.count("item") == 210 }
                try await eventually("and acknowledges") { try await scene.pending() == 0 }
            }
            #expect(try await scene.column("SELECT id FROM item WHERE id < 100 GROUP BY id HAVING count(*) <> 2") == [])
        }
    }

    @Test func aSignalEndsItAtAWindowAndTheSameCommandGoesOn() async throws {
        try await withScene(Self.schema) { scene in
            let ids = try await scene.publish(Self.items(0..<100, gate: 50))
            try await scene.drain(Self.kept)
            let other = try await scene.session()
            try await other.run("SELECT pg_advisory_lock(1)")
            let arguments = ["replay", Scene.stream, "--from", ids[0], "--stream-read-count", "10"]
            try await withDrainer(arguments, environment: scene.environment(Self.kept)) { replay in
                try await eventually("it waits at the gate") { try await scene.count("item") == 150 }
                replay.signal(SIGTERM)
                try await eventually("it has heard") { replay.errors.contains("stopping") }
                try await other.run("SELECT pg_advisory_unlock(1)")
                #expect(try await replay.exit() == .code(75))
            }
            #expect(try await scene.redis("HLEN", "drainer:fleet:{workers}:leases").integer == 0)
            #expect(try await scene.count("item") < 200)
            _ = try await replay(scene, Scene.stream, "--from", ids[0])
            #expect(try await scene.count("item") == 200)
            #expect(try await scene.column("SELECT id FROM item GROUP BY id HAVING count(*) <> 2") == [])
        }
    }

    @Test func theLastWriterWinsAgainAndWhatWouldGoBackIsCounted() async throws {
        try await withScene(Self.schema) { scene in
            func create(_ id: Int) -> String { Native.create("person", ["id": "\(id)", "name": "\"first\""]) }
            func update(_ id: Int, _ name: String) -> String {
                Native.update("person", set: ["name": "\"\(name)\""], where: ["id": "\(id)"])
            }
            let old = try await scene.publish((0..<20).flatMap { [create($0), update($0, "old")] } + Self.items(0..<7))
            try await scene.publish((0..<5).map { update($0, "new") } + [update(0, "newest"), create(20)])
            try await scene.drain(Self.kept)

            let all = try await replay(scene, Scene.stream, "--from", "0", "--dry-run").output
            #expect(!all.contains("back in time"), "\(all)")
            let part = try await replay(scene, Scene.stream, "--from", "0", "--to", old[46], "--dry-run").output
            #expect(part.contains("5 rows would go back in time: 6 later commands"), "\(part)")
            let persons = try await replay(scene, Scene.stream, "--from", "0", "--table", "person", "--dry-run").output
            #expect(persons.contains("7 entries of other tables"), "\(persons)")
            #expect(persons.contains("public.person  21       26"), "\(persons)")

            _ = try await replay(scene, Scene.stream, "--from", "0", "--table", "person")
            #expect(try await scene.count("item") == 7)
            #expect(
                try await scene.column("SELECT name FROM person ORDER BY id LIMIT 6")
                    == ["newest", "new", "new", "new", "new", "old"]
            )
            _ = try await replay(scene, Scene.stream, "--from", "0", "--to", old[46])
            #expect(try await scene.column("SELECT DISTINCT name FROM person WHERE id < 20") == ["old"])
            _ = try await replay(scene, Scene.stream, "--from", "0")
            #expect(try await scene.count("person WHERE name = 'new'") == 4)
            #expect(try await scene.count("item") == 21)
        }
    }

    @Test func whatIsRefusedAgainIsTheOnlyDeadLetterOfItsEntry() async throws {
        let schema = "CREATE TABLE item (id int CHECK (id <> 3), note text CHECK (note <> 'bad'))"
        try await withScene(schema) { scene in
            let ids = try await scene.publish(Self.items(0..<10))
            try await scene.drain(Self.kept)
            #expect(try await scene.deadLetters().map { $0["drainer-id"] } == [ids[3]])
            // One that was fine then is not any more.
            try await scene.sql("TRUNCATE item; ALTER TABLE item ADD CHECK (id <> 8)")
            // More than half would trip the breaker of a drain.
            let run = try await replay(scene, Scene.stream, "--from", ids[0])
            #expect(run.output.contains("2 refused again (23514, public.item), the first of them \(ids[3])"), "\(run)")
            #expect(run.output.contains("1 dead letter of this range is tried again too"), "\(run)")
            #expect(try await scene.deadLetters().map { $0["drainer-id"] } == [ids[3], ids[8]])
            #expect(try await scene.count("item") == 8)
            #expect(
                try await scene.column("SELECT count(*) FROM drainer.dead_letter WHERE consumer_group <> 'workers'")
                    == ["0"]
            )
        }
    }

    @Test func aRestoredDatabaseIsBroughtUpToDateOnce() async throws {
        try await withScene(Self.schema) { scene in
            let ids = try await scene.publish(Self.items(0..<60))
            try await scene.drain(Self.kept)
            // As a backup would have it that was made after the first twenty.
            try await scene.sql("DELETE FROM item WHERE id >= 20; UPDATE drainer.checkpoint SET last_id = '\(ids[19])'")
            let plan = try await replay(scene, Scene.stream, "--from", "checkpoint", "--dry-run").output
            #expect(plan.contains("40 entries of orders from \(ids[20])"), "\(plan)")
            _ = try await replay(scene, Scene.stream, "--from", "checkpoint", "--to", ids[39])
            #expect(try await scene.count("item") == 40)
            // From before the checkpoint on, it is written again up to there, and goes on with what was missing.
            let both = try await replay(scene, Scene.stream, "--from", ids[30]).output
            #expect(
                both.contains("30 entries") && both.contains("20 entries of them are not in the database"),
                "\(both)"
            )
            #expect(try await scene.count("item") == 70)
            #expect(try await ownCheckpoints(scene) == [])
            let report = try await scene.drain(Self.kept)
            #expect(report.entries == 0 && !report.errors.contains("older state"), "\(report.errors)")
            #expect(try await scene.column("SELECT id FROM item WHERE id < 30 GROUP BY id HAVING count(*) <> 1") == [])
            #expect(try await scene.count("item") == 70)
        }
    }

    @Test(arguments: [["LEDGER": "off"], ["ORDERING": "none"]])
    func withoutACheckpointItIsAtLeastOnce(mode: [String: String]) async throws {
        try await withScene(Self.schema) { scene in
            let settings = Self.kept.merging(mode) { $1 }
            let ids = try await scene.publish(Self.items(0..<30))
            try await scene.drain(settings)
            let run = try await replay(scene, Scene.stream, "--from", ids[10], environment: mode)
            #expect(run.output.contains("20 rows written"), "\(run)")
            #expect(run.errors.contains("at the same time") == (mode["ORDERING"] == "none"), "\(run)")
            #expect(try await scene.count("item") == 50)
            #expect(try await scene.column("SELECT to_regclass('drainer.checkpoint')::text") == [nil])
            _ = try await replay(scene, Scene.stream, "--from", "checkpoint", expecting: 78, environment: mode)
        }
    }

    @Test func anotherModeIsRefused() async throws {
        try await withScene(Self.schema) { scene in
            let ids = try await scene.publish(Self.items(0..<5))
            try await scene.running(Self.kept) { _ in
                try await eventually("all is drained") { try await scene.count("item") == 5 }
                let run = try await replay(
                    scene,
                    Scene.stream,
                    "--from",
                    ids[0],
                    expecting: 78,
                    environment: ["LEDGER": "off"]
                )
                #expect(run.errors.contains("another mode"), "\(run)")
            }
            #expect(try await scene.count("item") == 5)
        }
    }

    @Test func mistakesAndServersThatAreAwayHaveTheirExitCodes() async throws {
        try await withScene(Self.schema) { scene in
            try await scene.publish(Self.items(0..<5))
            for arguments in [
                ["replay"], ["replay", Scene.stream], ["replay", Scene.stream, "--from", "yesterday"],
                ["replay", Scene.stream, "--from", "5-0", "--to", "4-0"], ["replay", "nothing", "--from", "0"],
                ["replay", Scene.stream, "--from", "checkpoint", "--table", "item"],
                ["replay", Scene.stream, "--from", "0", "--what", "1"],
            ] {
                let run = try await DrainerProcess.run(arguments, environment: scene.settings)
                #expect(run.status == .code(64), "\(arguments): \(run.errors)")
                #expect(run.errors.hasPrefix("drainer: ") && run.errors.contains(": "), "\(run.errors)")
            }
            // Nothing has been acknowledged: there is nothing to write again.
            #expect(try await replay(scene, Scene.stream, "--from", "0").output.contains("nothing of orders"))
            let away = ["DATABASE_URL": "postgresql://127.0.0.1:1/none"]
            _ = try await replay(scene, Scene.stream, "--from", "0", expecting: 69, environment: away)
            let role = try await Role.make(in: scene)
            try await scene.drain(Self.kept)
            let refused = try await replay(
                scene,
                Scene.stream,
                "--from",
                "0",
                expecting: 77,
                environment: ["DATABASE_URL": role.url]
            )
            #expect(refused.errors.contains("permission denied"), "\(refused)")
        }
    }
}
