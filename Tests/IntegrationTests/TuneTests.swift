import Foundation
import Redis
import TestSupport
import Testing

/// `drainer tune`.
@Suite struct TuneTests {
    private func tune(
        _ scene: Scene,
        _ arguments: String...,
        expecting code: Int32 = 0,
        environment: [String: String] = [:]
    ) async throws -> String {
        let run = try await DrainerProcess.run(["tune"] + arguments, environment: scene.environment(environment))
        #expect(run.status == .code(code), "\(run.output)\(run.errors)")
        return run.output + run.errors
    }

    @Test func whereAValueComesFromIsSaid() async throws {
        try await withScene { scene in
            let get = ["get", "insert_batch_size", "--table", "atlas_app.person"]
            #expect(try await tune(scene, get[0], get[1], get[2], get[3]) == "10, default\n")
            let fromEnvironment = ["INSERT_BATCH_SIZE": "20"]
            #expect(
                try await tune(scene, "get", "insert_batch_size", environment: fromEnvironment) == "20, environment\n"
            )
            #expect(
                try await tune(
                    scene,
                    "get",
                    "--insert-batch-size",
                    "30",
                    "insert_batch_size",
                    environment: fromEnvironment
                )
                    == "30, flag\n"
            )
            let set = try await tune(scene, "set", "insert_batch_size", "40", environment: fromEnvironment)
            #expect(
                set.contains("live global (drainer:insert_batch_size)") && set.contains("before: 20, environment"),
                "\(set)"
            )
            let table = try await tune(scene, "set", "insert_batch_size", "50", "--table", "atlas_app.person")
            #expect(table.contains("of atlas_app.person is 50, live table"), "\(table)")
            #expect(table.contains("before: 40, live global"), "\(table)")
            #expect(try await scene.redis("GET", "drainer:insert_batch_size:atlas_app.person").text == "50")
            let unset = try await tune(scene, "unset", "insert_batch_size", "--table", "atlas_app.person")
            #expect(unset.contains("is 40, live global") && unset.contains("before: 50, live table"), "\(unset)")
            #expect(try await scene.redis("EXISTS", "drainer:insert_batch_size:atlas_app.person").integer == 0)
        }
    }

    @Test func theListHasEveryKeyThatIsSet() async throws {
        try await withScene { scene in
            try await scene.redis(
                "MSET",
                "drainer:insert_batch_size:a.b",
                "7",
                "drainer:batch_chunk_size",
                "many",
                "other:insert_batch_size:c.d",
                "8",
                "drainer:lease:insert_batch_size",
                "9",
                "drainer:force_drain",
                "1"
            )
            let list = try await tune(scene, "list")
            #expect(list.contains("insert_batch_size       a.b    7      live table"), "\(list)")
            #expect(!list.contains("c.d") && !list.contains("lease"), "\(list)")
            #expect(list.contains("drainer:batch_chunk_size is \"many\" and ignored"), "\(list)")
            #expect(list.contains("force_drain is 1: batching is off"), "\(list)")
            let json = try JSONSerialization.jsonObject(with: Data(try await tune(scene, "list", "--json").utf8))
            #expect(((json as? [String: Any])?["values"] as? [Any])?.count == 7)
            let table = try await tune(scene, "list", "--table", "a.b")
            #expect(table.contains("a.b") && !table.contains("stream_read_count"), "\(table)")
        }
    }

    @Test func mistakesAreUsage() async throws {
        try await withScene { scene in
            let range = try await tune(scene, "set", "insert_batch_size", "0", expecting: 64)
            #expect(range.contains("give a whole number from 1 to 50000"), "\(range)")
            _ = try await tune(scene, "set", "insert_batch_size", "-1", expecting: 64)
            _ = try await tune(scene, "set", "insert_batch_size", expecting: 64)
            _ = try await tune(scene, "set", "insert_batch_size", "1", "2", expecting: 64)
            #expect(
                try await tune(scene, "get", "insert_batch_sice", expecting: 64).contains(
                    "did you mean insert_batch_size?"
                )
            )
            _ = try await tune(scene, "set", "stream_read_count", "5", "--table", "t", expecting: 64)
            _ = try await tune(scene, "sett", "insert_batch_size", expecting: 64)
            #expect(try await scene.redis("DBSIZE").integer == 0)
            _ = try await tune(scene, "list", expecting: 69, environment: ["REDIS_URL": "redis://127.0.0.1:1/0"])
        }
    }

    @Test func aRunFollows() async throws {
        try await withScene(Atlas.schema) { scene in
            _ = try await tune(scene, "set", "batched_create_enabled", "false")
            _ = try await tune(scene, "set", "batched_create_enabled", "1", "--table", "atlas_app.person")
            _ = try await tune(scene, "set", "insert_batch_size", "3", "--table", "atlas_app.person")
            try await scene.publish((0..<3).map { Atlas.person($0) } + (0..<12).map { Atlas.location($0) })
            let report = try await scene.drain()
            #expect(report.bulkStatements == 1 && report.sequential == 12)
        }
    }

    @Test func aFullRedisCanBeTuned() async throws {
        try await withScene(ownRedis: ["maxmemory": "1", "maxmemory-policy": "noeviction"]) { scene, _ in
            let set = try await tune(scene, "set", "stream_read_count", "5")
            #expect(set.contains("stream_read_count is 5"), "\(set)")
        }
    }
}
