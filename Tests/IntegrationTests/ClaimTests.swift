import Postgres
import Redis
import TestSupport
import Testing

/// Entries that a dead process was given are written by the living, before anything new.
@Suite struct ClaimTests {
    private static let schema = "CREATE TABLE item (id int PRIMARY KEY, note text, at timestamptz DEFAULT now())"

    private static func create(_ number: Int) -> String {
        Native.create("item", ["id": "\(number)", "note": "\"first\""])
    }
    private static func update(_ number: Int) -> String {
        Native.update("item", set: ["note": "\"second\""], where: ["id": "\(number)"])
    }

    /// Reads as a process would that dies before it writes.
    private static func readAndDie(_ scene: Scene, _ count: Int) async throws {
        try await scene.redis(
            "XREADGROUP",
            "GROUP",
            "workers",
            "dead",
            "COUNT",
            "\(count)",
            "STREAMS",
            Scene.stream,
            ">"
        )
    }

    @Test func pendingEntriesOfTheDeadAreWrittenBeforeNewOnes() async throws {
        try await withScene(Self.schema) { scene in
            try await scene.redis("XGROUP", "CREATE", Scene.stream, "workers", "0", "MKSTREAM")
            try await scene.publish((0..<2500).map(Self.create))
            try await Self.readAndDie(scene, 2500)
            // Were these written first, they would change nothing.
            try await scene.publish((0..<2500).map(Self.update))
            try await eventually("they have been idle for the time of a lease") {
                let first = try await scene.redis("XPENDING", Scene.stream, "workers", "-", "+", "1")
                return first.elements?.first?.elements?[2].integer ?? 0 > 500
            }
            let report = try await scene.drain()
            #expect(report.entries == 5000 && report.unmatched == 0)
            #expect(try await scene.count("item WHERE note = 'second'") == 2500)
            #expect(try await scene.pending() == 0)
            #expect(try await scene.length() == 0)
        }
    }

    @Test(arguments: ["orders", "orders,other"])
    func nothingNewOvertakesWhatAnotherHolds(streams: String) async throws {
        try await withScene(Self.schema) { scene in
            try await scene.redis("XGROUP", "CREATE", Scene.stream, "workers", "0", "MKSTREAM")
            try await scene.publish((0..<50).map(Self.create))
            try await Self.readAndDie(scene, 50)
            try await scene.publish((0..<50).map(Self.update))
            // Nobody can know yet that the other is dead.
            let report = try await scene.drain(["STREAM_NAMES": streams, "STREAM_READ_COUNT": "10"])
            #expect(report.entries == 100 && report.unmatched == 0)
            #expect(try await scene.count("item WHERE note = 'second'") == 50)
        }
    }

    @Test func untilEmptyWaitsForEntriesThatAnotherProcessHolds() async throws {
        try await withScene(Self.schema) { scene in
            try await scene.redis("XGROUP", "CREATE", Scene.stream, "workers", "0", "MKSTREAM")
            try await scene.publish((0..<5).map(Self.create))
            try await Self.readAndDie(scene, 3)
            let report = try await scene.drain()
            #expect(report.entries == 5)
            #expect(try await scene.count("item") == 5)
        }
    }

    @Test func aRunningDrainerClaimsOnATimer() async throws {
        try await withScene(Self.schema) { scene in
            try await scene.running { _ in
                try await eventually("the group is there") { try await scene.group() != nil }
                // The dead one may find its entry taken by the drainer: until it does get one.
                var number = 0
                try await eventually("the dead one gets an entry") {
                    number += 1
                    let id = try await scene.publish([Self.create(number)])[0]
                    try await scene.redis("XCLAIM", Scene.stream, "workers", "dead", "0", id, "FORCE", "JUSTID")
                    let held = try await scene.redis("XPENDING", Scene.stream, "workers", "-", "+", "1", "dead")
                    return held.elements?.isEmpty == false
                }
                try await eventually("it is claimed, written and acknowledged") {
                    guard try await scene.count("item") == number else { return false }
                    return try await scene.pending() == 0
                }
            }
        }
    }

    @Test func entriesAtWorkAreNotTakenByAnother() async throws {
        try await withScene("CREATE TABLE item (note text)") { scene in
            try await scene.publish((0..<20).map { Native.create("item", ["note": "\"\($0)\""]) })
            let other = try await scene.session()
            try await other.run("BEGIN; LOCK TABLE item IN ACCESS EXCLUSIVE MODE")
            // In a table without a key, an entry written by two would show.
            try await scene.running(["STREAM_CONSUMER": "one"]) { _ in
                try await eventually("one has them in hand") { try await scene.pending() == 20 }
                try await scene.running(["STREAM_CONSUMER": "two"]) { _ in
                    try await eventually("two runs, too") {
                        let profiles = try await scene.redis("HVALS", "drainer:fleet:{workers}:profiles").elements ?? []
                        return profiles.contains { $0.text?.contains("two") == true }
                    }
                    // Three leases pass.
                    let start = ContinuousClock.now
                    try await eventually("time passes", every: .milliseconds(100)) {
                        start.duration(to: .now) > .milliseconds(1500)
                    }
                    try await other.run("COMMIT")
                    try await eventually("all is acknowledged") { try await scene.pending() == 0 }
                    #expect(try await scene.count("item") == 20)
                }
            }
        }
    }

    @Test func anEntryThatIsPendingButGoneIsToldAndDoesNotStopTheRest() async throws {
        try await withScene(Self.schema) { scene in
            try await scene.redis("XGROUP", "CREATE", Scene.stream, "workers", "0", "MKSTREAM")
            let ids = try await scene.publish((0..<5).map(Self.create))
            try await Self.readAndDie(scene, 4)
            try await scene.redis("XDEL", Scene.stream, ids[1])
            let report = try await scene.drain()
            #expect(try await scene.column("SELECT id FROM item ORDER BY id") == ["0", "2", "3", "4"])
            #expect(report.errors.contains(ids[1]) && report.errors.contains("lost"))
            #expect(try await scene.pending() == 0)
        }
    }

    @Test func noConsumerIsLeftBehindByAnOrderlyEnd() async throws {
        try await withScene(Self.schema) { scene in
            try await scene.publish([Self.create(1)])
            try await scene.drain()
            #expect(try await scene.redis("XINFO", "CONSUMERS", Scene.stream, "workers").elements?.isEmpty == true)
        }
    }
}
