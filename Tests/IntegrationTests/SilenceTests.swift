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
}
