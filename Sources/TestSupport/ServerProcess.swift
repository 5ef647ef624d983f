import Foundation
import Glibc
import Synchronization

/// The process of one server, started and ended any number of times on the same port and folder.
final class ServerProcess: Sendable {
    let launch: Launch
    private let name: String
    private let isReady: @Sendable () async -> Bool
    private let current = Mutex<ChildProcess?>(nil)

    /// - Parameter isReady: whether it serves.
    init(name: String, launch: Launch, isReady: @escaping @Sendable () async -> Bool) {
        self.name = name
        self.launch = launch
        self.isReady = isReady
    }

    var child: ChildProcess? { current.withLock { $0 } }

    /// What it has logged so far.
    var log: String { contents(ofFile: launch.errors) }

    /// Starts it and returns once it serves. A first try may fail because what was killed has not wholly gone yet.
    func start() async throws {
        guard child?.status != nil || child == nil else { throw ServerFailure("\(name) is running already") }
        for _ in 0..<3 {
            let child = try await ChildProcess.start(launch)
            current.withLock { $0 = child }
            try await eventually("\(name) serves; it says: \(tail)", within: .seconds(60)) {
                if child.status != nil { return true }
                return await isReady()
            }
            if child.status == nil { return }
            if log.contains("in use") { try await Task.sleep(for: .milliseconds(200)) } else { break }
        }
        let ending = child?.status.map { "\($0)" } ?? ""
        throw ServerFailure("\(name) did not start (\(ending)): \(tail)")
    }

    /// Ends it with `signal` and returns once it has gone.
    func stop(with signal: Int32) async throws {
        guard let child else { return }
        child.signal(signal)
        child.signal(SIGCONT)
        if await child.exit(within: .seconds(30)) == nil {
            await kill()
            throw ServerFailure("\(name) did not stop within 30 s of signal \(signal) and was killed: \(tail)")
        }
    }

    /// SIGKILL to it and its children at once: what a power cut leaves of the server, the machine apart.
    func kill() async {
        guard let child, child.status == nil else { return }
        freeze()
        for pid in children() { _ = Glibc.kill(pid, SIGKILL) }
        child.signal(SIGKILL)
        _ = await child.exit(within: .seconds(30))
    }

    /// SIGSTOP: connections stay open and nobody answers.
    func freeze() {
        guard let child, child.status == nil else { return }
        child.signal(SIGSTOP)
        for pid in children() { _ = Glibc.kill(pid, SIGSTOP) }
    }

    /// SIGCONT after `freeze`.
    func thaw() {
        guard let child, child.status == nil else { return }
        for pid in children() { _ = Glibc.kill(pid, SIGCONT) }
        child.signal(SIGCONT)
    }

    private func children() -> [Int32] {
        guard let child else { return [] }
        let numbers = ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap { Int32($0) }
        return numbers.filter { number in
            // "number (name) state parent …", and the name may hold anything.
            let status = contents(ofFile: "/proc/\(number)/stat")
            guard let name = status.lastIndex(of: ")") else { return false }
            let fields = status[name...].split(separator: " ")
            return fields.count > 2 && Int32(fields[2]) == child.pid
        }
    }

    private var tail: String { log.split(separator: "\n").suffix(8).joined(separator: "\n") }
}
