import App
import ArgumentParser
import Drain
import Entries
import Operations
import Redis
import Settings
import StreamSource

struct DeadLetters: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dead-letters",
        abstract: "Look at the entries that could not be written, try them again, or throw them away.",
        discussion: """
            Dead letters are kept in <stream>:dead. An ID is the one that the entry had in its
            stream, as 'list' shows it; without one, all are meant.

            Examples:
              drainer dead-letters list orders
              drainer dead-letters show orders 1700000000000-0
              drainer dead-letters retry orders
              drainer dead-letters discard orders 1700000000000-0 1700000000000-1 --yes
              drainer dead-letters skip orders 1700000000000-7 && drainer resume

            Exit: 0 done, also where letters were refused again; 64 usage, 69 a server cannot
            be reached, 75 ended before it could finish, 77 a permission is missing,
            78 configuration.
            """,
        subcommands: [List.self, Show.self, Retry.self, Skip.self, Discard.self]
    )

    /// What every one of them takes.
    struct Options: ParsableArguments {
        @Flag(help: "Print JSON.")
        var json = false

        @Argument(
            parsing: .allUnrecognized,
            help: ArgumentHelp("A stream, IDs, and settings as flags.", visibility: .hidden)
        )
        var arguments: [String] = []

        /// Reads the command line: a stream, then IDs.
        func load() async throws -> (stream: String, ids: [StreamID], settings: DrainerSettings) {
            let arguments = SettingArguments(arguments)
            let settings = try await arguments.load(words: .max)
            guard let stream = arguments.words.first else {
                throw giveUp(usage: "no STREAM: see 'drainer dead-letters --help'")
            }
            return (stream, try streamIDs(arguments.words.dropFirst()), settings)
        }

        func show(_ value: some Encodable, _ text: String) throws {
            print(json ? try jsonText(value) : text)
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List them: ID, error, table and time; no values.",
            usage: "drainer dead-letters list STREAM [ID ...] [--json] [--<setting> <value> ...]",
            discussion: "Example:\n  drainer dead-letters list orders --json | jq '.letters | length'"
        )

        @OptionGroup var options: Options

        func run() async throws {
            let (stream, ids, settings) = try await options.load()
            let letters = try await letterStream(stream, settings)
            let list = try await attempting(settings) { () async throws(ErrandFailure) in
                try await LetterList(of: letters, ids)
            }
            try options.show(list, list.text)
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show whole entries, their values too, and what PostgreSQL said.",
            usage: "drainer dead-letters show STREAM [ID ...] [--json] [--<setting> <value> ...]",
            discussion: "Example:\n  drainer dead-letters show orders 1700000000000-0"
        )

        @OptionGroup var options: Options

        func run() async throws {
            let (stream, ids, settings) = try await options.load()
            let letters = try await letterStream(stream, settings)
            let shown = try await attempting(settings) { () async throws(ErrandFailure) in
                try await ShownLetters(of: letters, ids)
            }
            try options.show(shown, shown.text)
        }
    }

    struct Retry: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write them, in the order of their stream; what is refused again stays.",
            usage: "drainer dead-letters retry STREAM [ID ...] [--json] [--<setting> <value> ...]",
            discussion: """
                Needs no running drainer, and is in no one's way. What is written is removed from
                <stream>:dead; what is refused again stays there with its new reason. With
                LEDGER=on a letter is written once, also where the command is killed and given
                anew. Later entries on the same rows were written before: look at 'show' first.

                Examples:
                  drainer dead-letters retry orders
                  drainer dead-letters retry orders 1700000000000-0 --json
                """
        )

        @OptionGroup var options: Options

        func run() async throws {
            let (stream, ids, settings) = try await options.load()
            let errand = try await Errand.begin(settings, stream: stream, name: "retry")
            let retry = try await attempting(settings) { () async throws(ErrandFailure) in
                try await Operations.Retry(errand, ids)
            }
            let signals = StopSignals(
                logger: errand.logger,
                whenForced: "ended before the letters in hand were written; the same command goes on"
            )
            let progress = ProgressLine(
                entries: { errand.totals.current.entries },
                left: { max(0, retry.count - errand.totals.current.entries) }
            )
            let report = try await showing(progress) {
                try await signals.during(stop: { await retry.stop() }) {
                    try await attempting(settings) { () async throws(ErrandFailure) in try await retry.run() }
                }
            }
            try options.show(report, report.text)
            guard report.isComplete else {
                throw giveUp(
                    unfinished: report.ending == "lost"
                        ? "another retry of \(stream) has begun: it goes on with the rest"
                        : "ended before it could finish: give the same command again"
                )
            }
        }
    }

    struct Skip: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Set entries of the stream itself aside, unwritten: such as the one that a stop policy ended at.",
            usage: "drainer dead-letters skip STREAM ID ... [--json] [--<setting> <value> ...]",
            discussion: """
                The entry becomes a dead letter (error: skipped), wherever in the stream it stands,
                and everything else is written as before. Takes the stream from the process that
                holds it, for a moment; works without any, too.

                Example:
                  drainer dead-letters skip orders 1700000000000-7 && drainer resume
                """
        )

        @OptionGroup var options: Options

        func run() async throws {
            let (stream, ids, settings) = try await options.load()
            guard !ids.isEmpty else {
                throw giveUp(usage: "no ID: give that of the entry, such as drainer:stop:reason names it")
            }
            let errand = try await Errand.begin(settings, stream: stream, name: "skip")
            let skip = Operations.Skip(errand, ids)
            let signals = StopSignals(
                logger: errand.logger,
                whenForced: "ended before the entry was set aside, or as it was: give the same command again"
            )
            let report = try await signals.during(stop: { await skip.stop() }) {
                try await attempting(settings) { () async throws(ErrandFailure) in
                    try await skip.run(whileHeld: tellHolder(stream))
                }
            }
            try options.show(report, report.text)
            guard report.isComplete else {
                throw giveUp(
                    unfinished: report.ending == "lost"
                        ? "another process has taken \(stream): give the same command again"
                        : "ended before it could finish: give the same command again"
                )
            }
        }
    }

    struct Discard: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Throw them away for good.",
            usage: "drainer dead-letters discard STREAM [ID ...] [--yes] [--json] [--<setting> <value> ...]",
            discussion: """
                Asks first, unless --yes is given or there is no terminal.

                Example:
                  drainer dead-letters discard orders 1700000000000-0
                """
        )

        @Flag(help: "Do not ask.")
        var yes = false

        @OptionGroup var options: Options

        func run() async throws {
            let (stream, ids, settings) = try await options.load()
            let errand = try await Errand.begin(
                settings,
                stream: stream,
                name: "discard",
                needsPostgres: settings.keepsLedger
            )
            let discard = try await attempting(settings) { () async throws(ErrandFailure) in
                try await Operations.Discard(errand, ids)
            }
            let question = "Throw \(discard.count) dead letters of \(stream) away for good?"
            guard discard.count == 0 || Consent.isGiven(question, yes: yes) else {
                throw giveUp(unfinished: "nothing was discarded: give --yes, or say y")
            }
            let report = try await attempting(settings) { () async throws(ErrandFailure) in try await discard.run() }
            try options.show(report, report.text)
        }
    }
}

/// The dead letters of a stream, once Redis answers.
private func letterStream(_ stream: String, _ settings: DrainerSettings) async throws -> DeadLetterStream {
    do throws(Unreachable) {
        return DeadLetterStream(connection: try await ServerAccess(settings).redis(), stream: stream)
    } catch {
        throw giveUp(error)
    }
}
