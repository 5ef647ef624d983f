import Postgres
import Redis
import TestSupport
import Testing

/// Each server is killed at each point of a window's road, and comes back: everything is written, the bad row is set aside
/// once, all is acknowledged.
@Suite struct RoadOutageTests {
    enum Point: String, CaseIterable, CustomTestStringConvertible {
        /// Nothing is in hand; the reads wait.
        case idle
        /// The window is read, its transaction not begun.
        case beforeBegin
        /// Some statements are executed, one is not.
        case midPipeline
        /// The window was refused once and is written with savepoints.
        case isolating
        /// COMMIT is sent, its answer is not there.
        case atCommit
        /// Committed, and neither acknowledged nor set aside.
        case beforeAck

        var testDescription: String { rawValue }
    }

    enum Server: String, CaseIterable, CustomTestStringConvertible {
        case redis, postgres

        var testDescription: String { rawValue }
    }

    /// Whoever inserts 13 waits for who holds the gate.
    private static let schema = """
        CREATE TABLE item (id int PRIMARY KEY, size int);
        CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            PERFORM pg_advisory_xact_lock(1);
            RETURN NEW;
        END $$;
        CREATE TRIGGER gate BEFORE INSERT ON item FOR EACH ROW WHEN (NEW.id = 13) EXECUTE FUNCTION wait();
        """

    private static func items(_ range: Range<Int>, bad: Int? = nil) -> [String] {
        range.map { Native.create("item", ["id": "\($0)", "size": $0 == bad ? "\"no number\"" : "1"]) }
    }

    @Test(arguments: Point.allCases, Server.allCases)
    func aServerThatIsKilledLosesNothing(point: Point, server: Server) async throws {
        try await withScene(ownServers: Self.schema) { scene, redis, postgres in
            let admin = Admin()
            // One statement for each command, so that the pipeline has a middle.
            // A busy machine needs longer than the scene's lease to bring a window where it is held.
            let settings = ["BATCHED_CREATE_ENABLED": "false", "LEASE_TTL_MS": "5000"].merging(admin.settings) { $1 }
            try await scene.running(settings) { drainer in
                try await scene.publish(Self.items(100..<101))
                try await eventually("both connections are made") { try await scene.count("item") == 1 }
                try await eventually("it waits") { try await scene.pending() == 0 }

                let road = HeldRoad(scene: scene, redis: redis, postgres: postgres)
                // Where the row is refused first, the window never gets to 13 without savepoints.
                let bad = point == .midPipeline || point == .atCommit ? 25 : 5
                let release = try await road.arrive(at: point, Self.items(0..<30, bad: bad))
                switch server {
                case .redis:
                    await redis.kill()
                    try await redis.start()
                case .postgres:
                    await postgres.kill()
                    try await postgres.start()
                }
                try await release()

                try await eventually("all is written", within: .seconds(60)) {
                    (try? await scene.count("item")) == 30
                }
                try await eventually("and acknowledged") { (try? await scene.pending()) == 0 }
                try await eventually("and trimmed") { (try? await scene.length()) == 0 }
                let letters = try await scene.deadLetters()
                #expect(letters.map { $0["drainer-error"] } == ["22P02"])
                #expect(letters.first?["command"] == Self.items(bad..<(bad + 1), bad: bad)[0])
                try await eventually("it is ready") { try await admin.get("/readyz").status == 200 }
                #expect(drainer.status == nil)
            }
        }
    }
}

/// Brings a window to a point of its road and holds it there.
private struct HeldRoad {
    let scene: Scene
    let redis: RedisServer
    let postgres: PostgresServer

    /// - Returns: what lets the window go on, where the killed server has not done so already.
    func arrive(at point: RoadOutageTests.Point, _ entries: [String]) async throws -> () async throws -> Void {
        switch point {
        case .idle:
            return {
                // The test's own connection was cut, too.
                try await eventually("Redis answers") { (try? await scene.redis("PING")) != nil }
                try await scene.publish(entries)
            }
        case .beforeBegin:
            postgres.freeze()
            try await scene.publish(entries)
            try await isInHand(entries.count)
            return { postgres.thaw() }
        case .midPipeline, .isolating:
            let keeper = try await scene.session()
            try await keeper.run("SELECT pg_advisory_lock(1)")
            try await scene.publish(entries)
            try await drainerWaits(for: "Lock")
            // A killed server has let it go.
            return { _ = try? await keeper.run("SELECT pg_advisory_unlock(1)") }
        case .atCommit:
            // Committed here, and waiting for a copy that nobody makes.
            try await scene.sql("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
            try await scene.sql("SELECT pg_reload_conf()")
            try await scene.publish(entries)
            try await drainerWaits(for: "IPC")
            try await scene.sql("ALTER SYSTEM RESET synchronous_standby_names")
            return { try await eventually("it is set") { (try? await scene.sql("SELECT pg_reload_conf()")) != nil } }
        case .beforeAck:
            let other = try await scene.session()
            try await other.run("BEGIN; LOCK TABLE item IN ACCESS EXCLUSIVE MODE")
            try await scene.publish(entries)
            try await drainerWaits(for: "Lock")
            try await scene.redis("CLIENT", "PAUSE", "600000", "WRITE")
            try await other.run("COMMIT")
            try await eventually("they are committed") { try await scene.count("item") == entries.count }
            // A killed server has forgotten the pause.
            return { _ = try? await redis.cli("CLIENT", "UNPAUSE") }
        }
    }

    private func isInHand(_ count: Int) async throws {
        try await eventually("the window is in hand") { try await scene.pending() == count }
    }

    private func drainerWaits(for event: String) async throws {
        try await eventually("the drainer waits in PostgreSQL") {
            try await scene.sql(
                "SELECT FROM pg_stat_activity WHERE application_name = 'drainer' AND wait_event_type = '\(event)'"
            ).count == 1
        }
    }
}
