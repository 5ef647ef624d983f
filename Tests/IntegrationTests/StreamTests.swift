import Redis
import TestSupport
import Testing

/// Several streams, streams that are none, streams that go away.
@Suite struct StreamTests {
    private static let schema = "CREATE TABLE item (id text PRIMARY KEY)"

    private static func create(_ id: String) -> String { Native.create("item", ["id": "\"\(id)\""]) }

    @Test(arguments: ["1", "3"])
    func everyStreamIsDrained(workers: String) async throws {
        try await withScene(Self.schema) { scene in
            for shard in 0..<8 {
                try await scene.publish((0..<30).map { Self.create("\(shard)-\($0)") }, to: "items{shard-\(shard)}")
            }
            let report = try await scene.drain([
                "STREAM_NAMES": "items{shard-0..7},empty", "WORKERS": workers, "STREAM_READ_COUNT": "7",
            ])
            #expect(report.entries == 240)
            #expect(try await scene.count("item") == 240)
            for shard in 0..<8 { #expect(try await scene.length(of: "items{shard-\(shard)}") == 0) }
        }
    }

    @Test(arguments: ["1", "2"])
    func aRunningDrainerHearsOfAllItsStreams(workers: String) async throws {
        try await withScene(Self.schema) { scene in
            try await scene.running(["STREAM_NAMES": "items{shard-0..3}", "WORKERS": workers]) { _ in
                for turn in 0..<3 {
                    for shard in 0..<4 {
                        try await scene.publish([Self.create("\(turn) \(shard)")], to: "items{shard-\(shard)}")
                    }
                    try await eventually("turn \(turn) is written") { try await scene.count("item") == (turn + 1) * 4 }
                }
                // Entries of all at once.
                for shard in 0..<4 {
                    try await scene.publish(
                        (0..<500).map { Self.create("\(shard)-\($0)") },
                        to: "items{shard-\(shard)}"
                    )
                }
                try await eventually("all is written") { try await scene.count("item") == 2012 }
            }
        }
    }

    @Test(arguments: [true, false])
    func aKeyThatIsNoStreamDoesNotStopTheOthers(isThereAtTheStart: Bool) async throws {
        try await withScene(Self.schema) { scene in
            if isThereAtTheStart { try await scene.redis("SET", "broken", "text") }
            try await scene.running(["STREAM_NAMES": "first,broken,last"]) { drainer in
                try await scene.publish([Self.create("a")], to: "first")
                try await scene.publish([Self.create("b")], to: "last")
                try await eventually("both are written") { try await scene.count("item") == 2 }
                if !isThereAtTheStart {
                    try await scene.redis("DEL", "broken")
                    try await scene.redis("SET", "broken", "text")
                }
                for turn in 0..<5 {
                    try await scene.publish([Self.create("c\(turn)")], to: "first")
                    try await scene.publish([Self.create("d\(turn)")], to: "last")
                    try await eventually("both go on") { try await scene.count("item") == 4 + 2 * turn }
                }
                try await eventually("it is told") { drainer.errors.contains("stream=broken") }
            }
            #expect(try await scene.redis("GET", "broken").text == "text")
        }
    }

    @Test func untilEmptyEndsAlthoughOneKeyIsNoStream() async throws {
        try await withScene(Self.schema) { scene in
            try await scene.redis("SET", "broken", "text")
            try await scene.publish([Self.create("a")])
            #expect(try await scene.drain(["STREAM_NAMES": "broken,orders"]).entries == 1)
        }
    }

    @Test(arguments: ["orders", "orders,other"])
    func aStreamDeletedWhileRunningIsMadeAgain(streams: String) async throws {
        try await withScene(Self.schema) { scene in
            try await scene.running(["STREAM_NAMES": streams]) { _ in
                try await scene.publish([Self.create("a")])
                try await eventually("a is written") { try await scene.count("item") == 1 }
                for turn in 0..<3 {
                    try await scene.redis("DEL", Scene.stream)
                    try await scene.publish([Self.create("b\(turn)")])
                    try await eventually("it goes on") { try await scene.count("item") == 2 + turn }
                }
                try await scene.redis("DEL", Scene.stream)
                try await eventually("the group is made again") { try await scene.group() != nil }
            }
        }
    }

    @Test(arguments: ["orders", "orders,other"])
    func aGroupDestroyedWhileRunningIsMadeAgain(streams: String) async throws {
        try await withScene(Self.schema) { scene in
            try await scene.running(["STREAM_NAMES": streams]) { _ in
                try await scene.publish([Self.create("a")])
                try await eventually("a is written") { try await scene.count("item") == 1 }
                try await scene.redis("XGROUP", "DESTROY", Scene.stream, "workers")
                try await scene.publish([Self.create("b")])
                try await eventually("b is written") { try await scene.count("item") == 2 }
            }
        }
    }
}
