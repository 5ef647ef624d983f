import Redis
import TestSupport
import Testing

/// `drainer pause` and `drainer resume`.
@Suite struct PauseTests {
    private func drainer(_ scene: Scene, _ arguments: String..., environment: [String: String] = [:]) async throws
        -> String
    {
        let run = try await DrainerProcess.run(arguments, environment: scene.environment(environment))
        #expect(run.status == .code(0), "\(run.errors)")
        return run.output
    }

    @Test func aFleetIsPausedAndGoesOn() async throws {
        try await withScene(Atlas.schema) { scene in
            let paused = try await drainer(scene, "pause", "--reason", "a migration")
            #expect(paused.contains("paused (a migration)") && paused.contains("before: running"), "\(paused)")
            try await scene.publish([Atlas.person(1)])
            try await scene.drain(expecting: 65)
            #expect(try await scene.count("atlas_app.person") == 0)
            // Without another reason, the one that stands is kept.
            let again = try await drainer(scene, "pause")
            #expect(again.contains("still paused (a migration)"), "\(again)")
            let resumed = try await drainer(scene, "resume")
            #expect(resumed.contains("resumed") && resumed.contains("a migration"), "\(resumed)")
            #expect(try await scene.redis("EXISTS", "drainer:stop", "drainer:stop:reason").integer == 0)
            try await scene.drain()
            #expect(try await scene.count("atlas_app.person") == 1)
            #expect(try await drainer(scene, "resume").contains("nothing was paused"))
        }
    }

    @Test func aRunningProcessWaitsAndGoesOn() async throws {
        try await withScene(Atlas.schema) { scene in
            try await scene.running { _ in
                try await scene.publish([Atlas.person(1)])
                try await eventually("the first row") { try await scene.count("atlas_app.person") == 1 }
                _ = try await drainer(scene, "pause")
                try await Task.sleep(for: .milliseconds(300))
                try await scene.publish([Atlas.person(2)])
                try await Task.sleep(for: .milliseconds(300))
                #expect(try await scene.count("atlas_app.person") == 1)
                _ = try await drainer(scene, "resume")
                try await eventually("the second row") { try await scene.count("atlas_app.person") == 2 }
            }
        }
    }

    @Test func aFullRedisCanBePaused() async throws {
        try await withScene(ownRedis: ["maxmemory": "1", "maxmemory-policy": "noeviction"]) { scene, _ in
            let paused = try await drainer(scene, "pause")
            let stop = try await scene.redis("GET", "drainer:stop").text
            let resumed = try await drainer(scene, "resume")
            #expect(paused.hasPrefix("paused") && stop == "1" && resumed.hasPrefix("resumed"), "\(paused)\(resumed)")
        }
    }

    @Test func whatKeepsItFromBeingDoneHasItsExitCode() async throws {
        let away = try await DrainerProcess.run(["pause"], environment: ["REDIS_URL": "redis://127.0.0.1:1/0"])
        #expect(away.status == .code(69) && away.errors.hasPrefix("drainer: Redis at "), "\(away.errors)")
        #expect(try await DrainerProcess.run(["resume", "now"], environment: [:]).status == .code(64))
        try await withScene { scene in
            let url = scene.settings["REDIS_URL"]?.replacing("redis://", with: "redis://nobody:hidden@") ?? ""
            let run = try await DrainerProcess.run(["resume"], environment: ["REDIS_URL": url])
            #expect(run.status == .code(77) && !run.errors.contains("hidden"), "\(run.errors)")
        }
    }
}
