import Foundation
import Testing

@testable import Settings

/// The settings of a process started like this, on a host called `box`.
func load(
    _ arguments: [String] = [],
    environment: [String: String] = [:]
) async throws(SettingsError) -> DrainerSettings {
    try await DrainerSettings.load(arguments: arguments, environment: environment, hostName: "box")
}

/// The settings of a file with this text.
func load(
    yaml: String,
    _ arguments: [String] = [],
    environment: [String: String] = [:]
) async throws -> DrainerSettings {
    try await withFile(yaml) { path in
        try await load(["--config", path] + arguments, environment: environment)
    }
}

/// Runs the body with the path of a file of its own, which is gone afterwards.
func withFile<Result>(_ text: String, _ body: (String) async throws -> Result) async throws -> Result {
    let path = FileManager.default.temporaryDirectory.appending(path: "drainer-\(UUID().uuidString).yaml").path
    try Data(text.utf8).write(to: URL(filePath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try await body(path)
}

/// The mistake that the body throws; an issue is recorded where it throws none.
func mistake(
    sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () async throws -> DrainerSettings
) async throws -> SettingsError {
    try #require(
        await #expect(throws: SettingsError.self, sourceLocation: sourceLocation) { _ = try await body() },
        sourceLocation: sourceLocation
    )
}

/// Where the package stands.
let packageRoot = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
