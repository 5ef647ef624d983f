import Synchronization

/// Whether the database takes windows, for whoever asks: one value for the process, told by its writers.
package final class SinkHealth: Sendable {
    private struct State {
        var failing: Unavailability?
        var isOutage = false
        var complaint = Complaint()
        var lastCommit: ContinuousClock.Instant?
    }

    private let state = Mutex(State())

    package init() {}

    /// What is wrong; nil while all is well or a quick retry may mend it.
    package var outage: Unavailability? {
        state.withLock { $0.isOutage ? $0.failing : nil }
    }

    /// Whether a window was committed a moment ago: then nobody need ask the database whether it is there.
    package var hasCommittedLately: Bool {
        state.withLock { state in state.lastCommit.map { $0.duration(to: .now) < .seconds(2) } ?? false }
    }

    /// Notes a failure; true where it is to be said aloud: at the start of an outage, then once a minute.
    func fail(_ failure: Unavailability, isOutage: Bool) -> Bool {
        state.withLock { state in
            state.failing = failure
            state.isOutage = isOutage
            return isOutage && state.complaint.isDue()
        }
    }

    /// Notes that a window was committed; true where that ends an outage.
    func recover() -> Bool {
        state.withLock { state in
            defer { state = State(lastCommit: .now) }
            return state.isOutage
        }
    }
}

/// Says something at once, then at most once a minute.
package struct Complaint: Sendable {
    private let interval: Duration
    private var last: ContinuousClock.Instant?

    package init(every interval: Duration = .seconds(60)) {
        self.interval = interval
    }

    package mutating func isDue(now: ContinuousClock.Instant = .now) -> Bool {
        if let last, last.duration(to: now) < interval { return false }
        last = now
        return true
    }
}
