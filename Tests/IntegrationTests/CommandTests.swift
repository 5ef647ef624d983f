import Foundation
import Redis
import TestSupport
import Testing

/// What the command says and how it ends.
@Suite struct CommandTests {
    private static let item = "CREATE TABLE item (id int PRIMARY KEY, size int CHECK (size > 0), note text)"

    /// Nobody listens there.
    private static let nowhere = [
        "REDIS_URL": "redis://127.0.0.1:1/0", "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
    ]

    @Test func theSummaryIsOneLineOfJSONWithTheseFields() async throws {
        try await withScene(Self.item) { scene in
            try await scene.publish(
                (0..<20).map { Native.create("item", ["id": "\($0)", "size": $0 == 9 ? "0" : "1"]) }
            )
            try await scene.publish([
                Native.create("item", ["id": "100"], forced: true), Native.create("item", ["id": "100"], forced: true),
                Native.update("item", set: ["note": "\"x\""], where: ["id": "404"]),
            ])
            let report = try await scene.drain()
            #expect(report.output.hasSuffix("}\n") && report.output.count { $0 == "\n" } == 1)
            let names = report.output.matches(of: /"([A-Za-z]+)":/).map { String($0.1) }
            #expect(
                names == [
                    "entries", "rows", "statements", "bulkStatements", "sequential", "fallbacks", "deadLetters",
                    "duplicatesSkipped", "unmatched", "seconds",
                ]
            )
            let summary = report.summary
            #expect(summary.entries == 23 && summary.rows == 20 && summary.deadLetters == 1)
            #expect(summary.sequential == 3 && summary.unmatched == 2 && summary.fallbacks == 1)
            #expect(summary.duplicatesSkipped == 0 && summary.seconds > 0 && summary.seconds < 60)
            // Refused ones are statements, too: more than those that stood.
            #expect(summary.statements > summary.bulkStatements + summary.sequential)
        }
    }

    @Test func theTextSummaryIsForPeople() async throws {
        try await withScene(Self.item) { scene in
            try await scene.publish((0..<20).map { Native.create("item", ["id": "\($0)"]) })
            let run = try await DrainerProcess.run(["run", "--until-empty"], environment: scene.settings)
            #expect(run.status == .code(0) && run.output.contains("20 entries"))
        }
    }

    @Test(arguments: [
        ["run", "--no-such-flag"], ["run", "--no-such-flag", "1"], ["fly"], ["run", "--summary", "xml"],
        ["run", "extra"],
    ])
    func whatItDoesNotKnowIsAUsageError(arguments: [String]) async throws {
        let run = try await DrainerProcess.run(arguments, environment: Self.nowhere)
        #expect(run.status == .code(64), "\(run.errors)")
        #expect(run.errors.hasPrefix("drainer: ") && run.output.isEmpty)
    }

    @Test(arguments: [
        ["INSERT_BATCH_SIZE": "0"], ["STREAM_READ_COUNT": "many"], ["LEASE_TTL_MS": "10"],
        ["ON_PARSE_FAILURE": "ignore"],
        ["REFUSAL_GRACE": "-1s"], ["BATCHED_CREATE_ENABLED": "perhaps"], ["REDIS_URL": "http://somewhere"],
        ["DRAINER_CONFIG": "/no/such/file.yaml"], ["STREAM_RETENTION": "never"],
    ])
    func aBadValueIsAConfigurationError(settings: [String: String]) async throws {
        let run = try await DrainerProcess.run(
            ["run", "--until-empty"],
            environment: Self.nowhere.merging(settings) { $1 }
        )
        #expect(run.status == .code(78), "\(run.errors)")
        #expect(run.errors.hasPrefix("drainer: "))
        #expect(run.errors.split(separator: "\n").count == 1, "\(run.errors)")
    }

    @Test func aFlagBeatsTheEnvironmentAndThatTheFile() async throws {
        try await withScene(Self.item) { scene in
            let folder = try TestFolder.shared.make("configuration")
            let file = "\(folder)/drainer.yaml"
            try Data("insert_batch_size: 3\nstream_group: from-file\n".utf8).write(to: URL(filePath: file))
            func statements(_ first: Int, _ arguments: [String], _ overrides: [String: String]) async throws -> Int {
                try await scene.publish((first..<(first + 5)).map { Native.create("item", ["id": "\($0)"]) })
                var environment = scene.environment(overrides)
                environment["STREAM_GROUP"] = nil
                let run = try await DrainerProcess.run(
                    ["run", "--until-empty", "--summary", "json", "--config", file] + arguments,
                    environment: environment
                )
                #expect(run.status == .code(0), "\(run.errors)")
                return try DrainReport(output: run.output, errors: run.errors).statements
            }
            #expect(try await statements(0, [], [:]) == 1)
            #expect(try await statements(10, [], ["INSERT_BATCH_SIZE": "6"]) == 5)
            #expect(try await statements(20, ["--insert-batch-size", "5"], ["INSERT_BATCH_SIZE": "6"]) == 1)
            #expect(try await statements(30, ["--insert-batch-size=6"], [:]) == 5)
            let groups = try await scene.redis("XINFO", "GROUPS", Scene.stream)
            #expect(groups.elements?.map { $0.dictionary["name"]?.text } == ["from-file"])
        }
    }

    @Test(arguments: ["redis", "postgres"])
    func aServerThatIsAwayEndsARunUntilEmpty(server: String) async throws {
        try await withScene(Self.item) { scene in
            let away = server == "redis" ? "REDIS_URL" : "DATABASE_URL"
            let start = ContinuousClock.now
            let report = try await scene.drain([away: Self.nowhere[away] ?? ""], expecting: 69)
            #expect(start.duration(to: .now) < .seconds(15))
            #expect(report.errors.contains("drainer: ") && report.errors.contains("127.0.0.1:1"))
            #expect(report.output.isEmpty)
        }
    }

    @Test func aServerThatDoesNotAnswerEndsARunUntilEmpty() async throws {
        try await withScene(ownRedis: [:], Self.item) { scene, redis in
            redis.freeze()
            let report = try await scene.drain(expecting: 69)
            #expect(report.errors.contains("drainer: Redis"))
            redis.thaw()
        }
    }

    @Test func aRefusedLoginIsAPermissionError() async throws {
        try await withScene(ownRedis: [:], Self.item) { scene, redis in
            try await redis.cli("CONFIG", "SET", "requirepass", "right-secret")
            let wrong = "redis://:wrong-secret@127.0.0.1:\(redis.port)/0"
            let report = try await scene.drain(["REDIS_URL": wrong], expecting: 77)
            #expect(report.errors.contains("drainer: Redis") && !report.errors.contains("wrong-secret"))
            #expect(try await scene.drain(expecting: 77).errors.contains("drainer: Redis"))
            let right = "redis://:right-secret@127.0.0.1:\(redis.port)/0"
            #expect(try await scene.drain(["REDIS_URL": right]).entries == 0)
        }
    }

    @Test func aLoginThatPostgresRefusesIsAPermissionError() async throws {
        try await withScene(Self.item) { scene in
            let url = scene.settings["DATABASE_URL"] ?? ""
            let report = try await scene.drain(
                ["DATABASE_URL": url.replacing("postgres@", with: "no_such_role:wrong-secret@")],
                expecting: 77
            )
            #expect(report.errors.contains("drainer: PostgreSQL") && !report.errors.contains("wrong-secret"))
        }
    }

    @Test func itIsReachedThroughASocket() async throws {
        try await withScene(ownRedis: [:], Self.item) { scene, redis in
            try await scene.publish([Native.create("item", ["id": "1"])])
            #expect(try await scene.drain(["REDIS_URL": redis.socketURL]).rows == 1)
        }
    }

    @Test func theSchemaOfTablesWithoutOneIsASetting() async throws {
        try await withScene("CREATE SCHEMA other; CREATE TABLE other.item (id int)") { scene in
            try await scene.publish([Native.create("item", ["id": "1"])])
            #expect(try await scene.drain(["DATABASE_SCHEMA": "other"]).rows == 1)
            #expect(try await scene.count("other.item") == 1)
        }
    }
}
