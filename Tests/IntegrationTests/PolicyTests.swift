import Redis
import TestSupport
import Testing

/// What stops the fleet, what it says, and how it goes on.
@Suite struct PolicyTests {
    private static let item = "CREATE TABLE item (id int PRIMARY KEY, size int CHECK (size > 0), place serial)"

    private static func create(_ number: Int, size: Int = 1) -> String {
        Native.create("item", ["id": "\(number)", "size": "\(size)"])
    }

    private static let broken = #"{"op":"create","table":"item","row":{"id":"secret""#

    @Test func aParseFailureStopsTheRunAfterWhatCameBeforeIt() async throws {
        try await withScene(Self.item) { scene in
            try await scene.publish((0..<25).map { Self.create($0) })
            let bad = try await scene.publish([Self.broken])
            try await scene.publish((25..<50).map { Self.create($0) })
            let report = try await scene.drain(expecting: 65)
            #expect(report.entries == 25 && report.rows == 25 && report.deadLetters == 0)
            #expect(try await scene.count("item WHERE id < 25") == 25)
            #expect(try await scene.count("item") == 25)
            #expect(try await scene.redis("GET", "drainer:stop").text == "1")
            let reason = try #require(try await scene.redis("GET", "drainer:stop:reason").text)
            #expect(reason.contains(bad[0]) && reason.contains(Scene.stream) && !reason.contains("secret"))
            #expect(report.errors.contains(bad[0]) && report.errors.contains("drainer: "))
            #expect(try await scene.deadLetters().isEmpty)
            // Nothing is lost: what was not written is still there.
            #expect(try await scene.length() == 26)

            // Whoever starts now sees the stop, and leaves the stream alone.
            let second = try await scene.drain(expecting: 65)
            #expect(second.entries == 0 && second.statements == 0)
            // Told to set it aside, the next one writes the rest.
            try await scene.redis("DEL", "drainer:stop", "drainer:stop:reason")
            let third = try await scene.drain(["ON_PARSE_FAILURE": "dead_letter"])
            #expect(third.entries == 26 && third.deadLetters == 1)
            #expect(try await scene.count("item") == 50)
        }
    }

    @Test func aPlainRunGoesOnInOrderOnceTheKeyIsGone() async throws {
        try await withScene(Self.item) { scene in
            try await scene.publish((0..<40).map { Self.create($0) })
            let bad = try await scene.publish([Self.broken])
            try await scene.publish((0..<40).map { Native.update("item", set: ["size": "2"], where: ["id": "\($0)"]) })
            try await scene.publish((40..<100).map { Self.create($0) })
            // Small windows: others were read ahead when the stop came.
            try await scene.running(["STREAM_READ_COUNT": "16"]) { drainer in
                try await eventually("the fleet is stopped") {
                    try await scene.redis("GET", "drainer:stop").text == "1"
                }
                #expect(try await scene.count("item") == 40)
                #expect(drainer.status == nil)
                // The producer's mistake is taken out, and the operator lets the fleet go on.
                try await scene.redis("XDEL", Scene.stream, bad[0])
                try await scene.redis("DEL", "drainer:stop", "drainer:stop:reason")
                try await eventually("the rest is written") { try await scene.count("item") == 100 }
                try await eventually("and acknowledged") { try await scene.pending() == 0 }
                #expect(try await scene.count("item WHERE size = 2") == 40)
                #expect(try await scene.column("SELECT id FROM item ORDER BY place") == (0..<100).map { "\($0)" })
            }
        }
    }

    @Test func aBadRowStopsTheRunWhereTheOperatorWantsThat() async throws {
        try await withScene(Self.item) { scene in
            try await scene.publish((0..<40).map { Self.create($0) })
            let bad = try await scene.publish([Self.create(40, size: -7)])
            try await scene.publish((41..<80).map { Self.create($0) })
            try await scene.publish([Self.create(80, size: -7)])
            let report = try await scene.drain(["ON_WRITE_FAILURE": "stop"], expecting: 65)
            #expect(report.entries == 40 && report.deadLetters == 0)
            #expect(try await scene.count("item") == 40)
            let reason = try #require(try await scene.redis("GET", "drainer:stop:reason").text)
            #expect(reason.contains(bad[0]) && reason.contains("23514") && reason.contains("item"))
            try await scene.redis("DEL", "drainer:stop")
            #expect(try await scene.drain().deadLetters == 2)
            #expect(try await scene.count("item") == 79)
        }
    }

    @Test func theBreakerLeavesAWindowThatIsMostlyBadInTheStream() async throws {
        try await withScene(Self.item) { scene in
            // Below 100 entries nothing is judged.
            try await scene.publish((0..<99).map { Self.create($0, size: -1) })
            #expect(try await scene.drain().deadLetters == 99)

            try await scene.publish((0..<40).map { Self.create($0) })
            try await scene.publish((40..<100).map { Self.create($0, size: -1) })
            let report = try await scene.drain(expecting: 65)
            #expect(report.entries == 0 && report.rows == 0 && report.deadLetters == 0)
            #expect(try await scene.count("item") == 0)
            #expect(try await scene.length() == 100)
            #expect(try await scene.deadLetters().count == 99)
            let reason = try #require(try await scene.redis("GET", "drainer:stop:reason").text)
            #expect(reason.contains("60") && reason.contains("23514") && reason.contains("item"))

            // Half is not more than half; and with the breaker off, all goes.
            try await scene.redis("DEL", "drainer:stop")
            #expect(try await scene.drain(["BREAKER_PERCENT": "60"]).deadLetters == 60)
            #expect(try await scene.count("item") == 40)
        }
    }

    @Test func theBreakerLooksBackOverWindows() async throws {
        try await withScene(Self.item) { scene in
            try await scene.publish((0..<200).map { Self.create($0) })
            try await scene.publish((200..<600).map { Self.create($0, size: -1) })
            let report = try await scene.drain(["STREAM_READ_COUNT": "50"], expecting: 65)
            // 200 good and 200 bad are half; the next 50 bad ones are too many.
            #expect(report.entries == 400 && report.deadLetters == 200)
            #expect(try await scene.length() == 200)
        }
    }

    @Test func dropStopPausesAndResumesARunningDrainer() async throws {
        try await withScene(Self.item) { scene in
            try await scene.running { drainer in
                try await scene.publish([Self.create(1)])
                try await eventually("the first is written") { try await scene.count("item") == 1 }
                try await scene.redis("SET", "drainer:stop", "1")
                try await eventually("the stop is seen") { drainer.errors.contains("stopped by drainer:stop") }
                // A read that was under way may still bring something; then nothing comes any more.
                var number = 1
                try await eventually("an entry is left alone") {
                    number += 1
                    try await scene.publish([Self.create(number)])
                    let start = ContinuousClock.now
                    try await eventually("it is written, or several refresh intervals pass") {
                        if start.duration(to: .now) > .milliseconds(300) { return true }
                        return try await scene.count("item") == number
                    }
                    return try await scene.count("item") < number
                }
                #expect(number < 5)
                try await scene.publish((100..<120).map { Self.create($0) })
                #expect(try await scene.pending() == 0)
                #expect(try await scene.count("item") == number - 1)
                try await scene.redis("DEL", "drainer:stop")
                try await eventually("the others are written", within: .seconds(10)) {
                    try await scene.count("item") == number + 20
                }
            }
        }
    }

    @Test func anotherPrefixIsAnotherFleet() async throws {
        try await withScene(Self.item) { scene in
            try await scene.redis("SET", "drainer:stop", "1")
            try await scene.publish([Self.create(1)])
            #expect(try await scene.drain(expecting: 65).entries == 0)
            #expect(try await scene.drain(["LIVE_PREFIX": "other:"]).entries == 1)
        }
    }

    @Test func forceDrainSetsEveryBadEntryAsideAndBatchesNothing() async throws {
        try await withScene(Self.item) { scene in
            try await scene.redis("SET", "drainer:force_drain", "1")
            try await scene.publish((0..<30).map { Self.create($0) })
            try await scene.publish([Self.broken])
            try await scene.publish((30..<130).map { Self.create($0, size: -1) })
            let report = try await scene.drain(["ON_WRITE_FAILURE": "stop"])
            #expect(report.bulkStatements == 0 && report.rows == 30 && report.deadLetters == 101)
            #expect(report.sequential == 130)
            #expect(try await scene.length() == 0)
        }
    }
}
