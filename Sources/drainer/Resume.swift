import App
import ArgumentParser
import Operations
import Redis

struct Resume: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Let the processes go on after 'drainer pause', a stop policy or the breaker.",
        usage: "drainer resume [--json] [--<setting> <value> ...]",
        discussion: """
            Deletes drainer:stop and drainer:stop:reason in Redis, and says why they stood
            there: mend that cause first, or the fleet stops again.

            Example:
              drainer resume

            REDIS_URL and LIVE_PREFIX decide which fleet; see 'drainer run --help'.

            Exit: 0 done, also where nothing was paused; 64 usage, 69 Redis cannot be
            reached, 77 it refuses the login, 78 configuration.
            """
    )

    @Flag(help: "Print JSON.")
    var json = false

    @Argument(parsing: .allUnrecognized, help: ArgumentHelp("Settings as flags.", visibility: .hidden))
    var arguments: [String] = []

    func run() async throws {
        let settings = try await SettingArguments(arguments).load()
        try await withLiveKeys(settings) { store throws(RedisError) in
            let change = try await StopSwitch(store, settings).resume()
            return printed(change, change.text, json: json)
        }
    }
}
