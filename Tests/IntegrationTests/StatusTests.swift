import Foundation
import Redis
import TestSupport
import Testing

/// `drainer status` and `drainer migrate`.
@Suite struct StatusTests {
    private static let item = "CREATE TABLE item (id int PRIMARY KEY, note text)"

    private struct Status: Decodable {
        struct Process: Decodable {
            let consumer: String
            let pid: Int32
            let holds: [String]
            let trouble: String?
        }
        struct Checkpoint: Decodable {
            let lastID: String
        }
        struct Stream: Decodable {
            let stream: String
            let holder: String?
            let lag: Int?
            let pending: Int?
            let deadLetters: Int
            let checkpoint: Checkpoint?
            let blockingGroups: [String]
        }
        struct Table: Decodable {
            let table: String
            let differing: [String]
        }
        let paused: Bool
        let reason: String?
        let processes: [Process]
        let streams: [Stream]
        let tables: [Table]
    }

    private static func status(_ scene: Scene, _ settings: [String: String] = [:]) async throws -> Status {
        let run = try await DrainerProcess.run(["status", "--json"], environment: scene.environment(settings))
        #expect(run.status == .code(0), "\(run.errors)")
        return try JSONDecoder().decode(Status.self, from: Data(run.output.utf8))
    }

    @Test func itShowsWhoHoldsWhatAndHowFarBehindItIs() async throws {
        try await withScene(Self.item) { scene in
            try await scene.redis("XGROUP", "CREATE", Scene.stream, "audit", "0", "MKSTREAM")
            let ids = try await scene.publish([
                Native.create("item", ["id": "1"]), Native.create("item", ["id": "2", "note": "\"x\""]),
                Native.create("item", ["id": "\"none\""]),
            ])
            let before = try await Self.status(scene)
            #expect(before.processes.isEmpty && before.streams.first?.holder == nil && !before.paused)
            #expect(before.tables.first?.differing == ["note"])
            try await scene.running(["STREAM_CONSUMER": "pod-7"]) { drainer in
                try await eventually("all is drained") { try await scene.deadLetters().count == 1 }
                try await eventually("all is acknowledged") { try await scene.pending() == 0 }
                try await scene.redis("SET", "drainer:stop:reason", "a test")
                try await scene.redis("SET", "drainer:stop", "1")
                let status = try await Self.status(scene)
                #expect(status.paused && status.reason == "a test")
                #expect(status.processes.map(\.consumer) == ["pod-7"] && status.processes.first?.pid == drainer.pid)
                #expect(status.processes.first?.holds == [Scene.stream])
                let stream = try #require(status.streams.first)
                #expect(stream.holder?.hasPrefix("pod-7@") == true && stream.lag == 0 && stream.pending == 0)
                #expect(stream.deadLetters == 1 && stream.checkpoint?.lastID == ids.last)
                #expect(stream.blockingGroups == ["audit"])
            }
            let text = try await DrainerProcess.run(["status"], environment: scene.environment([:]))
            #expect(text.output.contains("PAUSED (a test)") && text.output.contains("group audit keeps"))
        }
    }

    @Test func theProcessesTroubleIsSeenFromOutside() async throws {
        try await withScene(Self.item) { scene in
            try await scene.sql("REVOKE ALL ON item FROM PUBLIC")
            let role = try await Role.make(in: scene, grants: "GRANT SELECT ON item TO")
            try await scene.publish([Native.create("item", ["id": "1"])])
            try await scene.running(["DATABASE_URL": role.url, "LEDGER": "off"]) { _ in
                try await eventually("its trouble is told") {
                    try await Self.status(scene).processes.first?.trouble?.contains("permission denied") == true
                }
            }
        }
    }

    @Test func aRoleThatMayMakesTheSchemaForOneThatMayNot() async throws {
        try await withScene(Self.item) { scene in
            let printed = try await DrainerProcess.run(["migrate", "--print"], environment: scene.environment([:]))
            #expect(printed.output.contains("CREATE TABLE IF NOT EXISTS drainer.checkpoint"))
            #expect(try await scene.column("SELECT to_regclass('drainer.checkpoint')") == [nil])
            for _ in 0..<2 {
                let run = try await DrainerProcess.run(["migrate"], environment: scene.environment([:]))
                #expect(run.status == .code(0), "\(run.errors)")
            }
            let role = try await Role.make(in: scene, grants: "GRANT ALL ON item TO")
            try await scene.publish([Native.create("item", ["id": "1"])])
            let refused = try await scene.drain(["DATABASE_URL": role.url], expecting: 77)
            #expect(refused.errors.contains("drainer"))
            try await scene.sql(
                """
                GRANT USAGE ON SCHEMA drainer TO \(role.name);
                GRANT SELECT, INSERT, UPDATE, DELETE ON drainer.checkpoint, drainer.dead_letter TO \(role.name)
                """
            )
            #expect(try await scene.drain(["DATABASE_URL": role.url]).rows == 1)
            let mayNot = try await DrainerProcess.run(
                ["migrate"],
                environment: scene.environment(["DATABASE_URL": role.url])
            )
            #expect(mayNot.status == .code(0) || mayNot.status == .code(77))
        }
    }
}
