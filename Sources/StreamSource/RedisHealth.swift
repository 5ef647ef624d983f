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
    }

    private let state = Mutex(State())

    package init() {}

    /// What is wrong; nil while Redis answers.
    package var trouble: String? {
        state.withLock { state in state.reasons.min { $0.key < $1.key }?.value }
    }

    /// A number for somebody who waits.
    func enroll() -> Int {
        state.withLock { state in
            state.lastNumber += 1
            return state.lastNumber
        }
    }

    /// Notes a failure; true where it is to be said aloud: at the start of an outage, then once a minute.
    func fail(_ number: Int, _ reason: String) -> Bool {
        state.withLock { state in
            state.reasons[number] = reason
            return state.complaint.isDue()
        }
    }

    /// Notes that Redis has answered; true where nobody waits any more.
    func recover(_ number: Int) -> Bool {
        state.withLock { state in
            guard state.reasons.removeValue(forKey: number) != nil, state.reasons.isEmpty else { return false }
            state.complaint = Complaint()
            return true
        }
    }
}
