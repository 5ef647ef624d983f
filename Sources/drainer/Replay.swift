import App
import ArgumentParser
import Drain
import Entries
import Operations
import Settings
import StreamSource

struct Replay: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write entries again that were acknowledged and are still in their stream.",
        usage: """
            drainer replay STREAM --from ID|TIME|checkpoint [--to ID|TIME] [--table TABLE] [--dry-run] [--yes]
                           [--json] [--<setting> <value> ...]
            """,
        discussion: """
            Counts first, and asks before it writes, unless --yes is given or there is no
            terminal. Takes the stream from the process that holds it, which gives it up at
            its next window, writes, and gives it back; works without any, too. The rows go
            the road of every entry: the same batches, settings and live keys.

            Without --to it runs to the last entry that has taken effect, so that the last
            writer of every row wins again. With --to or --table it says what is left out
            and would go back in time. STREAM_RETENTION decides what is still there.

            With LEDGER=on every entry of the range is written again once, also where the
            command is killed and given anew: it goes on where it was. What is refused again
            becomes a dead letter, unless it is one, and does not end it. drainer:stop does
            not, either.

            --from checkpoint writes what a database restored from a backup lacks, behind its
            checkpoint, as a drainer does by itself when it starts.

            TIME is 2026-11-26, 2026-11-26T10:30 or 2026-11-26T10:30:00.250+01:00, in UTC
            where it has no offset.

            Examples:
              drainer replay orders --from 2026-11-26T10:00 --dry-run
              drainer replay orders --from 1700000000000-0 --yes
              drainer replay 'events{shard-3}' --from 2026-11-26 --table atlas_app.person
              drainer replay orders --from checkpoint --yes --json | jq .result

            Exit: 0 done, 64 usage, 69 a server cannot be reached, 75 ended before it could
            finish (the same command goes on), 77 a permission is missing, 78 configuration.
            """
    )

    @Option(help: "Where to begin: an ID, a time, or checkpoint.")
    var from: String?

    @Option(help: "Where to end; the last entry that has taken effect unless given.")
    var to: String?

    @Option(help: "Only entries of this table, as schema.table.")
    var table: String?

    @Flag(help: "Only count.")
    var dryRun = false

    @Flag(help: "Do not ask.")
    var yes = false

    @Flag(help: "Print JSON.")
    var json = false

    @Argument(parsing: .allUnrecognized, help: ArgumentHelp("A stream, and settings as flags.", visibility: .hidden))
    var arguments: [String] = []

    /// What is printed for machines.
    private struct Output: Encodable {
        let plan: ReplayPlan
        var result: ReplayReport?
    }

    func run() async throws {
        let arguments = SettingArguments(arguments)
        let settings = try await arguments.load(words: 1)
        guard let stream = arguments.words.first else {
            throw giveUp(usage: "no STREAM: see 'drainer replay --help'")
        }
        let extent = try extent(settings)
        let errand = try await Errand.begin(settings, stream: stream, name: "replay")
        let replay = Operations.Replay(errand, extent)
        let plan = try await attempting(settings) { () async throws(ErrandFailure) in try await replay.plan() }
        if dryRun || (plan.entries == 0 && plan.goesOnBehind == nil) {
            print(json ? try jsonText(Output(plan: plan)) : plan.text)
            return
        }
        if !json { print(plan.text) }
        if settings.ordering == .none {
            complain("ORDERING=none: other processes may write entries of \(stream) at the same time, in any order")
        }
        guard Consent.isGiven(plan.warnings.isEmpty ? "Write them?" : "Write them all the same?", yes: yes) else {
            throw giveUp(unfinished: "nothing was written: give --yes, or say y")
        }
        let report = try await write(replay, plan, errand)
        print(json ? try jsonText(Output(plan: plan, result: report)) : report.text)
        guard report.isComplete else {
            throw giveUp(
                unfinished: report.ending == "lost"
                    ? "another process has taken \(stream): give the same command again, it goes on where it was"
                    : "ended before it could finish: give the same command again, it goes on where it was"
            )
        }
    }

    private func write(_ replay: Operations.Replay, _ plan: ReplayPlan, _ errand: Errand) async throws -> ReplayReport {
        let signals = StopSignals(
            logger: errand.logger,
            whenForced: "ended before the window in hand was written; the same command goes on where it was"
        )
        let progress = ProgressLine(
            entries: { errand.totals.current.entries },
            left: { max(0, plan.entries - errand.totals.current.entries) }
        )
        return try await showing(progress) {
            try await signals.during(stop: { await replay.stop() }) {
                try await attempting(errand.settings) { () async throws(ErrandFailure) in
                    try await replay.run(whileHeld: tellHolder(errand.stream))
                }
            }
        }
    }

    private func extent(_ settings: DrainerSettings) throws -> ReplayExtent {
        guard let from else {
            throw giveUp(usage: "no --from: give an ID, a time, or checkpoint; see 'drainer replay --help'")
        }
        func point(_ text: String, _ flag: String, _ more: String = "") throws -> StreamPoint {
            guard let point = StreamPoint(text) else {
                throw giveUp(
                    usage:
                        "\(flag) \(text.line()) is no place in a stream: give an ID such as 1700000000000-0, or a time "
                        + "such as 2026-11-26T10:30\(more)"
                )
            }
            return point
        }
        let start: ReplayExtent.Start =
            from == "checkpoint" ? .checkpoint : .entry(try point(from, "--from", ", or checkpoint").first)
        let end = try to.map { try point($0, "--to").last }
        if case .entry(let first) = start, let end, end < first {
            throw giveUp(usage: "--to \(end) lies before --from \(first): give a later one")
        }
        return ReplayExtent(
            start: start,
            end: end,
            table: table.map { TableName($0, defaultSchema: settings.databaseSchema) }
        )
    }
}
