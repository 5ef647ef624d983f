import Redis
import TestSupport
import Testing

/// What becomes of acknowledged entries.
@Suite struct TrimTests {
    private static let item = "CREATE TABLE item (id int PRIMARY KEY)"

    private static func items(_ range: Range<Int>) -> [String] { range.map { Native.create("item", ["id": "\($0)"]) } }

    @Test func acknowledgedEntriesAreTrimmedAtOnce() async throws {
        try await withScene(Self.item) { scene in
            try await scene.publish(Self.items(0..<150))
            try await scene.drain()
            #expect(try await scene.length() == 0)
            try await scene.running { _ in
                try await scene.publish(Self.items(150..<300))
                try await eventually("they are trimmed, too") { try await scene.length() == 0 }
                #expect(try await scene.count("item") == 300)
            }
        }
    }

    @Test func nothingIsTrimmedThatAnotherGroupHasNotAcknowledged() async throws {
        try await withScene(Self.item) { scene in
            try await scene.redis("XGROUP", "CREATE", Scene.stream, "audit", "0", "MKSTREAM")
            let ids = try await scene.publish(Self.items(0..<20))
            try await scene.drain()
            #expect(try await scene.length() == 20)

            // Delivered is not acknowledged.
            try await scene.redis("XREADGROUP", "GROUP", "audit", "a", "COUNT", "10", "STREAMS", Scene.stream, ">")
            try await scene.redis("XACK", Scene.stream, "audit", ids[0], ids[1], ids[2], ids[5])
            try await scene.publish(Self.items(20..<21))
            try await scene.drain()
            #expect(try await scene.length() == 18)

            for id in ids[..<10] { try await scene.redis("XACK", Scene.stream, "audit", id) }
            try await scene.publish(Self.items(21..<22))
            try await scene.drain()
            #expect(try await scene.length() == 12)
            let first = try await scene.redis("XRANGE", Scene.stream, "-", "+", "COUNT", "1")
            #expect(first.elements?.first?.elements?.first?.text == ids[10])
        }
    }

    @Test func nothingIsTrimmedThatADatabaseThatWentBackHasNoMore() async throws {
        try await withScene(Self.item) { scene in
            try await scene.redis("XGROUP", "CREATE", Scene.stream, "audit", "0", "MKSTREAM")
            try await scene.publish(Self.items(0..<20))
            try await scene.drain()
            #expect(try await scene.length() == 20)
            // As before the drain; and windows that take longer than it takes to trim what was acknowledged then.
            try await scene.sql(
                """
                DELETE FROM item; UPDATE drainer.checkpoint SET last_id = '0-0', entries_read = 0;
                CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$
                    BEGIN PERFORM pg_catalog.pg_sleep(0.1); RETURN NEW; END $$;
                CREATE TRIGGER wait BEFORE INSERT ON item FOR EACH ROW EXECUTE FUNCTION wait()
                """
            )
            try await scene.redis("XGROUP", "DESTROY", Scene.stream, "audit")
            try await scene.drain(["STREAM_READ_COUNT": "5", "LEASE_TTL_MS": "300"])
            #expect(try await scene.count("item") == 20)
            #expect(try await scene.length() == 0)
        }
    }

    @Test(arguments: ["1h", "forever"])
    func retentionKeepsThem(retention: String) async throws {
        try await withScene(Self.item) { scene in
            // Two days old, by its ID.
            let old = Int(try await scene.redis("TIME").elements?[0].integer ?? 0) * 1000 - 172_800_000
            try await scene.redis("XADD", Scene.stream, "\(old)-0", "command", Self.items(0..<1)[0])
            try await scene.publish(Self.items(1..<20))
            try await scene.drain(["STREAM_RETENTION": retention])
            #expect(try await scene.count("item") == 20)
            #expect(try await scene.pending() == 0)
            #expect(try await scene.length() == (retention == "forever" ? 20 : 19))
        }
    }

    @Test func entriesOfTheDeadAreNotTrimmed() async throws {
        try await withScene(Self.item) { scene in
            try await scene.redis("XGROUP", "CREATE", Scene.stream, "workers", "0", "MKSTREAM")
            try await scene.publish(Self.items(0..<5))
            try await scene.redis("XREADGROUP", "GROUP", "workers", "dead", "COUNT", "2", "STREAMS", Scene.stream, ">")
            try await scene.running(["LEASE_TTL_MS": "600000", "ORDERING": "none"]) { _ in
                try await eventually("the others are acknowledged") { try await scene.count("item") == 3 }
                try await eventually("only the two are pending") { try await scene.pending() == 2 }
            }
            #expect(try await scene.length() == 5)
        }
    }
}
