import App
import ArgumentParser
import Drain
import Foundation
import Logging
import Operations
import Settings
import Telemetry

struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Read entries, write their rows, acknowledge them.",
        discussion: """
            Every setting below is a flag here, an environment variable and a key of the YAML file.

            Examples:
              REDIS_URL=redis://127.0.0.1:6379/0 DATABASE_URL=postgresql://app@db/app drainer run
              drainer run --stream-names 'orders{shard-0..7}' --insert-batch-size 50
              drainer run --config /etc/drainer.yaml --until-empty --summary json

            Exit: 0 done, 64 usage, 65 stopped by a policy or by drainer:stop, 69 a server cannot be reached,
            75 ended before it could finish, 77 a permission is missing, 78 configuration.

            \(SettingsTable.helpText())
            """
    )

    enum SummaryFormat: String, ExpressibleByArgument, CaseIterable {
        case text, json
    }

    @Flag(help: "Drain what is in the streams now, print a summary, exit.")
    var untilEmpty = false

    @Option(help: "The form of the summary at the end: text or json (one line on standard output).")
    var summary: SummaryFormat?

    @Argument(parsing: .allUnrecognized, help: ArgumentHelp("Settings as flags.", visibility: .hidden))
    var settings: [String] = []

    func run() async throws {
        let settings = try await SettingArguments(settings).load()
        let format: LineLogHandler.Format = settings.logFormat == .json ? .json : .text
        LoggingSystem.bootstrap { label in
            LineLogHandler(label: label, format: format, level: settings.logLevel, showsValues: settings.logValues)
        }
        let logger = Logger(label: "drainer")
        let application = Application(settings: settings, untilEmpty: untilEmpty, logger: logger) {
            await Status.read(settings).0?.json
        }
        do throws(Unreachable) {
            if untilEmpty { try await application.reachServers() } else { try await application.prepareLedger() }
        } catch {
            complain(error.description)
            throw ExitCode(error.exitCode.rawValue)
        }
        let start = ContinuousClock.now
        let progress = ProgressLine(
            entries: { application.totals.current.entries },
            left: { await application.backlog() }
        )
        let status = await application.run { await progress.show() }
        let report = Summary(totals: application.totals.current, duration: start.duration(to: .now))
        if let format = summary ?? (untilEmpty ? .text : nil) {
            print(format == .json ? report.json : report.text)
        }
        if status == .stopped {
            let reason = application.stopReason?.line(upTo: 1000) ?? "\(settings.livePrefix)stop is set"
            complain("stopped (\(reason)): mend the cause, then drainer resume")
        }
        if status != .done { throw ExitCode(status.rawValue) }
    }
}
