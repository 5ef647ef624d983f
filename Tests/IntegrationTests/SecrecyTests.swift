import Foundation
import Postgres
import Redis
import TestSupport
import Testing

/// Whatever goes wrong, no value of a row and no password is in a log, a metric, a page or a command's output.
@Suite struct SecrecyTests {
    /// What must be nowhere: a text of rows, a number of rows, the passwords of both servers.
    private static let canaries = ["canary", "666777", "hunter"]
    private static let redisPassword = "hunter-redis"
    private static let databasePassword = "hunter-postgres"

    private static let schema = """
        CREATE TABLE parent (id int PRIMARY KEY);
        CREATE TABLE item (
            id int PRIMARY KEY, size int CHECK (size <> 666777), note text UNIQUE, short varchar(3),
            parent int REFERENCES parent, at timestamptz, EXCLUDE (size WITH =));
        CREATE TABLE raised (id int PRIMARY KEY, note text);
        CREATE SEQUENCE tries;
        CREATE FUNCTION raise() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF NEW.id = 0 THEN RAISE EXCEPTION 'no %', NEW.note USING DETAIL = NEW.note, HINT = NEW.note; END IF;
            -- The world's fault, in the words of a function: for a while, then no more.
            IF nextval('tries') <= 4 THEN
                RAISE EXCEPTION 'not now, %', NEW.note USING ERRCODE = (ARRAY['57014', '53100', '40001', '58030'])[NEW.id];
            END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER raise BEFORE INSERT ON raised FOR EACH ROW EXECUTE FUNCTION raise();
        CREATE TABLE killed (id int PRIMARY KEY, note text);
        CREATE SEQUENCE kills;
        CREATE FUNCTION kill() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF nextval('kills') = 1 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER kill BEFORE INSERT ON killed FOR EACH ROW EXECUTE FUNCTION kill();
        CREATE VIEW seen AS SELECT 1 AS id, 'x'::text AS note;
        """

    /// Entries that fail in every way that there is, each with canaries in it.
    private static let entries: [String] = [
        Native.create("item", ["id": "1", "note": #""canary 1""#, "size": "1"]),
        // 22P02, 22001, 22008, 22021, 23502, 23503, 23505 and 23P01 by an update, 23514.
        Native.create("item", ["id": #""canary""#]),
        Native.create("item", ["id": "2", "short": #""canary""#]),
        Native.create("item", ["id": "3", "at": #""2026-13-45 canary""#]),
        Native.create("item", ["id": "4", "note": #""canary\u0000""#]),
        Native.create("item", ["id": "null", "note": #""canary""#]),
        Native.create("item", ["id": "5", "parent": "666777"]),
        Native.create("item", ["id": "6", "note": #""canary 6""#, "size": "6"]),
        Native.update("item", set: ["note": #""canary 1""#], where: ["id": "6"]),
        Native.update("item", set: ["size": "1"], where: ["note": #""canary 6""#]),
        Native.create("item", ["id": "7", "size": "666777"]),
        // 22P02 in a where, 42703, 42P01, 42883, 55000, P0001.
        Native.delete("item", where: ["id": #""canary""#]),
        Native.update("item", set: ["size": #""canary""#], where: ["id": #"{"$gt":666777}"#]),
        Native.create("item", ["id": "8", "none": #""canary""#]),
        Native.create("none", ["id": #""canary""#]),
        Native.create("seen", ["id": "1", "note": #""canary""#]),
        Native.create("raised", ["id": "0", "note": #""canary""#]),
        // 57014, 53100, 40001, 58030 from a function; a lost connection.
        Native.create("raised", ["id": "1", "note": #""canary a""#]),
        Native.create("raised", ["id": "2", "note": #""canary b""#]),
        Native.create("raised", ["id": "3", "note": #""canary c""#]),
        Native.create("raised", ["id": "4", "note": #""canary d""#]),
        Native.create("killed", ["id": "1", "note": #""canary""#]),
        // Parse failures.
        #"{"op":"create","table":"item","row":{"note":"canary""#,
        #"{"op":"create","table":"item","row":{"id":666777,"id":"canary"}}"#,
        #"{"op":"canary","table":"item","row":{"id":666777}}"#,
        #"{"op":"create","table":"item","row":"canary"}"#,
        #"{"op":"delete","table":"item","where":{"id":{"canary":666777}}}"#,
    ]

    private func expectNone(in text: String, _ what: String, at location: SourceLocation = #_sourceLocation) {
        for canary in Self.canaries where text.contains(canary) {
            let line = text.split(separator: "\n").first { $0.contains(canary) } ?? ""
            Issue.record("\(what): \(line)", sourceLocation: location)
        }
    }

    /// A scene whose servers want passwords, and whose PostgreSQL echoes parameters wherever it can.
    private func withSecretScene(_ body: (Scene) async throws -> Void) async throws {
        try await withScene(ownRedis: [:]) { scene, _ in
            // The connection of the test stays logged in.
            try await scene.redis("CONFIG", "SET", "requirepass", Self.redisPassword)
            let name = try #require(try await scene.column("SELECT current_database()")[0])
            try await scene.sql("ALTER DATABASE \(name) SET log_parameter_max_length_on_error = -1")
            var scene = scene
            scene.settings["REDIS_URL"]?.replace("redis://", with: "redis://:\(Self.redisPassword)@")
            scene.settings["DATABASE_URL"]?.replace("postgres@", with: "postgres:\(Self.databasePassword)@")
            scene.settings["BREAKER_PERCENT"] = "0"
            scene.settings["BATCH_RETRY_DELAY"] = "1ms"
            try await scene.sql(Self.schema)
            try await body(scene)
        }
    }

    @Test(arguments: ["text", "json"], ["true", "false"])
    func nothingOfARowAndNoPasswordIsSaid(format: String, batched: String) async throws {
        try await withSecretScene { scene in
            let admin = Admin()
            var scene = scene
            scene.settings.merge(admin.settings) { $1 }
            scene.settings.merge([
                "LOG_LEVEL": "trace", "LOG_FORMAT": format, "BATCHED_CREATE_ENABLED": batched, "INSERT_BATCH_SIZE": "1",
            ]) { $1 }
            try await scene.publish(Self.entries)
            try await scene.running { drainer in
                try await admin.listens()
                // First the stop policy, with its reason; then the rest.
                try await eventually("the fleet is stopped", within: .seconds(60)) {
                    try await admin.page().value("drainer_stop_status") == 1
                }
                for command in [["doctor"], ["doctor", "--json"], ["tune", "list", "--json"], ["pause"]] {
                    let run = try await DrainerProcess.run(command, environment: scene.settings)
                    expectNone(in: run.output + run.errors, command.joined(separator: " "))
                }
                try await look(at: admin)
                try await scene.redis("SET", "drainer:force_drain", "1")
                try await scene.redis("DEL", "drainer:stop")
                do {
                    try await eventually("all is settled", within: .seconds(60)) { try await scene.isDrained() }
                } catch {
                    Issue.record("not settled: \(drainer.errors)")
                    throw error
                }
                let page = try await admin.page()
                for sqlState in ["22P02", "23505", "23514", "23503", "42703", "42P01", "P0001", "22021", "57014"] {
                    let failures = page.sum("drainer_query_execution_failures_total", ["sqlstate": sqlState])
                    // Refused before it was sent, or by its own transaction only.
                    #expect(failures > 0 || sqlState == "22021", "\(sqlState)")
                }
                #expect(page.sum("drainer_retries_total") > 4)
                try await look(at: admin)
                expectNone(in: drainer.errors + drainer.output, "log")
                #expect(drainer.errors.contains("dead letter"))
            }
        }
    }

    private func look(at admin: Admin) async throws {
        for path in ["/metrics", "/readyz", "/api/status", "/"] {
            expectNone(in: try await admin.get(path).body, path)
        }
    }

    @Test func whatALostConnectionSaidBeforeIsNotQuoted() async throws {
        try await withSecretScene { scene in
            // After the first, the window is written statement by statement.
            try await scene.publish(
                [#""canary""#, "1"].map { Native.create("killed", ["id": $0, "note": #""canary""#]) }
            )
            let run = try await DrainerProcess.run(
                ["run", "--until-empty"],
                environment: scene.environment(["BATCH_RETRY_ATTEMPTS": "1"])
            )
            #expect(run.status == .code(0) && run.errors.contains("PostgreSQL cannot take the window"), "\(run.errors)")
            expectNone(in: run.output + run.errors, "log")
        }
    }

    @Test func valuesAreLoggedWhereTheOperatorWantsThemAndPasswordsNever() async throws {
        try await withSecretScene { scene in
            try await scene.publish(Self.entries)
            let run = try await DrainerProcess.run(
                ["run", "--until-empty"],
                environment: scene.environment(["LOG_VALUES": "on", "ON_PARSE_FAILURE": "dead_letter"])
            )
            #expect(run.status == .code(0), "\(run.errors)")
            // The primary message, DETAIL, CONTEXT.
            #expect(run.errors.contains(#"invalid input syntax for type integer: 'canary'"#), "\(run.errors)")
            #expect(run.errors.contains("Key (note)=(canary 1) already exists"), "\(run.errors)")
            #expect(run.errors.contains("PL/pgSQL function raise() line"), "\(run.errors)")
            #expect(!run.errors.contains("hunter") && !run.output.contains("canary"))
        }
    }

    @Test func aRedisThatKnowsNoLoginIsNotQuoted() async throws {
        try await withScene(ownRedis: ["rename-command": "AUTH \"\""]) { scene, redis in
            let url = "redis://:\(Self.redisPassword)@127.0.0.1:\(redis.port)/0"
            // Each of them tries for 5 s.
            try await withThrowingTaskGroup(of: Void.self) { group in
                for command in [["run", "--until-empty"], ["doctor"], ["pause"], ["tune"]] {
                    group.addTask {
                        let settings = scene.environment(["REDIS_URL": url])
                        let run = try await DrainerProcess.run(command, environment: settings)
                        #expect(run.status == .code(69) && run.errors.contains("unknown command"), "\(run.errors)")
                        expectNone(in: run.output + run.errors, command.joined(separator: " "))
                    }
                }
                try await group.waitForAll()
            }
        }
    }
}
