import Postgres
import Redis
import Synchronization

/// Whether the servers answer, asked every second on connections of its own: workers ask only for their next window, and
/// a request of HTTP never waits for a server.
final class ServerWatch: Sendable {
    /// What a server last said.
    enum Answer: Sendable {
        case notYet
        case good
        case trouble(String)
    }

    private let answers = Mutex((redis: Answer.notYet, postgres: Answer.notYet))
    private static let interval = Duration.seconds(1)
    private static let patience = Duration.seconds(3)

    var redis: Answer { answers.withLock { $0.redis } }
    var postgres: Answer { answers.withLock { $0.postgres } }

    /// Asks Redis until cancelled.
    func ask(redis address: RedisAddress) async {
        let connection = RedisConnection(address: address, name: "probe")
        while !Task.isCancelled {
            var answer = Answer.good
            do throws(RedisError) {
                _ = try await connection.send(["PING"], timeout: Self.patience)
                if let fault = RedisConnection.fault(ofVersion: await connection.serverVersion) {
                    answer = .trouble(fault)
                }
            } catch {
                answer = .trouble("\(error)")
            }
            answers.withLock { $0.redis = answer }
            await pause()
        }
    }

    /// Asks PostgreSQL until cancelled.
    ///
    /// - Parameter isBusy: it has just taken a window, and need not be asked.
    func ask(postgres conninfo: String, unless isBusy: @Sendable () -> Bool) async {
        let connection = PostgresConnection(conninfo: conninfo, applicationName: "drainer-probe")
        while !Task.isCancelled {
            if !isBusy() {
                var answer = Answer.good
                do throws(PostgresError) {
                    if await !connection.isConnected { try await connection.connect(timeout: Self.patience) }
                    try await connection.run("SELECT 1", timeout: Self.patience)
                    if let fault = PostgresConnection.fault(ofVersion: await connection.serverVersion) {
                        answer = .trouble(fault)
                    }
                } catch {
                    answer = .trouble(error.description)
                }
                answers.withLock { $0.postgres = answer }
            }
            await pause()
        }
    }

    private func pause() async {
        // Cancellation ends the pause early, and the loop sees it.
        try? await Task.sleep(for: Self.interval)
    }
}

extension ServerWatch.Answer {
    /// What is wrong, as a reason for people; nil where nothing is.
    func trouble(of server: String) -> String? {
        switch self {
        case .notYet: "\(server) has not answered yet"
        case .good: nil
        case .trouble(let reason): "\(server): \(reason)"
        }
    }
}
