import Synchronization

/// A clock that stands until someone sleeps on it, and then is where the sleeper wanted it to be.
package final class TestClock: Clock, Sendable {
    package struct Instant: InstantProtocol {
        let offset: Duration

        package func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
        package func duration(to other: Instant) -> Duration { other.offset - offset }
        package static func < (lhs: Instant, rhs: Instant) -> Bool { lhs.offset < rhs.offset }
    }

    private struct State {
        var now = Duration.zero
        var sleeps: [Duration] = []
    }

    private let state = Mutex(State())
    private let onSleep: @Sendable (Duration) async -> Void

    /// - Parameter onSleep: what the world does while someone sleeps.
    package init(onSleep: @escaping @Sendable (Duration) async -> Void = { _ in }) {
        self.onSleep = onSleep
    }

    package var now: Instant { Instant(offset: state.withLock { $0.now }) }
    package var minimumResolution: Duration { .zero }

    /// How long everyone slept, in order.
    package var sleeps: [Duration] { state.withLock { $0.sleeps } }

    package func advance(by duration: Duration) {
        state.withLock { $0.now += duration }
    }

    package func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        try Task.checkCancellation()
        let length = state.withLock { state in
            let length = deadline.offset - state.now
            state.sleeps.append(length)
            state.now = max(state.now, deadline.offset)
            return length
        }
        await onSleep(length)
        try Task.checkCancellation()
    }
}
