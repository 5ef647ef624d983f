import Postgres
import TestSupport
import Testing

/// The world is bad, and no row is to blame: nothing is set aside, and all is written once it is over.
@Suite struct OutageTests {
    private static let item = "CREATE TABLE item (id int PRIMARY KEY, note text)"

    private static func items(_ range: Range<Int>) -> [String] {
        range.map { Native.create("item", ["id": "\($0)", "note": "\"note\""]) }
    }

    @Test func postgresThatIsKilledInTheMiddleLosesNothing() async throws {
        try await withScene(ownPostgres: [:], Self.item) { scene, postgres in
            try await scene.publish(Self.items(0..<20_000))
            try await scene.running(["STREAM_READ_COUNT": "50"]) { drainer in
                try await eventually("some are written") { try await scene.count("item") > 500 }
                await postgres.kill()
                try await postgres.start()
                try await eventually("some more are written") { (try? await scene.count("item")) ?? 0 > 2000 }
                try await postgres.restart()
                try await eventually("all are written", within: .seconds(60)) {
                    (try? await scene.count("item")) == 20_000
                }
                try await eventually("and acknowledged") { try await scene.pending() == 0 }
                #expect(try await scene.deadLetters().isEmpty)
                #expect(drainer.status == nil)
            }
        }
    }

    @Test func redisThatIsKilledInTheMiddleLosesNothing() async throws {
        try await withScene(ownRedis: [:], Self.item) { scene, redis in
            try await scene.publish(Self.items(0..<20_000))
            try await scene.running(["STREAM_READ_COUNT": "50"]) { drainer in
                try await eventually("some are written") { try await scene.count("item") > 500 }
                await redis.kill()
                try await redis.start()
                try await eventually("some more are written") { try await scene.count("item") > 2000 }
                try await redis.restart()
                try await eventually("all are written", within: .seconds(60)) {
                    try await scene.count("item") == 20_000
                }
                try await eventually("and acknowledged") { (try? await scene.pending()) == 0 }
                #expect(drainer.status == nil)
            }
        }
    }

    @Test func aPlainRunWaitsForServersThatAreAway() async throws {
        try await withRedis { redis in
            try await withPostgres { postgres in
                let scene = Scene(redisPort: redis.port, database: 0, redisURL: redis.url, databaseURL: postgres.url())
                try await scene.sql(Self.item)
                try await postgres.stop()
                await redis.kill()
                try await scene.running { drainer in
                    try await eventually("it says that Redis is away") { drainer.errors.contains("Redis") }
                    try await redis.start()
                    try await eventually("Redis is back") { (try? await scene.redis("PING")) != nil }
                    try await scene.publish(Self.items(0..<10))
                    try await eventually("it says that PostgreSQL is away") {
                        drainer.errors.contains("PostgreSQL cannot take the window")
                    }
                    try await postgres.start()
                    try await eventually("all is written") { (try? await scene.count("item")) == 10 }
                    try await eventually("it says that both are back") {
                        drainer.errors.contains("PostgreSQL is back") && drainer.errors.contains("Redis is back")
                    }
                    // Said once a minute, however often it was tried.
                    #expect(drainer.errors.split(separator: "\n").count { $0.contains("PostgreSQL cannot") } == 1)
                }
            }
        }
    }

    @Test func aMissingGrantIsAnOutageUntilItIsGiven() async throws {
        try await withScene(Self.item) { scene in
            let role = try await Role.make(in: scene, grants: "GRANT SELECT ON item TO")
            try await scene.publish(Self.items(0..<30))
            try await scene.running(["DATABASE_URL": role.url, "LEDGER": "off"]) { drainer in
                try await eventually("it is told") { drainer.errors.contains("42501") }
                #expect(try await scene.pending() == 30)
                #expect(try await scene.deadLetters().isEmpty)
                try await scene.sql("GRANT INSERT ON item TO \(role.name)")
                try await eventually("all is written") { try await scene.count("item") == 30 }
                try await eventually("and acknowledged") { try await scene.pending() == 0 }
                #expect(try await scene.deadLetters().isEmpty)
            }
        }
    }

    @Test func aServerThatTakesNoWritesIsAnOutage() async throws {
        try await withScene(Self.item) { scene in
            let name = try #require(try await scene.column("SELECT current_database()")[0])
            try await scene.sql("ALTER DATABASE \(name) SET default_transaction_read_only = on")
            try await scene.publish(Self.items(0..<30))
            try await scene.running { drainer in
                try await eventually("it is told") { drainer.errors.contains("read-only") }
                try await scene.sql("SET default_transaction_read_only = off; ALTER DATABASE \(name) RESET ALL")
                try await eventually("all is written") { try await scene.count("item") == 30 }
                #expect(try await scene.deadLetters().isEmpty)
            }
        }
    }

    @Test func aLockHeldByAnotherIsWaitedFor() async throws {
        try await withScene(Self.item) { scene in
            try await scene.publish(Self.items(0..<30))
            let other = try await scene.session()
            try await other.run("BEGIN; LOCK TABLE item IN ACCESS EXCLUSIVE MODE")
            try await scene.running(["BATCH_RETRY_ATTEMPTS": "2"]) { drainer in
                try await eventually("its wait ran out, twice", within: .seconds(40)) {
                    drainer.errors.contains("55P03")
                }
                try await other.run("COMMIT")
                try await eventually("all is written", within: .seconds(40)) { try await scene.count("item") == 30 }
                #expect(try await scene.deadLetters().isEmpty)
            }
        }
    }

    /// What a trigger raises once, and never again.
    @Test(arguments: ["40001", "40P01", "57014", "53100", "53200", "55P03", "XX000", "58030", "08006", "57P01"])
    func whatTheWorldIsToBlameForIsTriedAgain(state: String) async throws {
        let schema = """
            CREATE TABLE item (id int PRIMARY KEY, note text);
            CREATE SEQUENCE tries;
            CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                IF nextval('tries') <= 2 THEN RAISE EXCEPTION 'not now' USING ERRCODE = '\(state)'; END IF;
                RETURN NEW;
            END $$;
            CREATE TRIGGER guard BEFORE INSERT ON item FOR EACH ROW WHEN (NEW.id = 13) EXECUTE FUNCTION refuse();
            """
        try await withScene(schema) { scene in
            try await scene.publish(Self.items(0..<30))
            let report = try await scene.drain()
            #expect(report.rows == 30 && report.deadLetters == 0 && report.fallbacks == 0)
            #expect(try await scene.count("item") == 30)
        }
    }

    @Test func aConnectionThatIsTerminatedIsMadeAgain() async throws {
        try await withScene(Self.item) { scene in
            try await scene.publish(Self.items(0..<5000))
            try await scene.running(["STREAM_READ_COUNT": "20"]) { _ in
                var number = 0
                try await eventually("all is written", within: .seconds(60), every: .milliseconds(100)) {
                    number += 1
                    if number < 10 {
                        try await scene.sql(
                            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'drainer' "
                                + "AND datname = current_database()"
                        )
                    }
                    return try await scene.count("item") == 5000
                }
                try await eventually("and acknowledged") { try await scene.pending() == 0 }
                #expect(try await scene.deadLetters().isEmpty)
            }
        }
    }

    @Test func aReadThatRedisCutsLosesNothing() async throws {
        try await withScene(ownRedis: [:], Self.item) { scene, redis in
            try await scene.running(["STREAM_READ_COUNT": "20"]) { _ in
                for turn in 0..<20 {
                    // The test's own connection is cut, too.
                    try await eventually("Redis answers") { (try? await scene.redis("PING")) != nil }
                    try await scene.publish(Self.items((turn * 50)..<(turn * 50 + 50)))
                    try await redis.cli("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
                }
                try await eventually("Redis answers") { (try? await scene.redis("PING")) != nil }
                try await eventually("all is written") { try await scene.count("item") == 1000 }
                try await eventually("and acknowledged") { (try? await scene.pending()) == 0 }
            }
        }
    }

    @Test func aFullRedisIsDrained() async throws {
        try await withScene(ownRedis: ["maxmemory-policy": "noeviction"], Self.item) { scene, redis in
            try await scene.publish(Self.items(0..<200))
            try await scene.publish(["broken"])
            try await redis.cli("CONFIG", "SET", "maxmemory", "1mb")
            let report = try await scene.drain(["ON_PARSE_FAILURE": "dead_letter"])
            #expect(report.rows == 200 && report.deadLetters == 1)
            #expect(try await scene.deadLetters().count == 1)
            #expect(try await scene.length() == 0)
        }
    }
}
