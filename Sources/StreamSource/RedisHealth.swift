import Drain
import Synchronization

/// Whether Redis does what it is asked, for whoever asks: one value for the process, told by everything in it that waits
/// for Redis, so that an outage is said once whatever the number of workers.
package final class RedisHealth: Sendable {
    private struct State {
        /// What keeps each of those who wait.
        var reasons: [Int: String] = [:]
        var lastNumber = 0
        var complaint = Complaint()
        /// Whether the outage was said.
        var isSaid = false
        /// When the last one that was said was over.
        var end: ContinuousClock.Instant?
    }

    /// For so long after an outage somebody may come to a connection that has died in it.
    private static let aftermath = Duration.seconds(5)

    private let state = Mutex(State())

    package init() {}

    /// What is wrong; nil while Redis answers.
    package var trouble: String? {
        state.withLock { state in state.reasons.min { $0.key < $1.key }?.value }
    }

    /// A number for somebody who waits.
    package func enroll() -> Int {
        state.withLock { state in
            state.lastNumber += 1
            return state.lastNumber
        }
    }

    /// Notes a failure; true where it is to be said aloud: at the start of an outage, then once a minute.
    package func fail(_ number: Int, _ reason: String, now: ContinuousClock.Instant = .now) -> Bool {
        state.withLock { state in
            let isFirst = state.reasons.updateValue(reason, forKey: number) == nil
            // News only if it fails again.
            if isFirst, let end = state.end, end.duration(to: now) < Self.aftermath { return false }
            guard state.complaint.isDue(now: now) else { return false }
            state.isSaid = true
            return true
        }
    }

    /// Notes that Redis has answered; true where nobody waits any more and that is to be said.
    package func recover(_ number: Int, now: ContinuousClock.Instant = .now) -> Bool {
        state.withLock { state in
            guard state.reasons.removeValue(forKey: number) != nil, state.reasons.isEmpty, state.isSaid else {
                return false
            }
            state.complaint = Complaint()
            state.isSaid = false
            state.end = now
            return true
        }
    }
}
