/// When to try a window again while the world is bad. A value: the writer waits, this says how long.
package struct RetrySchedule: Sendable {
    /// Tries in all before it is an outage.
    private let attempts: Int
    private let delay: Duration
    private var failures = 0

    /// In an outage a connection is tried anew at least this often.
    package static let longestConnectionWait = Duration.seconds(2)
    /// In an outage a statement that the server goes on refusing is tried at least this often.
    package static let longestStatementWait = Duration.seconds(30)

    package private(set) var isOutage = false

    package init(attempts: Int, delay: Duration) {
        self.attempts = attempts
        self.delay = delay
    }

    /// The wait before the next try.
    ///
    /// - Parameter jitter: 0…1, spreads a fleet's tries over the upper half of the wait.
    package mutating func wait(after failure: Unavailability, jitter: Double = .random(in: 0...1)) -> Duration {
        failures += 1
        isOutage = isOutage || failure.kind == .lasting || failures >= attempts
        let longest = failure.isConnection ? Self.longestConnectionWait : Self.longestStatementWait
        let doublings = min(failures - 1, 20)
        let full = delay * (1 << doublings)
        let capped = isOutage ? min(max(full, .milliseconds(100)), longest) : full
        return capped * (0.5 + jitter / 2)
    }
}
