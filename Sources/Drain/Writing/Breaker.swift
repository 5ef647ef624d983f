import Synchronization

/// Watches the share of dead letters among the last entries of this process: where most rows are refused, the world is
/// wrong and not the rows.
package struct Breaker: Sendable {
    /// Entries looked back on.
    package static let span = 1000
    /// Below this many entries nothing is judged.
    package static let least = 100

    /// Of each of the last entries, whether it became a dead letter; oldest first.
    private var recent: [Bool] = []

    package init() {}

    /// The record as it would be after a window.
    ///
    /// - Parameter isDead: of each entry of the window in stream order, whether it becomes a dead letter.
    package func after(_ isDead: some Collection<Bool>) -> Breaker {
        var result = self
        result.recent = Array((recent + isDead).suffix(Self.span))
        return result
    }

    /// Whether more than `percent` of the entries on record are dead letters; never at 0.
    package func isTripped(at percent: Int) -> Bool {
        guard percent > 0, recent.count >= Self.least else { return false }
        return recent.count { $0 } * 100 > recent.count * percent
    }

    /// Dead letters and entries on record.
    package var share: (deadLetters: Int, entries: Int) { (recent.count { $0 }, recent.count) }
}

/// The breaker's record of a process, kept by all its writers together.
package final class SharedBreaker: Sendable {
    private let breaker = Mutex(Breaker())

    package init() {}

    var current: Breaker { breaker.withLock { $0 } }

    /// Adds the entries of a window that was committed.
    func add(_ isDead: [Bool]) {
        breaker.withLock { $0 = $0.after(isDead) }
    }

    func forget() {
        breaker.withLock { $0 = Breaker() }
    }
}
