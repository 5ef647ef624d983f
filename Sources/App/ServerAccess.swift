package import Postgres
package import Redis
package import Settings

/// Connections for the commands that ask or tell a server one thing and end.
package struct ServerAccess: Sendable {
    private static let limit = Duration.seconds(5)

    private let settings: DrainerSettings

    package init(_ settings: DrainerSettings) {
        self.settings = settings
    }

    /// - Throws: `Unreachable` after 5 s, at once for a refused login.
    package func redis() async throws(Unreachable) -> RedisConnection {
        let connection = RedisConnection(address: settings.redis, name: "command")
        let failure = await Application.reach("Redis", at: settings.redis.description, within: Self.limit) {
            do throws(RedisError) {
                try await connection.connect(timeout: Self.limit)
                return nil
            } catch {
                return Unreachable.Cause(error)
            }
        }
        if let failure { throw failure }
        return connection
    }

    /// - Throws: `Unreachable` after 5 s, at once for a refused login.
    package func postgres() async throws(Unreachable) -> PostgresConnection {
        let connection = PostgresConnection(conninfo: settings.database.text ?? "", applicationName: "drainer")
        let failure = await Application.reach("PostgreSQL", at: settings.database.description, within: Self.limit) {
            do throws(PostgresError) {
                try await connection.connect(timeout: Self.limit)
                return nil
            } catch {
                return Unreachable.Cause(error)
            }
        }
        if let failure { throw failure }
        return connection
    }

    /// What a server's refusal means for a command: the connection is lost, or a permission is missing.
    package func failure(_ error: RedisError) -> Unreachable {
        Unreachable(server: "Redis", address: settings.redis.description, cause: Unreachable.Cause(error))
    }

    package func failure(_ error: PostgresError) -> Unreachable {
        Unreachable(server: "PostgreSQL", address: settings.database.description, cause: Unreachable.Cause(error))
    }
}
