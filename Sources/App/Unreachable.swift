import Postgres
import Redis

/// A server that a command cannot do its work with.
package struct Unreachable: Error, Sendable {
    enum Cause: Sendable {
        /// It may be there in a moment.
        case away(String)
        /// It refuses us.
        case permission(String)
        /// It is there, and of no use; in the form `<what>: <what to do>`.
        case unusable(String)

        init(_ error: RedisError) {
            self = error.isPermission ? .permission("\(error)") : .away("\(error)")
        }

        init(_ error: PostgresError) {
            self = error.isPermission ? .permission(error.description) : .away(error.description)
        }

        /// An operator must mend it: trying again is in vain.
        var isFinal: Bool {
            if case .away = self { false } else { true }
        }
    }

    let server: String
    let address: String
    let cause: Cause

    package var exitCode: ExitStatus {
        switch cause {
        case .away: .unreachable
        case .permission: .permission
        case .unusable: .configuration
        }
    }

    /// In the form `<what>: <what to do>`.
    package var description: String {
        let place = "\(server) at \(address)"
        return switch cause {
        case .away(let message):
            "\(place) cannot be reached (\(message)): start it, or correct "
                + (server == "Redis" ? "REDIS_URL" : "DATABASE_URL")
        case .permission(let message): "\(place) refuses us (\(message)): check the user, the password and the grants"
        case .unusable(let fault): "\(place): \(fault)"
        }
    }
}
