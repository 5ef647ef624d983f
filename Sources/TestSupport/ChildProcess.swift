import Foundation
import Glibc
import Synchronization

/// How a process ended.
package enum ExitStatus: Sendable, Hashable, CustomStringConvertible {
    case code(Int32)
    case signal(Int32)

    package var description: String {
        switch self {
        case .code(let code): "exit \(code)"
        case .signal(let signal): "signal \(signal)"
        }
    }
}

/// A process of ours. It gets a process group of its own, so that Ctrl-C in a terminal reaches the tests and not it.
///
/// A thread of its own starts it and sits in `waitid` until it ends: nothing here blocks the cooperative pool.
package final class ChildProcess: Sendable {
    package let pid: Int32

    private struct State {
        var status: ExitStatus?
        var waiting: [AsyncStream<Never>.Continuation] = []
    }

    private let state = Mutex(State())

    private init(pid: Int32) {
        self.pid = pid
    }

    /// - Throws: `ServerFailure` naming the executable and the reason.
    package static func start(_ launch: Launch) async throws -> ChildProcess {
        try await withCheckedThrowingContinuation { continuation in
            let thread = Thread {
                let child: ChildProcess
                do {
                    child = ChildProcess(pid: try launch.spawn())
                } catch {
                    return continuation.resume(throwing: error)
                }
                continuation.resume(returning: child)
                child.reap()
            }
            thread.stackSize = 256 * 1024
            thread.start()
        }
    }

    /// How it ended; nil while it runs.
    package var status: ExitStatus? { state.withLock { $0.status } }

    /// Does nothing once the process has ended: its number may then be another's.
    package func signal(_ number: Int32) {
        state.withLock { state in
            if state.status == nil { _ = Glibc.kill(pid, number) }
        }
    }

    /// Waits for the end; nil when `limit` passes first or the task is cancelled.
    package func exit(within limit: Duration) async -> ExitStatus? {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { for await _ in self.ending() {} }
            group.addTask { try? await Task.sleep(for: limit) }
            await group.next()
            group.cancelAll()
        }
        return status
    }

    /// Finishes when the process has ended.
    private func ending() -> AsyncStream<Never> {
        let (stream, continuation) = AsyncStream.makeStream(of: Never.self)
        state.withLock { state in
            if state.status == nil { state.waiting.append(continuation) } else { continuation.finish() }
        }
        return stream
    }

    private func reap() {
        // Looking and taking are two calls so that `signal` never meets a number that is already free.
        var information = siginfo_t()
        while waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT) != 0, errno == EINTR {}
        let waiting = state.withLock { state in
            var raw: Int32 = 0
            waitpid(pid, &raw, 0)
            let signal = raw & 0x7f
            state.status = signal == 0 ? .code((raw >> 8) & 0xff) : .signal(signal)
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.finish() }
    }
}
