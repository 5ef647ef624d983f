import Foundation
import Redis
import TestSupport

/// An entry that Redis has taken.
struct Sent: Sendable {
    let stream: Int
    let number: Int
    let kind: Kind
    let key: Int
    let id: String
}

/// Writes entries into the streams, each exactly once whatever happens to Redis meanwhile: it chooses the IDs itself, so that
/// sending again what was not answered can be told from what Redis already holds.
actor Producer {
    /// Entries that may lie in the streams before it waits.
    private static let mostWaiting = 30_000

    private let stage: Stage
    private let connection: RedisConnection
    private let rate: Int
    private var generator: SeededGenerator
    private var workload: Workload
    private var last: [(milliseconds: Int64, sequence: Int)]
    private(set) var sent: [Sent] = []
    private var isStopped = false
    private var isHeld = false
    private var isIdle = true

    /// - Parameter rate: entries a second.
    init(_ stage: Stage, rate: Int, seed: UInt64) {
        self.stage = stage
        self.rate = rate
        connection = stage.redisConnection()
        generator = SeededGenerator(seed: seed &+ 1)
        workload = Workload(streams: stage.streams.count, seed: seed)
        last = Array(repeating: (0, 0), count: stage.streams.count)
    }

    var accounts: [Int: Int?] { workload.accounts }

    /// Lets `run` end after what it is about to send.
    func stop() { isStopped = true }

    /// Returns when all that was begun is in the streams; nothing is written from then on until `goOn`.
    func hold() async throws {
        isHeld = true
        while !isIdle { try await Task.sleep(for: .milliseconds(10)) }
    }

    func goOn() { isHeld = false }

    /// Writes until it is stopped.
    func run() async throws {
        let start = ContinuousClock.now
        var wanted = 0
        while !isStopped {
            if isHeld {
                try await Task.sleep(for: .milliseconds(10))
                continue
            }
            isIdle = false
            let page = nextPage()
            try await send(page)
            isIdle = true
            wanted += page.count
            let due = start + .seconds(1) * (Double(wanted) / Double(rate))
            if due > .now { try await Task.sleep(until: due, clock: .continuous) }
            while await stage.backlog(connection) ?? 0 > Self.mostWaiting, !isStopped {
                try await Task.sleep(for: .milliseconds(100))
            }
        }
    }

    /// Writes entries of these kinds into one stream at once, so that they are read together.
    func write(_ kinds: [Kind], to stream: Int) async throws {
        let page = kinds.map { workload.next(of: stream, $0) }
        let ids = page.map { nextID(of: $0.stream) }
        let commands = [["MULTI"]] + commands(page, ids) + [["EXEC"]]
        for reply in try await connection.send(commands).all() { _ = try reply.orThrow() }
        note(page, ids)
    }

    private func nextPage() -> [Item] {
        var page: [Item] = []
        let most = max(2, rate / 40 / stage.streams.count)
        for stream in stage.streams.indices where generator.chance(60) {
            for _ in 0..<Int.random(in: 1...most, using: &generator) { page.append(workload.next(of: stream)) }
        }
        return page
    }

    private func send(_ page: [Item]) async throws {
        let ids = page.map { nextID(of: $0.stream) }
        var commands = commands(page, ids)
        var isRepeat = false
        while !commands.isEmpty {
            do throws(RedisError) {
                // One that is still loading refuses some and, a moment later, takes the rest.
                _ = try await connection.send(["PING"])
                let replies = try await connection.send(commands).all()
                for case .error(let error) in replies where !(isRepeat && error.message.contains("equal or smaller")) {
                    throw error
                }
                commands = []
            } catch {
                guard error.endsConnection || error.code.rawValue == "LOADING" else { throw error }
                // Nobody knows which of them Redis holds now.
                isRepeat = true
                stage.timeline.note("producer: \(error)")
                try await Task.sleep(for: .milliseconds(50))
            }
        }
        note(page, ids)
    }

    private func commands(_ page: [Item], _ ids: [String]) -> [RedisCommand] {
        zip(page, ids).map { RedisCommand(["XADD", stage.streams[$0.stream], $1, "command", $0.command]) }
    }

    private func note(_ page: [Item], _ ids: [String]) {
        for (item, id) in zip(page, ids) {
            sent.append(Sent(stream: item.stream, number: item.number, kind: item.kind, key: item.key, id: id))
        }
    }

    private func nextID(of stream: Int) -> String {
        let now = Int64(Date.now.timeIntervalSince1970 * 1000)
        let previous = last[stream]
        last[stream] = now > previous.milliseconds ? (now, 0) : (previous.milliseconds, previous.sequence + 1)
        return "\(last[stream].milliseconds)-\(last[stream].sequence)"
    }
}
