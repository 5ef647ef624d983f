import Foundation
import FoundationNetworking
import TestSupport
import Testing

/// What `/metrics` says of a running drainer.
@Suite struct MetricsTests {
    @Test func thePageTellsWhatWasDoneAndHowFarBehindItIs() async throws {
        try await withScene("CREATE TABLE item (id int PRIMARY KEY)") { scene in
            let port = FreePort.next()
            let settings = ["ADMIN_ADDRESS": "127.0.0.1:\(port)", "INSERT_BATCH_SIZE": "5", "STREAM_READ_COUNT": "100"]
            try await scene.publish((0..<20).map { Native.create("item", ["id": "\($0)"]) })
            try await scene.publish([Native.create("item", ["id": "\"no number\""])])
            try await scene.running(settings) { _ in
                try await eventually("everything is acknowledged") {
                    let length = try await scene.length()
                    return try await scene.pending() == 0 && length == 0
                }
                let wanted = [
                    #"drainer_entries_read_total 21"#, #"drainer_entries_acked_total 21"#,
                    #"drainer_dead_letters_total{table="public.item",reason="22P02"} 1"#,
                    #"drainer_batch_fallback_used_total{table="public.item"} 1"#,
                    #"drainer_stream_lag_entries{stream="orders"} 0"#,
                    #"drainer_stream_pending_entries{stream="orders"} 0"#,
                    #"drainer_dead_letter_entries{stream="orders"} 1"#, #"drainer_up{server="postgres"} 1"#,
                ]
                // The state of the streams is told every few seconds.
                _ = try? await eventually("the page tells it", within: .seconds(30)) {
                    let page = try await Self.page(port)
                    return wanted.allSatisfy { page.contains($0 + "\n") }
                }
                let page = try await Self.page(port)
                for line in wanted { #expect(page.contains(line + "\n"), "\(line)") }
            }
        }
    }

    private static func page(_ port: Int) async throws -> String {
        let url = try #require(URL(string: "http://127.0.0.1:\(port)/metrics"))
        // Not listening yet is an empty page.
        return (try? await URLSession.shared.data(from: url)).map { String(decoding: $0.0, as: UTF8.self) } ?? ""
    }
}
