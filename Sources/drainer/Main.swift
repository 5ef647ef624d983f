import App
import ArgumentParser
import Foundation

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

            Settings come from flags, the environment, a file (--config) and defaults, in this order;
            'drainer run --help' lists them.
            """,
        version: "0.1.0",
        subcommands: [
            Run.self, Explain.self, Pause.self, Resume.self, Tune.self, Replay.self, DeadLetters.self, Doctor.self,
        ]
    )

    static func main() async {
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch let code as ExitCode {
            Foundation.exit(code.rawValue)
        } catch {
            // Help and the version are asked for, not mistakes; ArgumentParser prints them.
            guard exitCode(for: error) != .success else { exit(withError: error) }
            complain("\(message(for: error)): see 'drainer --help'")
            Foundation.exit(App.ExitStatus.usage.rawValue)
        }
    }
}

/// One line on standard error, in the form `drainer: <what>: <what to do>`.
func complain(_ text: String) {
    FileHandle.standardError.write(Data("drainer: \(text)\n".utf8))
}
