internal import Foundation

/// What is at each path. It only asks for snapshots: nothing here waits for a server, a lock that is held long, or C.
struct AdminPages: Sendable {
    let page: CachedPage
    let readiness: @Sendable () -> Readiness
    let status: @Sendable () -> String

    func answer(_ head: RequestHead) async -> Response {
        guard head.method == "GET" || head.method == "HEAD" else { return Response(.methodNotAllowed) }
        switch head.path {
        case "/metrics": return Response(.ok, .metrics, await page.current())
        // The process answers, so it works; that it may be paused is readiness' to say.
        case "/healthz": return Response(.ok)
        case "/readyz": return readyz()
        case "/api/status": return Response(.ok, .json, Data(status().utf8))
        case "/": return Response(.ok, .html, Data(front.utf8))
        default: return Response(.notFound)
        }
    }

    private struct ReadyAnswer: Encodable {
        let ready: Bool
        let reasons: [String]
    }

    private func readyz() -> Response {
        let readiness = readiness()
        return .json(
            readiness.isReady ? .ok : .notReady,
            ReadyAnswer(ready: readiness.isReady, reasons: readiness.reasons)
        )
    }

    /// For people: how it is, and where to look on.
    private var front: String {
        let reasons = readiness().reasons.map { "<li>\(Self.escaped($0))</li>" }.joined()
        return """
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><title>drainer</title></head>
            <body><h1>drainer</h1>
            <p>\(reasons.isEmpty ? "Ready." : "Not ready:")</p>\(reasons.isEmpty ? "" : "<ul>\(reasons)</ul>")
            <pre>\(Self.escaped(readableStatus))</pre>
            <ul><li><a href="/metrics">/metrics</a> for Prometheus</li>
            <li><a href="/api/status">/api/status</a> as JSON</li>
            <li><a href="/readyz">/readyz</a>, <a href="/healthz">/healthz</a></li></ul>
            </body></html>

            """
    }

    /// The status with a value a line.
    private var readableStatus: String {
        let text = status()
        // What is no JSON is shown as it is.
        guard let object = try? JSONSerialization.jsonObject(with: Data(text.utf8)),
            let data = try? JSONSerialization.data(
                withJSONObject: object,
                options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            )
        else { return text }
        return String(decoding: data, as: UTF8.self)
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }
}

/// The page of metrics, made once for all who ask at about the same time: a thousand scrapes cost one rendering.
actor CachedPage {
    private let age: Duration
    private let make: @Sendable () -> String
    private var made: (at: ContinuousClock.Instant, page: Data)?

    init(age: Duration, make: @escaping @Sendable () -> String) {
        self.age = age
        self.make = make
    }

    func current() -> Data {
        if let made, made.at.duration(to: .now) < age { return made.page }
        let page = Data(make().utf8)
        made = (.now, page)
        return page
    }
}
