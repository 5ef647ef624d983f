import Drain
import Logging
import Redis
import Telemetry

/// A time during which Redis does not do what it is asked: how long to wait between tries, and when to say so.
struct Outage {
    private(set) var reason: String?
    private var failures = 0
    private var complaint = Complaint()

    /// Notes a failure, says so at once and then once a minute.
    mutating func wait(after error: RedisError, _ logger: Logger) -> Duration {
        failures += 1
        reason = "\(error)"
        if complaint.isDue() {
            logger.warning(
                "Redis does not answer as it should; trying until it does",
                metadata: [LogKey.reason: "\(error)"]
            )
        }
        return min(.milliseconds(50) * (1 << min(failures, 6)), .seconds(2)) * Double.random(in: 0.5...1)
    }

    mutating func isOver(_ logger: Logger) {
        guard reason != nil else { return }
        logger.notice("Redis is back")
        self = Outage()
    }
}
