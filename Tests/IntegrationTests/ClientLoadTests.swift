import Postgres
import TestSupport
import Testing

/// Clients of HTTP that are slow, endless or garbage cost the drain nothing, and neither do they keep `/healthz` waiting.
@Suite(.serialized) struct ClientLoadTests {
    private static let entries = 6000

    /// What a drain of `entries` took.
    private struct Cost {
        let wall: Duration
        /// Of the drainer, on all cores.
        let processor: Duration
    }

    /// The more telling of several: others use this machine, too.
    private static func best(_ costs: [Cost]) -> Cost {
        Cost(
            wall: costs.map(\.wall).min() ?? .zero,
            processor: costs.map(\.processor).min() ?? .zero
        )
    }

    @Test func fourHundredClientsCostTheDrainNothing() async throws {
        try await withScene("CREATE TABLE item (id int PRIMARY KEY)") { scene in
            let admin = Admin()
            try await scene.running(admin.settings) { drainer in
                try await admin.listens()
                var next = 0
                func drain() async throws -> Cost {
                    let ids = next..<(next + Self.entries)
                    next = ids.upperBound
                    let (start, used) = (ContinuousClock.now, try drainer.processorTime())
                    try await scene.publish(ids.map { Native.create("item", ["id": "\($0)"]) })
                    try await eventually("they are drained", every: .milliseconds(2)) { try await scene.length() == 0 }
                    return Cost(
                        wall: start.duration(to: .now),
                        processor: try drainer.processorTime() - used
                    )
                }
                _ = try await drain()
                var alone: [Cost] = []
                var crowded: [Cost] = []
                var waits: [Duration] = []
                for _ in 0..<3 {
                    alone.append(try await drain())
                    try await withCrowd(at: admin.port) {
                        crowded.append(try await drain())
                        for _ in 0..<10 {
                            let start = ContinuousClock.now
                            #expect(try await admin.get("/healthz").status == 200)
                            waits.append(start.duration(to: .now))
                        }
                    }
                }
                let (without, with) = (Self.best(alone), Self.best(crowded))
                let figures: Comment = """
                    \(Self.entries) entries: alone \(without.wall), \(without.processor) of processors; \
                    crowded \(with.wall), \(with.processor); /healthz \(waits.sorted())
                    """
                // What the drainer spends tells, however busy the machine is. The crowd itself runs here, beside the drain.
                #expect(with.processor < without.processor * 1.5 + with.wall * 0.2, figures)
                #expect(with.wall < without.wall * 3 + .seconds(2), figures)
                #expect(waits.sorted()[waits.count / 2] < .milliseconds(500), figures)
                #expect(waits.max() ?? .zero < .seconds(5), figures)
            }
        }
    }

    @Test func serversThatHangKeepNobodyWaiting() async throws {
        try await withScene(ownRedis: [:], "CREATE TABLE item (id int PRIMARY KEY)") { scene, redis in
            let admin = Admin()
            let other = try await scene.session()
            try await scene.running(admin.settings) { _ in
                try await admin.listens()
                try await eventually("it is ready") { try await admin.get("/readyz").status == 200 }
                // A window that waits for PostgreSQL, and a Redis that does not answer.
                try await other.run("BEGIN; LOCK TABLE item IN ACCESS EXCLUSIVE MODE")
                try await scene.publish((0..<50).map { Native.create("item", ["id": "\($0)"]) })
                try await eventually("they are in hand") { try await scene.pending() == 50 }
                redis.freeze()
                defer { redis.thaw() }
                for path in ["/healthz", "/metrics", "/readyz", "/api/status", "/"] {
                    let start = ContinuousClock.now
                    #expect([200, 503].contains(try await admin.get(path).status))
                    #expect(start.duration(to: .now) < .seconds(1), "\(path)")
                }
            }
        }
    }
}

/// Runs `body` beside 400 clients: a quarter each sends a byte now and then, a head without end, garbage, nothing. Who is
/// cut off comes back.
private func withCrowd(at port: Int, _ body: () async throws -> Void) async throws {
    let clients = try (0..<400).map { _ in try RawClient(port: port) }
    let flood = [UInt8](repeating: UInt8(ascii: "A"), count: 4096)
    let noise = (0..<512).map { _ in UInt8.random(in: 0...255) }
    try await withThrowingTaskGroup(of: Void.self) { group in
        defer { group.cancelAll() }
        group.addTask {
            var clients = clients
            while !Task.isCancelled {
                for number in clients.indices {
                    switch number % 4 {
                    case 0: clients[number].send("G")
                    case 1: clients[number].send(flood)
                    case 2: clients[number].send(noise)
                    default: break
                    }
                    if clients[number].isEnded { clients[number] = try RawClient(port: port) }
                }
                try await Task.sleep(for: .milliseconds(200))
            }
        }
        try await body()
    }
}
