import TestSupport

/// Where a running drainer answers HTTP.
struct Admin: Sendable {
    let port = FreePort.next()

    var settings: [String: String] { ["ADMIN_ADDRESS": "127.0.0.1:\(port)"] }

    /// Returns once it answers.
    func listens() async throws {
        try await eventually("HTTP is answered on port \(port)") { (try? await get("/healthz"))?.status == 200 }
    }

    func get(_ path: String) async throws -> Answer { try await ask(port, path) }

    func page() async throws -> ParsedPage { try ParsedPage(try await get("/metrics").body) }
}

/// What metrics tell between two scrapes.
struct PageChange: Sendable {
    let before: ParsedPage
    let after: ParsedPage

    /// By how much the sum of the series with these labels has grown.
    func growth(_ name: String, _ labels: [String: String] = [:]) -> Double {
        after.sum("drainer_" + name, labels) - before.sum("drainer_" + name, labels)
    }
}
