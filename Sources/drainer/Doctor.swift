import App
import ArgumentParser
import Entries
import Operations
import Postgres
import Redis
import Settings

struct Doctor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check everything that a drainer depends on, and say what to do about it.",
        usage: "drainer doctor [--json] [--<setting> <value> ...]",
        discussion: """
            One line a check: versions, roles, clocks, eviction and persistence of Redis,
            the group of each stream and other groups that keep it from being trimmed,
            dead letters, retention, and of each table in the newest entries whether it is
            there and may be written. Then every setting, with where it comes from.
            Changes nothing.

            Examples:
              drainer doctor
              drainer doctor --config /etc/drainer.yaml --json | jq '.checks'

            Exit: 0 nothing fails (warnings may stand), 64 usage, 69 a server cannot be
            reached, 77 a login is refused or a permission is missing, 78 configuration.
            """
    )

    @Flag(help: "Print JSON.")
    var json = false

    @Argument(parsing: .allUnrecognized, help: ArgumentHelp("Settings as flags.", visibility: .hidden))
    var arguments: [String] = []

    func run() async throws {
        let settings = try await SettingArguments(arguments).load()
        let access = ServerAccess(settings)
        async let postgres = Self.reach { () throws(Unreachable) in try await access.postgres() }
        let (redis, signatures) = await redisChecks(access, settings)
        let database = await postgresChecks(access, signatures, await postgres)
        let checkup = Checkup(redis + database, settings: settings)
        print(json ? try jsonText(checkup) : checkup.text)
        for failure in checkup.checks where failure.verdict == .failure {
            // A server that is away is named by its finding already.
            let isNamed = failure.finding.hasPrefix(failure.subject)
            let what = isNamed ? failure.finding : "\(failure.subject): \(failure.finding)"
            complain((failure.remedy.map { "\(what): \($0)" } ?? what).line(upTo: 1000))
        }
        let status: App.ExitStatus? =
            switch checkup.trouble {
            case .none: nil
            case .unreachable: .unreachable
            case .permission: .permission
            case .configuration: .configuration
            }
        if let status { throw ExitCode(status.rawValue) }
    }

    /// The outcome of trying, which must not end the other server's checks.
    private static func reach<Value: Sendable>(
        _ attempt: @Sendable () async throws(Unreachable) -> Value
    ) async -> Result<Value, Unreachable> {
        do throws(Unreachable) { return .success(try await attempt()) } catch { return .failure(error) }
    }

    private func redisChecks(_ access: ServerAccess, _ settings: DrainerSettings) async -> (
        [Checkup.Check], Swift.Set<Signature>
    ) {
        do throws(Unreachable) {
            let connection = try await access.redis()
            do throws(RedisError) {
                let checkup = RedisCheckup(connection, settings: settings)
                return (try await checkup.checks(), try await checkup.signatures())
            } catch {
                throw access.failure(error)
            }
        } catch {
            return ([Checkup.Check("Redis", error)], [])
        }
    }

    private func postgresChecks(
        _ access: ServerAccess,
        _ signatures: Swift.Set<Signature>,
        _ connection: Result<PostgresConnection, Unreachable>
    ) async -> [Checkup.Check] {
        do throws(Unreachable) {
            let connection = try connection.get()
            do throws(PostgresError) {
                return try await PostgresCheckup(connection).checks(of: signatures)
            } catch {
                throw access.failure(error)
            }
        } catch {
            return [Checkup.Check("PostgreSQL", error)]
        }
    }
}

extension Checkup.Check {
    fileprivate init(_ server: String, _ failure: Unreachable) {
        self.init(
            server,
            .failure,
            failure.description,
            trouble: failure.exitCode == .permission ? .permission : .unreachable
        )
    }
}
