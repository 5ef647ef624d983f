import Redis
import TestSupport
import Testing

/// `drainer doctor`.
@Suite struct DoctorTests {
    private func doctor(_ scene: Scene, _ environment: [String: String] = [:], expecting code: Int32 = 0) async throws
        -> String
    {
        let run = try await DrainerProcess.run(["doctor"], environment: scene.environment(environment))
        #expect(run.status == .code(code), "\(run.output)\(run.errors)")
        return run.output
    }

    @Test func everyDependencyHasItsLine() async throws {
        try await withScene(Atlas.schema) { scene in
            let fresh = try await doctor(scene)
            #expect(fresh.contains("stream orders: not there yet"), "\(fresh)")
            try await scene.publish([Atlas.person(1), "no JSON"])
            try await scene.drain(["ON_PARSE_FAILURE": "dead_letter", "STREAM_RETENTION": "1h"])
            try await scene.redis("XGROUP", "CREATE", "orders", "reports", "0")
            try await scene.redis("SET", "drainer:stop", "1")
            let report = try await doctor(scene)
            for line in [
                "ok  Redis: version", "ok  PostgreSQL: version", "ok  Redis clock", "ok  PostgreSQL clock",
                "stream orders: 2 entries, group workers: lag 0, 0 pending", "group reports has not acknowledged",
                "1 dead letters in orders:dead", "warning  retention: 0s", "the fleet is stopped",
                "ok  table atlas_app.person: writable, key (id)", "setting STREAM_GROUP", "(environment)",
            ] {
                #expect(report.contains(line), "\(line) is not in \(report)")
            }
            #expect(try await scene.redis("XLEN", "orders").integer == 2)
        }
    }

    @Test func whatFailsDecidesTheExit() async throws {
        try await withScene(Atlas.schema) { scene in
            try await scene.publish([Atlas.person(1)])
            let role = try await Role.make(in: scene)
            let refused = try await doctor(scene, ["DATABASE_URL": role.url], expecting: 77)
            #expect(refused.contains("FAILURE  table atlas_app.person: no USAGE on the schema, INSERT"), "\(refused)")
            let away = try await doctor(scene, ["DATABASE_URL": "postgresql://u:hidden@127.0.0.1:1/x"], expecting: 69)
            #expect(away.contains("FAILURE  PostgreSQL") && away.contains("ok  Redis"), "\(away)")
            #expect(!away.contains("hidden"), "\(away)")
            let noRedis = try await doctor(scene, ["REDIS_URL": "redis://127.0.0.1:1/0"], expecting: 69)
            #expect(noRedis.contains("FAILURE  Redis") && noRedis.contains("ok  PostgreSQL"), "\(noRedis)")
            try await scene.publish([Native.create("nothing", ["id": "1"])])
            #expect(try await doctor(scene, expecting: 78).contains("FAILURE  table public.nothing: not there"))
        }
    }
}
