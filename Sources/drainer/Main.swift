import App
import ArgumentParser
import Foundation
import Settings
import Threads

@main
struct Main: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drainer",
        abstract: "Drains Redis streams of database changes into PostgreSQL.",
        discussion: """
            Examples:
              drainer run                                  drain until stopped
              drainer run --until-empty --summary json     drain what is there, then exit
              drainer explain entry.json                   what becomes of an entry
              drainer dead-letters list orders             what could not be written

            Settings come from flags, the environment, a file (--config) and defaults, in
            this order; 'drainer run --help' lists them.
            """,
        version: "0.1.0",
        subcommands: [
            Run.self, Status.self, Explain.self, Pause.self, Resume.self, Tune.self, Replay.self, DeadLetters.self,
            Doctor.self, Migrate.self,
        ]
    )

    static func main() async {
        // Before the first thread is started.
        SharedHeap.use()
        var command: any ParsableCommand
        do {
            command = try parseAsRoot()
        } catch {
            // Help and the version are asked for, not mistakes; ArgumentParser prints them.
            guard exitCode(for: error) != .success else { exit(withError: error) }
            let words = message(for: error).split(whereSeparator: \.isNewline).joined(separator: " ")
            complain("\(words.hasSuffix(".") ? String(words.dropLast()) : words): see '\(helpCommand)'")
            Foundation.exit(App.ExitStatus.usage.rawValue)
        }
        do {
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            // Help that is asked for by giving no command at all.
            if exitCode(for: error) == .success { exit(withError: error) }
            if let code = error as? ExitCode { Foundation.exit(code.rawValue) }
            complain("this is a bug (\("\(error)".line(upTo: 1000))): report it with the command line that shows it")
            Foundation.exit(App.ExitStatus.bug.rawValue)
        }
    }

    /// The help of the command that was meant.
    private static var helpCommand: String {
        let names = configuration.subcommands.map { $0.configuration.commandName ?? "\($0)".lowercased() }
        let meant = CommandLine.arguments.dropFirst().first.flatMap { names.contains($0) ? $0 : nil }
        return ["drainer", meant, "--help"].compactMap { $0 }.joined(separator: " ")
    }
}

/// One line on standard error, in the form `drainer: <what>: <what to do>`.
func complain(_ text: String) {
    FileHandle.standardError.write(Data("drainer: \(text)\n".utf8))
}
