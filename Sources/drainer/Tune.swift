import App
import ArgumentParser
import Entries
import Operations
import Redis
import Settings
import StreamSource

struct Tune: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show and change the values that steer a running fleet.",
        discussion: """
            A live key of one table beats the one of all tables, which beats the setting:
            flag, environment, file, default. Keys: insert_batch_size, batch_chunk_size and
            batched_create_enabled, also for one table; stream_read_count, force_drain, stop.
            Processes take a change up within LIVE_REFRESH_MS, from their next window on.

            Examples:
              drainer tune list
              drainer tune get insert_batch_size --table atlas_app.person
              drainer tune set batched_create_enabled 1 --table atlas_app.person
              drainer tune unset insert_batch_size

            The settings shown are those that this command line, this environment and this
            file give: run it where the drainer runs.

            Exit: 0 done, 64 an unknown key or a value out of range, 69 Redis cannot be
            reached, 77 it refuses the login, 78 configuration.
            """,
        subcommands: [List.self, Get.self, Set.self, Unset.self],
        defaultSubcommand: List.self
    )

    /// What every one of them takes.
    struct Options: ParsableArguments {
        @Option(help: "The table that the key counts for, as schema.table.")
        var table: String?

        @Flag(help: "Print JSON.")
        var json = false

        @Argument(parsing: .allUnrecognized, help: ArgumentHelp("Words, and settings as flags.", visibility: .hidden))
        var arguments: [String] = []

        /// Reads the command line: as many words as `names`, and the settings.
        func load(_ names: [String]) async throws -> (words: [String], settings: DrainerSettings) {
            let arguments = SettingArguments(arguments)
            let settings = try await arguments.load(words: names.count)
            guard arguments.words.count == names.count else {
                let missing = names[arguments.words.count...].joined(separator: " and no ")
                throw giveUp(usage: "no \(missing): see 'drainer tune --help'")
            }
            return (arguments.words, settings)
        }

        func target(_ name: String, _ settings: DrainerSettings) throws -> LiveTarget {
            do throws(LiveTarget.Mistake) { return try LiveTarget(name, table: table, settings) } catch {
                throw giveUp(usage: error.description)
            }
        }

    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show every value in force, and where it comes from; also of tables with keys of their own.",
            usage: "drainer tune list [--table TABLE] [--json] [--<setting> <value> ...]",
            discussion: """
                Examples:
                  drainer tune list
                  drainer tune list --table atlas_app.person --json
                """
        )

        @OptionGroup var options: Options

        func run() async throws {
            let (_, settings) = try await options.load([])
            let table = options.table.map { TableName($0, defaultSchema: settings.databaseSchema) }
            try await withLiveKeys(settings) { store throws(RedisError) in
                let readings = try await Tuning(store, settings: settings).list(table: table)
                return printed(readings, readings.text, json: options.json)
            }
        }
    }

    struct Get: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show one value in force, and where it comes from.",
            usage: "drainer tune get KEY [--table TABLE] [--json] [--<setting> <value> ...]",
            discussion: """
                Example:
                  drainer tune get insert_batch_size --table atlas_app.person
                """
        )

        @OptionGroup var options: Options

        func run() async throws {
            let (words, settings) = try await options.load(["KEY"])
            let target = try options.target(words[0], settings)
            try await withLiveKeys(settings) { store throws(RedisError) in
                let reading = try await Tuning(store, settings: settings).get(target)
                return printed(reading, ([reading.text] + reading.warnings).joined(separator: "\n"), json: options.json)
            }
        }
    }

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Set a live key.",
            usage: "drainer tune set KEY VALUE [--table TABLE] [--json] [--<setting> <value> ...]",
            discussion: """
                Examples:
                  drainer tune set insert_batch_size 50 --table atlas_app.person
                  drainer tune set force_drain 1
                """
        )

        @OptionGroup var options: Options

        func run() async throws {
            let (words, settings) = try await options.load(["KEY", "VALUE"])
            let target = try options.target(words[0], settings)
            let value: Int
            do throws(LiveTarget.Mistake) { value = try target.value(of: words[1]) } catch {
                throw giveUp(usage: error.description)
            }
            try await withLiveKeys(settings) { store throws(RedisError) in
                let change = try await Tuning(store, settings: settings).set(target, to: value)
                return printed(change, change.text(within: settings.liveRefresh), json: options.json)
            }
        }
    }

    struct Unset: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Delete a live key, which gives the setting back.",
            usage: "drainer tune unset KEY [--table TABLE] [--json] [--<setting> <value> ...]",
            discussion: """
                Example:
                  drainer tune unset insert_batch_size --table atlas_app.person
                """
        )

        @OptionGroup var options: Options

        func run() async throws {
            let (words, settings) = try await options.load(["KEY"])
            let target = try options.target(words[0], settings)
            try await withLiveKeys(settings) { store throws(RedisError) in
                let change = try await Tuning(store, settings: settings).unset(target)
                return printed(change, change.text(within: settings.liveRefresh), json: options.json)
            }
        }
    }
}
