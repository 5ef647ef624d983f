import Drain
import Synchronization

/// Rules that a test changes between windows, as an operator does.
final class SwitchedRules: Sendable {
    private let rules: Mutex<DrainRules>

    init(_ rules: DrainRules) { self.rules = Mutex(rules) }

    var current: DrainRules { rules.withLock { $0 } }

    func set(_ rules: DrainRules) { self.rules.withLock { $0 = rules } }
}
