import Drain
package import Postgres
package import Redis

/// Why a command could not do what it was asked.
package enum ErrandFailure: Error, Sendable {
    case redis(RedisError)
    case postgres(PostgresError)
    /// The words make no sense for what is there; in the form `<what>: <what to do>`.
    case usage(String)
    /// The settings do not; in the same form.
    case configuration(String)

    init(_ failure: SinkFailure) {
        switch failure {
        case .refused(let refusal):
            self = .postgres(PostgresError(sqlState: refusal.sqlState, message: refusal.message))
        case .unavailable(let reason):
            self = .postgres(PostgresError(sqlState: reason.sqlState, message: reason.message))
        case .fenced, .disowned, .stale:
            self = .postgres(PostgresError(sqlState: nil, message: "another process owns the stream"))
        }
    }
}

/// Asks Redis, with its errors as those of a command.
func asking<Answer>(_ ask: () async throws(RedisError) -> Answer) async throws(ErrandFailure) -> Answer {
    do throws(RedisError) { return try await ask() } catch { throw .redis(error) }
}

/// Asks PostgreSQL, with its errors as those of a command.
func asking<Answer>(_ ask: () async throws(PostgresError) -> Answer) async throws(ErrandFailure) -> Answer {
    do throws(PostgresError) { return try await ask() } catch { throw .postgres(error) }
}
