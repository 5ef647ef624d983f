import Postgres
import Redis
import StreamSource
import Synchronization

/// What is wrong with the servers, as last seen: asked for often, so that a request of HTTP never waits for a source
/// that is busy with a window.
final class ServerWatch: Sendable {
    private struct State {
        var redis: String?
        var hasPostgresAnswered = false
    }

    private let state = Mutex(State())
    private static let interval = Duration.milliseconds(250)

    /// What the sources say of Redis; nil while it answers.
    var redisTrouble: String? { state.withLock { $0.redis } }
    /// Whether PostgreSQL has taken a connection since the start.
    var hasPostgresAnswered: Bool { state.withLock { $0.hasPostgresAnswered } }

    /// Looks until cancelled.
    func look(at sources: [RedisSource]) async {
        while !Task.isCancelled {
            var trouble: String?
            for source in sources where trouble == nil { trouble = await source.trouble }
            state.withLock { $0.redis = trouble }
            // Cancellation ends the pause early, and the loop sees it.
            try? await Task.sleep(for: Self.interval)
        }
    }

    /// Tries a connection of its own until PostgreSQL takes it: a worker connects for its first window only.
    ///
    /// - Parameter tell: is told once what it says of `fsync`.
    func awaitPostgres(_ conninfo: String, tell: (_ fsync: String) -> Void) async {
        let probe = PostgresConnection(conninfo: conninfo, applicationName: "drainer")
        while !Task.isCancelled {
            do throws(PostgresError) {
                try await probe.connect()
                tell(try await probe.run("SHOW fsync").rows.first?.first.flatMap { $0 } ?? "unknown")
                await probe.disconnect()
                state.withLock { $0.hasPostgresAnswered = true }
                return
            } catch {
                // Readiness says that it does not answer yet.
                try? await Task.sleep(for: .seconds(1))
            }
        }
    }
}
