import Glibc
import Synchronization
import TestSupport

/// One place for a drainer, with its own proxies before Redis and PostgreSQL: the processes in it come and go.
final class Slot: Sendable {
    private struct State {
        var drainer: DrainerProcess?
        /// Its end will be our doing.
        var isSpent = false
        var isClosing = false
    }

    let number: Int
    let redis: FaultProxy
    let postgres: FaultProxy
    /// Every process that ran here.
    private let all = Mutex<[DrainerProcess]>([])
    private let state = Mutex(State())
    private let stage: Stage
    private let settings: [String: String]
    /// Ends of processes that nobody asked for, in words.
    private let surprises = Mutex<[String]>([])

    /// - Parameter settings: those that the others do not have.
    init(_ number: Int, _ stage: Stage, settings: [String: String] = [:]) throws {
        self.number = number
        self.stage = stage
        self.settings = settings
        redis = try FaultProxy(to: stage.redis.port)
        postgres = try FaultProxy(to: stage.postgres.port)
    }

    /// Starts a drainer, and another whenever one has ended, until `close`.
    ///
    /// - Parameter pauses: how long the place stays empty in between.
    func keepRunning(pauses: ClosedRange<Int>, seed: UInt64) async throws {
        var generator = SeededGenerator(seed: seed)
        let environment = stage.settings.merging([
            "REDIS_URL": "redis://127.0.0.1:\(redis.port)/0",
            "DATABASE_URL": "postgresql://postgres@127.0.0.1:\(postgres.port)/postgres",
            "STREAM_CONSUMER": "slot-\(number)",
        ]) { $1 }.merging(settings) { $1 }
        while !state.withLock({ $0.isClosing }) {
            let drainer = try await DrainerProcess.start(["run", "--summary", "json"], environment: environment)
            stage.timeline.note("slot \(number): process \(drainer.pid) starts")
            all.withLock { $0.append(drainer) }
            state.withLock { state in
                state.drainer = drainer
                state.isSpent = false
                // Closed while it started.
                if state.isClosing { drainer.signal(SIGTERM) }
            }
            let status = try await drainer.exit(within: .seconds(86_400))
            let isSpent = state.withLock { state in
                state.drainer = nil
                return state.isSpent || state.isClosing
            }
            stage.timeline.note("slot \(number): process \(drainer.pid) ended: \(status)")
            // A signal that comes before it listens for any ends it at once: it has done nothing yet.
            let hasBegun = !drainer.errors.isEmpty || !drainer.output.isEmpty
            let isOrderly =
                [.code(0), .code(75), .signal(SIGKILL)].contains(status) || (status == .signal(SIGTERM) && !hasBegun)
            if !isSpent || !isOrderly {
                let words = drainer.errors.split(separator: "\n").suffix(3).joined(separator: " | ")
                surprises.withLock {
                    $0.append("slot \(number), process \(drainer.pid), ended by itself: \(status): \(words)")
                }
            }
            if state.withLock({ $0.isClosing }) { break }
            try await Task.sleep(for: .milliseconds(Int.random(in: pauses, using: &generator)))
        }
    }

    /// Sends a signal to whatever runs here; nil where nothing does.
    ///
    /// - Parameter ends: whether it is to end by it.
    @discardableResult
    func signal(_ signal: Int32, ends: Bool) -> Int32? {
        state.withLock { state in
            guard let drainer = state.drainer else { return nil }
            if ends { state.isSpent = true }
            drainer.signal(signal)
            return drainer.pid
        }
    }

    /// Asks what runs here to stop, for good.
    func close() {
        state.withLock { state in
            state.isClosing = true
            state.drainer?.signal(SIGCONT)
            state.drainer?.signal(SIGTERM)
        }
    }

    func stopProxies() {
        redis.stop()
        postgres.stop()
    }

    func proxy(to server: Fault.Server) -> FaultProxy { server == .redis ? redis : postgres }

    var drainers: [DrainerProcess] { all.withLock { $0 } }
    var unexpectedEnds: [String] { surprises.withLock { $0 } }
}
