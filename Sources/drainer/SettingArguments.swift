import App
import ArgumentParser
import Settings

/// What a command line holds beside the command's own flags: settings as flags, and words that belong to the command.
///
/// The words are told from the values of flags by the rule that settings are read by: a flag without `=` takes the next
/// word that does not begin with two dashes.
struct SettingArguments {
    /// In their order; not the values of flags.
    private(set) var words: [String] = []
    private var flags: [String] = []

    init(_ arguments: [String]) {
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            guard argument.hasPrefix("--"), argument != "--" else {
                words.append(argument)
                continue
            }
            flags.append(argument)
            if !argument.contains("="), let value = rest.first, !value.hasPrefix("--") {
                flags.append(value)
                rest.removeFirst()
            }
        }
    }

    /// The settings, or the end of the process with what is wrong with them.
    ///
    /// - Parameter allowedWords: how many words the command takes; a further one is a mistake on the command line.
    func load(words allowedWords: Int = 0) async throws -> DrainerSettings {
        do throws(SettingsError) {
            return try await DrainerSettings.load(arguments: flags + words.dropFirst(allowedWords))
        } catch {
            complain(error.description)
            throw ExitCode(error.exitCode)
        }
    }
}

/// Ends a one-shot command that cannot do what it was asked.
func giveUp(_ failure: Unreachable) -> ExitCode {
    complain(failure.description)
    return ExitCode(failure.exitCode.rawValue)
}

/// Ends a command whose command line makes no sense.
func giveUp(usage text: String) -> ExitCode {
    complain(text)
    return ExitCode(App.ExitStatus.usage.rawValue)
}
