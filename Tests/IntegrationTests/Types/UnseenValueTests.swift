import TestSupport
import Testing

/// A value that no row wants is refused nevertheless where PostgreSQL would refuse the typed statement: it looks at
/// literals while it plans.
@Suite struct UnseenValueTests {
    private static let item = """
        CREATE DOMAIN small AS varchar(3) CHECK (VALUE <> 'bad');
        CREATE TABLE item (id int PRIMARY KEY, v varchar(3), n numeric(4,1), a varchar(3)[], s small);
        """

    @Test(arguments: Road.all)
    func updatesThatMeetNoRowAreRefusedForTheirValues(road: Road) async throws {
        try await withScene(Self.item) { scene in
            try await scene.sql("INSERT INTO item SELECT 2 * n FROM generate_series(0, 19) n")
            // Every other update meets no row.
            try await scene.publish(
                (0..<40).map { id in
                    let v = [7: "\"long\"", 8: "\"long\"", 23: "\"longer\""][id] ?? "\"ok\""
                    let n = id == 11 ? "1000" : "1"
                    let a = id == 15 ? "[\"a\",\"long\"]" : "[\"a\"]"
                    // A domain's constraints count for what is stored, its length for what is read.
                    let s = [17: "\"bad\"", 18: "\"bad\"", 19: "\"long\""][id] ?? "\"ok\""
                    return Native.update("item", set: ["v": v, "n": n, "a": a, "s": s], where: ["id": "\(id)"])
                }
            )
            let report = try await scene.drain(road.settings)
            #expect(report.rows == 18 && report.unmatched == 15 && report.deadLetters == 7)
            let letters = try await scene.deadLetters()
            #expect(
                letters.map { $0["drainer-error"] } == ["22001", "22001", "22003", "22001", "23514", "22001", "22001"]
            )
            #expect(try await scene.count("item WHERE v = 'ok' AND n = 1 AND a = '{a}' AND s = 'ok'") == 18)
        }
    }

    @Test(arguments: Road.all)
    func whatATableWithoutRowsNeverComparesIsRefused(road: Road) async throws {
        try await withScene(Self.item) { scene in
            try await scene.publish(
                (0..<20).map { Native.delete("item", where: ["id": $0 == 7 ? "\"seven\"" : "\($0)"]) }
                    + (0..<20).map {
                        Native.update("item", set: ["n": $0 == 9 ? "\"nine\"" : "9"], where: ["id": "\($0)"])
                    }
            )
            let report = try await scene.drain(road.settings)
            #expect(report.rows == 0 && report.unmatched == 38)
            #expect(try await scene.deadLetters().map { $0["drainer-error"] } == ["22P02", "22P02"])
        }
    }
}
