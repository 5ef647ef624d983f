import Logging
import Synchronization
import TestSupport
import Testing

@testable import Admin

/// Against real sockets.
@Suite(.serialized) struct AdminServerTests {
    @Test func eachPathHasItsAnswer() async throws {
        try await withServer { port, _ in
            let metrics = try await ask(port, "/metrics?x=1")
            #expect(metrics.status == 200)
            #expect(metrics.head.contains("text/plain; version=0.0.4"))
            #expect(metrics.body == "drainer_x 1\n")
            #expect(try await ask(port, "/healthz").status == 200)
            #expect(try await ask(port, "/readyz").body == #"{"ready":true,"reasons":[]}"# + "\n")
            #expect(try await ask(port, "/api/status").body == #"{"a":1}"#)
            #expect(try await ask(port, "/").body.contains("Ready."))
            #expect(try await ask(port, "/other").status == 404)
        }
    }

    @Test func whatIsWrongIsToldWith503AndAReasonWhileHealthStays200() async throws {
        try await withServer(readiness: Readiness(reasons: ["Redis: <gone> \"x\""])) { port, _ in
            let ready = try await ask(port, "/readyz")
            #expect(ready.status == 503)
            #expect(ready.body == #"{"ready":false,"reasons":["Redis: <gone> \"x\""]}"# + "\n")
            #expect(try await ask(port, "/healthz").status == 200)
            #expect(try await ask(port, "/").body.contains("&lt;gone&gt;"))
        }
    }

    @Test(arguments: ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
    func whatWouldChangeSomethingIsRefused(method: String) async throws {
        try await withServer { port, _ in
            let answer = try await ask(port, "/metrics", method: method, body: String(repeating: "x", count: 20_000))
            #expect(answer.status == 405)
            #expect(answer.head.contains("Allow: GET, HEAD"))
        }
    }

    @Test func headAnswersLikeGetWithoutABody() async throws {
        try await withServer { port, _ in
            let answer = try await ask(port, "/metrics", method: "HEAD")
            #expect(answer.status == 200)
            #expect(answer.head.contains("Content-Length: 12"))
            #expect(answer.body.isEmpty)
        }
    }

    @Test(arguments: [
        ("\u{16}\u{3}\u{1}", 400), ("GET\r\n\r\n", 400), ("GET / HTTP/9.9\r\n\r\n", 400), ("hello\n", 400),
        ("GET http://x/ HTTP/1.1\r\n\r\n", 400), ("GET /\u{0} HTTP/1.1\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nX: " + String(repeating: "a", count: 9000), 431),
        (String(repeating: "A", count: 9000), 431), ("GET /healthz HTTP/1.0\n\n", 200),
    ])
    func garbageAndHeadsWithoutEndAreRefusedAtOnce(text: String, status: Int) async throws {
        try await withServer { port, _ in
            let client = try RawClient(port: port)
            client.send(text)
            #expect(await client.answer().status == status)
        }
    }

    @Test func whoIsSlowIsCutOffHoweverBusily() async throws {
        var limits = AdminLimits()
        limits.exchange = .milliseconds(600)
        try await withServer(limits: limits) { port, server in
            let clients = try (0..<20).map { _ in try RawClient(port: port) }
            for client in clients { client.send("GET / HTTP/1.1\r\n") }
            try await eventually("the trickling clients are cut off", within: .seconds(20), every: .milliseconds(50)) {
                for client in clients { client.send("x") }
                return clients.allSatisfy(\.isEnded)
            }
            try await eventually("nothing is left open", within: .seconds(10)) { server.connectionCount == 0 }
        }
    }

    @Test func whoDoesNotReadItsAnswerIsCutOff() async throws {
        var limits = AdminLimits()
        limits.exchange = .milliseconds(600)
        try await withServer(limits: limits, page: String(repeating: "x", count: 20_000_000)) { port, server in
            let client = try RawClient(port: port)
            client.send("GET /metrics HTTP/1.1\r\n\r\n")
            try await eventually("it is connected", within: .seconds(10)) { server.connectionCount == 1 }
            try await eventually("it is cut off", within: .seconds(20)) { server.connectionCount == 0 }
            client.send("")
        }
    }

    @Test func beyondTheMostTheOldestGivesWay() async throws {
        var limits = AdminLimits()
        limits.connections = 8
        try await withServer(limits: limits) { port, server in
            let clients = try (0..<40).map { _ in try RawClient(port: port) }
            #expect(try await ask(port, "/healthz").status == 200)
            try await eventually("few are open", within: .seconds(10)) { server.connectionCount <= 8 }
            #expect(clients[0].isEnded)
        }
    }

    @Test func fourHundredSlowEndlessAndGarbageClientsDoNotKeepHealthFromAnswering() async throws {
        try await withServer { port, server in
            let clients = try (0..<400).map { _ in try RawClient(port: port) }
            let flood = [UInt8](repeating: UInt8(ascii: "A"), count: 65_536)
            let noise = (0..<4096).map { _ in UInt8.random(in: 0...255) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    while !Task.isCancelled {
                        for (number, client) in clients.enumerated() {
                            switch number % 4 {
                            case 0: client.send("G")
                            case 1: client.send(flood)
                            case 2: client.send(noise)
                            default: break
                            }
                        }
                        try await Task.sleep(for: .milliseconds(20))
                    }
                }
                defer { group.cancelAll() }
                for _ in 0..<20 {
                    let start = ContinuousClock.now
                    #expect(try await ask(port, "/healthz").status == 200)
                    #expect(start.duration(to: .now) < .seconds(5))
                    try await Task.sleep(for: .milliseconds(50))
                }
            }
            #expect(server.connectionCount <= 512)
        }
    }

    @Test func aTakenPortIsSaidInTheLogAndTriedAgain() async throws {
        try await withServer { port, _ in
            let lines = Lines()
            let logger = Logger(label: "test") { _ in lines }
            let second = server(port: port, logger: logger)
            try await withThrowingTaskGroup(of: Void.self) { group in
                defer { group.cancelAll() }
                group.addTask { try await second.run() }
                try await eventually("it is said", within: .seconds(20)) {
                    lines.all.contains { $0.contains("no HTTP") && $0.contains("127.0.0.1:\(port)") }
                }
                #expect(second.port == nil)
            }
        }
    }
}

/// A log that is kept.
private struct Lines: LogHandler {
    private final class Kept: Sendable {
        let lines = Mutex<[String]>([])
    }

    private let kept = Kept()
    var metadata = Logger.Metadata()
    var logLevel = Logger.Level.info

    var all: [String] { kept.lines.withLock { $0 } }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        kept.lines.withLock { $0.append("\(event.message) \(event.metadata ?? [:])") }
    }
}

private func server(
    port: Int = 0,
    limits: AdminLimits = AdminLimits(),
    readiness: Readiness = .ready,
    page: String = "drainer_x 1\n",
    logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
) -> AdminServer {
    AdminServer(
        address: AdminServer.Address(host: "127.0.0.1", port: port),
        limits: limits,
        logger: logger,
        page: { page },
        readiness: { readiness },
        status: { #"{"a":1}"# }
    )
}

/// Runs `work` beside a server on a free port, which ends with it.
private func withServer(
    limits: AdminLimits = AdminLimits(),
    readiness: Readiness = .ready,
    page: String = "drainer_x 1\n",
    _ work: (Int, AdminServer) async throws -> Void
) async throws {
    let server = server(limits: limits, readiness: readiness, page: page)
    try await withThrowingTaskGroup(of: Void.self) { group in
        defer { group.cancelAll() }
        group.addTask { try await server.run() }
        try await eventually("the server listens", within: .seconds(120)) { server.port != nil }
        try await work(server.port ?? 0, server)
    }
}
