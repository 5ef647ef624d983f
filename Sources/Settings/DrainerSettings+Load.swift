import Configuration
import Foundation
import SystemPackage

extension DrainerSettings {
    /// The environment's name for the file of settings, as `--config` names it on the command line.
    package static let fileVariable = "DRAINER_CONFIG"

    /// Reads all settings: a flag beats the environment, which beats the file, which beats the default.
    ///
    /// - Parameters:
    ///   - arguments: The flags of settings and `--config`, as they stand on the command line, without the program and
    ///     the command's own flags.
    ///   - environment: All of it; what is no setting is passed over, and an empty value counts as unset.
    ///   - hostName: The default of `STREAM_CONSUMER`.
    /// - Throws: The first mistake found: on the command line, then in the file, then a value in the table's order.
    package static func load(
        arguments: [String] = [],
        environment: [String: String] = ProcessInfo.processInfo.environment,
        hostName: String = ProcessInfo.processInfo.hostName
    ) async throws(SettingsError) -> DrainerSettings {
        let flags = try SettingFlags(arguments)
        let environment = environment.filter { !$0.value.isEmpty }
        var sources: [(origin: SettingOrigin, provider: any ConfigProvider)] = [
            (
                .flag,
                InMemoryProvider(
                    name: "flags",
                    values: Dictionary(
                        uniqueKeysWithValues: flags.values.map { key, text in
                            (AbsoluteConfigKey([key]), ConfigValue(.string(text), isSecret: true))
                        }
                    )
                )
            ),
            (.environment, EnvironmentVariablesProvider(environmentVariables: environment, secretsSpecifier: .all)),
        ]
        if let path = flags.file ?? environment[fileVariable] {
            let giver = flags.file == nil ? fileVariable : SettingFlags.file
            sources.append((.file(path), try await file(at: path, givenBy: giver)))
        }
        return try DrainerSettings(SettingTexts(from: sources, hostName: hostName))
    }

    private static func file(at path: String, givenBy giver: String) async throws(SettingsError) -> any ConfigProvider {
        do {
            return try await FileProvider<SettingsFile>(parsingOptions: .init(path: path), filePath: FilePath(path))
        } catch let error as SettingsError {
            throw error
        } catch {
            let trouble = FileManager.default.fileExists(atPath: path) ? "cannot be read" : "does not exist"
            throw SettingsError(
                .file,
                what: "the file of settings \(path.line()) (\(giver)) \(trouble)",
                remedy: "give the path of a YAML file that this user may read"
            )
        }
    }
}
