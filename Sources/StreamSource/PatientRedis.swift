import Logging
import Redis

/// Asks Redis until it answers: what a command has begun is not to be given up for an outage.
struct PatientRedis {
    let logger: Logger

    /// nil where the task was cancelled first.
    func answer<Answer: Sendable>(_ ask: () async throws(RedisError) -> Answer) async -> Answer? {
        var outage = Outage(RedisHealth())
        while !Task.isCancelled {
            do throws(RedisError) {
                let answer = try await ask()
                outage.isOver(logger)
                return answer
            } catch {
                // Cancellation ends the pause early, and the loop sees it.
                try? await Task.sleep(for: outage.wait(after: error, logger))
            }
        }
        return nil
    }
}
