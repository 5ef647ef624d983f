import App
import ArgumentParser
import Operations
import Redis
import Settings
import StreamSource

struct Pause: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Have every process stop taking entries, until 'drainer resume'.",
        usage: "drainer pause [--reason TEXT] [--json] [--<setting> <value> ...]",
        discussion: """
            Sets drainer:stop and drainer:stop:reason in Redis. A process commits and
            acknowledges its window, then waits; entries stay in their streams, and nothing
            is lost.

            Examples:
              drainer pause --reason 'migration of atlas_app.person'
              REDIS_URL=redis://10.0.0.5:6379/0 drainer pause

            REDIS_URL and LIVE_PREFIX decide which fleet; see 'drainer run --help'.

            Exit: 0 done, 64 usage, 69 Redis cannot be reached, 77 it refuses the login,
            78 configuration.
            """
    )

    @Option(help: "Why, shown by the processes and to whoever resumes.")
    var reason: String?

    @Flag(help: "Print JSON.")
    var json = false

    @Argument(parsing: .allUnrecognized, help: ArgumentHelp("Settings as flags.", visibility: .hidden))
    var arguments: [String] = []

    func run() async throws {
        let settings = try await SettingArguments(arguments).load()
        try await withLiveKeys(settings) { store throws(RedisError) in
            let change = try await StopSwitch(store, settings).pause(reason: reason?.line(upTo: 1000))
            return printed(change, change.text, json: json)
        }
    }
}

extension StopSwitch {
    init(_ store: LiveKeyStore, _ settings: DrainerSettings) {
        self.init(store, prefix: settings.livePrefix, refresh: settings.liveRefresh)
    }
}

/// Prints what `body` answers, or ends the command where Redis does not do what it is asked.
func withLiveKeys(
    _ settings: DrainerSettings,
    _ body: (LiveKeyStore) async throws(RedisError) -> String
) async throws {
    let access = ServerAccess(settings)
    do throws(Unreachable) {
        let connection = try await access.redis()
        do throws(RedisError) {
            print(try await body(LiveKeyStore(connection: connection, prefix: settings.livePrefix)))
        } catch {
            throw access.failure(error)
        }
    } catch {
        throw giveUp(error)
    }
}
