internal import Foundation

/// An answer; the connection ends with it.
struct Response: Sendable {
    enum Status: Int, Sendable {
        case ok = 200
        case badRequest = 400
        case notFound = 404
        case methodNotAllowed = 405
        case headTooLarge = 431
        case notReady = 503

        var phrase: String {
            switch self {
            case .ok: "OK"
            case .badRequest: "Bad Request"
            case .notFound: "Not Found"
            case .methodNotAllowed: "Method Not Allowed"
            case .headTooLarge: "Request Header Fields Too Large"
            case .notReady: "Service Unavailable"
            }
        }
    }

    enum ContentType: String, Sendable {
        case text = "text/plain; charset=utf-8"
        case metrics = "text/plain; version=0.0.4; charset=utf-8"
        case json = "application/json"
        case html = "text/html; charset=utf-8"
    }

    let status: Status
    let type: ContentType
    let body: Data

    init(_ status: Status, _ type: ContentType, _ body: Data) {
        self.status = status
        self.type = type
        self.body = body
    }

    /// A line of text that says the status.
    init(_ status: Status) {
        self.init(status, .text, Data("\(status.phrase)\n".utf8))
    }

    static func json(_ status: Status = .ok, _ value: some Encodable) -> Response {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Strings and truth values always make valid JSON.
        return Response(status, .json, ((try? encoder.encode(value)) ?? Data("{}".utf8)) + Data("\n".utf8))
    }

    var head: Data {
        var lines = [
            "HTTP/1.1 \(status.rawValue) \(status.phrase)",
            "Content-Type: \(type.rawValue)",
            "Content-Length: \(body.count)",
            "Cache-Control: no-store",
            "X-Content-Type-Options: nosniff",
            "Connection: close",
        ]
        if status == .methodNotAllowed { lines.append("Allow: GET, HEAD") }
        return Data((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
    }
}
