import App
import ArgumentParser
import Foundation
import Operations
import Postgres
import Redis
import Settings

struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the fleet: who holds which stream, how far behind it is, and why it waits.",
        usage: "drainer status [--json] [--watch] [--<setting> <value> ...]",
        discussion: """
            Read from Redis and PostgreSQL, whether or not a process is running: processes
            and their troubles, and of each stream its holder, lag, pending entries, the age
            of the oldest one, dead letters, checkpoint, and groups that keep it from being
            trimmed. Then the tables of the newest entries, with the columns in which their
            creates differ.

            Examples:
              drainer status
              drainer status --watch
              drainer status --json | jq '.streams[] | select(.lag > 1000)'

            REDIS_URL, DATABASE_URL, STREAM_NAMES and STREAM_GROUP decide which fleet.

            Exit: 0 done, 64 usage, 69 a server cannot be reached, 77 a login is refused,
            78 configuration.
            """
    )

    @Flag(help: "Print JSON, one object a line.")
    var json = false

    @Flag(help: "Show it again every two seconds, until interrupted.")
    var watch = false

    @Argument(parsing: .allUnrecognized, help: ArgumentHelp("Settings as flags.", visibility: .hidden))
    var arguments: [String] = []

    func run() async throws {
        let settings = try await SettingArguments(arguments).load()
        while true {
            let (status, failure) = await Self.read(settings)
            if let status {
                if watch, !json { print("\u{1B}[2J\u{1B}[H", terminator: "") }
                print(json ? status.json : status.text)
                // What is piped is to be seen at once.
                fflush(nil)
            }
            if let failure {
                guard watch else { throw giveUp(failure) }
                complain(failure.description)
            }
            if !watch { return }
            try await Task.sleep(for: .seconds(2))
        }
    }

    /// As much as the servers tell, and why one does not.
    static func read(_ settings: DrainerSettings) async -> (FleetStatus?, Unreachable?) {
        let access = ServerAccess(settings)
        let reader = StatusReader(settings)
        var status: FleetStatus
        let redis: RedisConnection
        do throws(Unreachable) {
            redis = try await access.redis()
            do throws(RedisError) {
                status = try await reader.status(from: redis)
                reader.add(try await RedisCheckup(redis, settings: settings).signatures(), to: &status)
            } catch {
                throw access.failure(error)
            }
        } catch {
            return (nil, error)
        }
        do throws(Unreachable) {
            let postgres = try await access.postgres()
            do throws(PostgresError) {
                try await reader.add(from: postgres, and: redis, to: &status)
            } catch {
                throw access.failure(error)
            }
        } catch {
            status.postgres = FleetStatus.Server(answers: false, reason: error.description)
            return (status, error)
        }
        return (status, nil)
    }
}
