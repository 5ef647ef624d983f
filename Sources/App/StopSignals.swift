internal import Glibc
package import Logging
import Telemetry
import UnixSignals

/// Stops a process in two steps: the first SIGTERM or SIGINT asks it to stop, the second, or a stop of 25 s, ends it.
package struct StopSignals: Sendable {
    /// How long a stop may take before it is ended by force.
    private static let longestStop = Duration.seconds(25)

    private let logger: Logger
    private let lastWords: String

    /// - Parameter lastWords: what is said where it is ended by force.
    package init(logger: Logger, whenForced lastWords: String) {
        self.logger = logger
        self.lastWords = lastWords
    }

    /// Watches until cancelled.
    ///
    /// - Returns: whether a signal came.
    package func watch(_ stop: @escaping @Sendable () async -> Void) async -> Bool {
        var count = 0
        await withDiscardingTaskGroup { tasks in
            for await signal in await UnixSignalsSequence(trapping: .sigterm, .sigint) {
                count += 1
                if count > 1 { endByForce() }
                logger.notice("stopping: the window in hand is written first", metadata: [LogKey.signal: "\(signal)"])
                await stop()
                tasks.addTask {
                    // Cancelled by the end of the run: then there is nothing to end by force.
                    do { try await Task.sleep(for: Self.longestStop) } catch { return }
                    endByForce()
                }
            }
            tasks.cancelAll()
        }
        return count > 0
    }

    /// Runs `body` with an eye on the signals.
    package func during<Value: Sendable>(
        stop: @escaping @Sendable () async -> Void,
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask {
                _ = await watch(stop)
                return nil
            }
            group.addTask { try await body() }
            while let value = try await group.next() {
                guard let value else { continue }
                group.cancelAll()
                return value
            }
            throw CancellationError()
        }
    }

    /// Whatever a server or a thread still does.
    private func endByForce() -> Never {
        logger.warning("\(lastWords)")
        _exit(ExitStatus.unfinished.rawValue)
    }
}
