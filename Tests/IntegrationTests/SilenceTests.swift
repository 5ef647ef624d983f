import Glibc
import Postgres
import Redis
import TestSupport
import Testing

/// Peers that are there and say nothing, and a drainer that is one: what is waited for ends, and nothing is lost, repeated
/// or reordered by it.
@Suite struct SilenceTests {
    private static let item = "CREATE TABLE item (id int)"

    private static func items(_ range: Range<Int>) -> [String] {
        range.map { Native.create("item", ["id": "\($0)"]) }
    }

    /// Gives `body` a proxy before the scene's PostgreSQL, and the settings of a drainer behind it.
    private func withLine<R>(
        _ scene: Scene,
        _ body: (FaultProxy, [String: String]) async throws -> R
    ) async throws -> R {
        let url = scene.settings["DATABASE_URL"] ?? ""
        let port = try #require(url.firstMatch(of: /:([0-9]+)\//).flatMap { Int($0.1) })
        return try await withFaultProxy(to: port) { proxy in
            try await body(proxy, ["DATABASE_URL": url.replacing(":\(port)/", with: ":\(proxy.port)/")])
        }
    }

    /// The lease's scale is 5 s at least, an answer is waited for three times as long.
    @Test(arguments: [ProxyFault.swallow(nil), .swallow(.toClient)])
    func aPostgresThatAcceptsAndNeverAnswersHoldsAWindowAtTheLeasesScale(fault: ProxyFault) async throws {
        try await withScene(Self.item) { scene in
            try await withLine(scene) { proxy, settings in
                try await scene.running(settings) { _ in
                    try await scene.publish(Self.items(0..<1))
                    try await eventually("it writes") { try await scene.count("item") == 1 }
                    proxy.arm(fault, onSeeing: "COMMIT", .toServer)
                    try await scene.publish(Self.items(1..<21))
                    try await eventually("the connection is dead") { proxy.struck == 1 }
                    try await eventually("all is written and acknowledged", within: .seconds(45)) {
                        let count = try await scene.count("item")
                        let pending = try await scene.pending()
                        return count == 21 && pending == 0
                    }
                }
                #expect(try await scene.count("(SELECT DISTINCT id FROM item) d") == 21)
            }
        }
    }

    @Test func whoIsPausedForLongerThanItsLeaseWritesNothingAnyMore() async throws {
        try await withScene(Self.item) { scene in
            let other = try await scene.session()
            try await other.run("BEGIN; LOCK TABLE item IN ACCESS EXCLUSIVE MODE")
            try await scene.publish(Self.items(0..<20))
            try await scene.running { paused in
                try await eventually("it waits for the lock") {
                    try await scene.count("pg_locks WHERE NOT granted AND relation = 'item'::regclass") == 1
                }
                paused.signal(SIGSTOP)
                try await scene.running { _ in
                    // The transaction of the paused one holds the checkpoint: its successor ends it.
                    try await eventually("its successor owns the stream", within: .seconds(60)) {
                        try await scene.count("drainer.checkpoint WHERE epoch > 1") == 1
                    }
                    try await other.run("COMMIT")
                    try await eventually("its successor has written", within: .seconds(60)) {
                        try await scene.count("item") == 20
                    }
                    paused.signal(SIGCONT)
                    try await scene.publish(Self.items(20..<25))
                    try await eventually("all is written") { try await scene.count("item") == 25 }
                    try await eventually("all is acknowledged") { try await scene.pending() == 0 }
                }
            }
            #expect(try await scene.count("(SELECT DISTINCT id FROM item) d") == 25)
        }
    }

    /// Silent for good, or told of a reset at one end only.
    @Test(arguments: [ProxyFault.swallow(nil), .loseServer, .loseClient])
    func aRedisThatHangsOrIsHalfOpenIsLeftForANewConnection(fault: ProxyFault) async throws {
        try await withScene(Self.item) { scene in
            guard case .tcp(_, let port) = scene.redisAddress.endpoint else { throw ServerFailure("no port") }
            try await withFaultProxy(to: port) { proxy in
                let url = scene.settings["REDIS_URL"] ?? ""
                let settings = ["REDIS_URL": url.replacing(":\(port)/", with: ":\(proxy.port)/")]
                try await scene.running(settings) { _ in
                    try await scene.publish(Self.items(0..<5))
                    try await eventually("it writes") { try await scene.count("item") == 5 }
                    proxy.strike(fault)
                    try await scene.publish(Self.items(5..<25))
                    try await eventually("all is written and acknowledged", within: .seconds(90)) {
                        let count = try await scene.count("item")
                        let pending = try await scene.pending()
                        return count == 25 && pending == 0
                    }
                }
                #expect(try await scene.count("(SELECT DISTINCT id FROM item) d") == 25)
            }
        }
    }
}
