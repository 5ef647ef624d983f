import Glibc
import Postgres
import Redis
import TestSupport
import Testing

/// What makes a window. One transaction is one window, and `xmin` tells the rows of one transaction from others'.
@Suite struct WindowTests {
    private static let schema = "CREATE TABLE item (id int PRIMARY KEY, note text)"

    private static func items(_ range: Range<Int>, note: String = "") -> [String] {
        range.map { Native.create("item", ["id": "\($0)", "note": "\"\(note)\""]) }
    }

    /// The IDs of each transaction, in the order of their first.
    private static func windows(_ scene: Scene) async throws -> [[Int]] {
        let rows = try await scene.column(
            "SELECT string_agg(id::text, ' ' ORDER BY id) FROM item GROUP BY xmin::text ORDER BY min(id)"
        )
        return rows.map { ($0 ?? "").split(separator: " ").compactMap { Int($0) } }
    }

    @Test func aWindowHoldsAtMostTheReadCount() async throws {
        try await withScene(Self.schema) { scene in
            try await scene.publish(Self.items(0..<95))
            try await scene.drain(["STREAM_READ_COUNT": "20"])
            #expect(try await Self.windows(scene).map(\.count) == [20, 20, 20, 20, 15])
            try await scene.sql("TRUNCATE item")
            try await scene.publish(Self.items(0..<95))
            try await scene.drain()
            #expect(try await Self.windows(scene).map(\.count) == [95])
        }
    }

    @Test func aWindowHoldsAtMostItsBytesButOneLargerEntryIsAWindowAlone() async throws {
        try await withScene(Self.schema) { scene in
            let small = String(repeating: "s", count: 900)
            let huge = String(repeating: "h", count: 30_000)
            try await scene.publish(Self.items(0..<60, note: small))
            try await scene.publish(Self.items(60..<61, note: huge))
            try await scene.publish(Self.items(61..<63, note: huge))
            try await scene.publish(Self.items(63..<100, note: small))
            try await scene.drain(["WINDOW_BYTES": "10000"])
            let windows = try await Self.windows(scene)
            #expect(windows.flatMap { $0 } == Array(0..<100))
            // An entry is counted with what stands around its note; the one that fills the window still goes in.
            #expect(windows.allSatisfy { $0.count <= 12 }, "\(windows)")
            #expect(windows.filter { $0[0] < 50 }.allSatisfy { $0.count >= 9 }, "\(windows)")
            #expect(windows.contains([61]) && windows.contains([62]), "\(windows)")
        }
    }

    @Test func aWindowWaitsALittleForMore() async throws {
        try await withScene(Self.schema) { scene in
            try await scene.running(["STREAM_LINGER_MS": "1000"]) { drainer in
                try await eventually("the group is there") { try await scene.group() != nil }
                // A busy machine may take longer than the wait; one that never waits shares no window ever.
                for pair in 0..<20 {
                    try await scene.publish(Self.items(2 * pair..<2 * pair + 1))
                    try await eventually("the first is read") { try await scene.pending() == 1 }
                    try await scene.publish(Self.items(2 * pair + 1..<2 * pair + 2))
                    try await eventually("both are written") { try await scene.count("item") == 2 * pair + 2 }
                    if try await Self.windows(scene).last == [2 * pair, 2 * pair + 1] { return }
                }
                Issue.record("no second entry ever came into the window of the first")
            }
        }
    }

    @Test func aFullWindowAndAForcedEntryEndTheWait() async throws {
        try await withScene(Self.schema) { scene in
            try await scene.running(["STREAM_LINGER_MS": "1000", "STREAM_READ_COUNT": "3"]) { drainer in
                func isDelivered(_ id: String) async throws -> Bool {
                    try await scene.group()?["last-delivered-id"]?.text == id
                }
                try await eventually("the group is there") { try await scene.group() != nil }
                let forced = try await scene.publish([Native.create("item", ["id": "0"], forced: true)])
                try await eventually("the forced one is read") { try await isDelivered(forced[0]) }
                let full = try await scene.publish(Self.items(1..<4))
                try await eventually("a full window is read") { try await isDelivered(full[2]) }
                let last = try await scene.publish(Self.items(4..<5))
                try await eventually("the last is read") { try await isDelivered(last[0]) }
                drainer.signal(SIGTERM)
                #expect(try await drainer.exit() == .code(0))
                #expect(try await Self.windows(scene) == [[0], [1, 2, 3], [4]])
                #expect(try await scene.pending() == 0)
            }
        }
    }

    @Test func theNextWindowIsReadWhileOneIsWritten() async throws {
        try await withScene(Self.schema) { scene in
            try await scene.publish(Self.items(0..<50))
            let other = try await scene.session()
            let watcher = try await scene.session()
            try await other.run("BEGIN; LOCK TABLE item IN ACCESS EXCLUSIVE MODE")
            try await scene.running(["STREAM_READ_COUNT": "5"]) { drainer in
                try await eventually("two windows are in hand, the first unwritten") {
                    try await scene.pending() == 10
                }
                try await eventually("the drainer waits for the lock") {
                    // A transaction sees one state of the activity view all along, so another session looks.
                    try await watcher.run(
                        "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
                    ).rows.count == 1
                }
                // Memory is bounded: no third.
                #expect(try await scene.pending() == 10)
                try await other.run("COMMIT")
                try await eventually("all is written") { try await scene.count("item") == 50 }
                #expect(try await Self.windows(scene).map(\.count) == Array(repeating: 5, count: 10))
            }
        }
    }

    @Test func entriesAreReadFromTheBeginningAndOnlyOnce() async throws {
        try await withScene(Self.schema) { scene in
            let report = try await scene.drain()
            // Nothing there: the group and the stream are made, and that is all.
            #expect(report.entries == 0 && report.statements == 0)
            #expect(try await scene.group() != nil)
            try await scene.redis("DEL", Scene.stream)
            try await scene.publish(Self.items(0..<7))
            #expect(try await scene.drain().entries == 7)
            #expect(try await scene.drain().entries == 0)
            try await scene.publish(Self.items(7..<8))
            #expect(try await scene.drain().entries == 1)
        }
    }
}
