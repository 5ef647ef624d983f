import Foundation
import Synchronization

/// What a soak has done so far, on standard error: one line that changes on a terminal, a line a minute elsewhere.
final class SoakProgress: Sendable {
    private struct State {
        var told: ContinuousClock.Instant
        var text = ""
    }

    private let mode: String
    private let start: ContinuousClock.Instant
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private let state: Mutex<State>

    init(mode: String, start: ContinuousClock.Instant) {
        self.mode = mode
        self.start = start
        state = Mutex(State(told: start))
    }

    func tell(_ text: String) {
        let now = ContinuousClock.now
        let isDue = state.withLock { state in
            state.text = text
            guard now - state.told >= (isTerminal ? .seconds(1) : .seconds(60)) else { return false }
            state.told = now
            return true
        }
        if isDue { write(text) }
    }

    func finish() {
        write(state.withLock { $0.text })
        if isTerminal { FileHandle.standardError.write(Data("\n".utf8)) }
    }

    private func write(_ text: String) {
        let seconds = (ContinuousClock.now - start).components.seconds
        let line = "\(mode): \(seconds / 60) min \(seconds % 60) s, \(text)"
        FileHandle.standardError.write(Data((isTerminal ? "\r\u{1B}[K\(line)" : "\(line)\n").utf8))
    }
}
