import Drain
import Logging
import Redis
import Telemetry

/// A time during which Redis does not do what one of us asks: how long to wait between tries, and what to say.
struct Outage {
    private let health: RedisHealth
    private let number: Int
    private var failures = 0

    init(_ health: RedisHealth) {
        self.health = health
        number = health.enroll()
    }

    /// Notes a failure, says so at once and then once a minute.
    mutating func wait(after error: RedisError, _ logger: Logger) -> Duration {
        failures += 1
        if health.fail(number, "\(error)") {
            logger.warning(
                "Redis does not answer as it should; trying until it does",
                metadata: [LogKey.reason: "\(error)"]
            )
        }
        return min(.milliseconds(50) * (1 << min(failures, 6)), .seconds(2)) * Double.random(in: 0.5...1)
    }

    mutating func isOver(_ logger: Logger) {
        guard failures > 0 else { return }
        failures = 0
        if health.recover(number) { logger.notice("Redis is back") }
    }
}
