import Foundation
import Testing

@testable import Settings

/// What is written from the table and checked in. `WRITE_GENERATED=1 swift test --filter GeneratedTextTests` writes it anew.
@Suite("Generated text")
struct GeneratedTextTests {
    static let isWriting = ProcessInfo.processInfo.environment["WRITE_GENERATED"] == "1"
    static let remedy: Comment = "write it anew: WRITE_GENERATED=1 swift test --filter GeneratedTextTests"

    @Test("config/drainer.yaml is what the table says")
    func configFile() throws {
        let file = packageRoot.appending(path: "config/drainer.yaml")
        if Self.isWriting { try SettingsTable.yaml().write(to: file, atomically: true, encoding: .utf8) }
        let text = try String(contentsOf: file, encoding: .utf8)
        #expect(text == SettingsTable.yaml(), Self.remedy)
    }

    @Test("config/drainer.yaml sets nothing as it stands, and the defaults once every line counts")
    func configFileIsReadable() async throws {
        let untouched = try await load(yaml: SettingsTable.yaml())
        #expect(untouched.redacted.allSatisfy { $0.origin == .default })
        let lines = SettingsTable.yaml().split(separator: "\n").map { line in
            line.hasPrefix("#") && line.dropFirst().first?.isLetter == true ? String(line.dropFirst()) : String(line)
        }
        let everyLine = try await load(yaml: lines.joined(separator: "\n"))
        #expect(everyLine.redacted.allSatisfy { $0.origin != .default })
        let defaults = try await load().redacted
        for (line, fallback) in zip(everyLine.redacted, defaults)
        where !["DATABASE_URL", "STREAM_CONSUMER"].contains(line.name) {
            #expect(line.value == fallback.value)
        }
    }

    @Test(
        "The README's table of settings is what the table says",
        .enabled(if: FileManager.default.fileExists(atPath: packageRoot.appending(path: "README.md").path))
    )
    func readme() throws {
        let file = packageRoot.appending(path: "README.md")
        let text = try String(contentsOf: file, encoding: .utf8)
        let (start, end) = ("<!-- settings -->\n", "<!-- /settings -->")
        let opening = try #require(text.range(of: start), "README.md has no line <!-- settings -->")
        let closing = try #require(
            text.range(of: end, range: opening.upperBound..<text.endIndex),
            "README.md has no line <!-- /settings --> after <!-- settings -->"
        )
        let table = opening.upperBound..<closing.lowerBound
        if Self.isWriting {
            let written = text.replacingCharacters(in: table, with: SettingsTable.markdown())
            try written.write(to: file, atomically: true, encoding: .utf8)
        } else {
            #expect(String(text[table]) == SettingsTable.markdown(), Self.remedy)
        }
    }

    @Test("The markdown table has a row a setting, and no cell breaks it")
    func markdown() {
        let lines = SettingsTable.markdown().split(separator: "\n")
        #expect(lines.count == SettingsTable.all.count + 2)
        for line in lines {
            #expect(line.replacing("\\|", with: "").count { $0 == "|" } == 5)
        }
    }

    @Test("The help names every flag with its range and default, within 80 columns")
    func help() {
        let help = SettingsTable.helpText()
        for row in SettingsTable.all {
            #expect(help.contains("  \(row.flag) \(row.placeholder)\n"))
        }
        let words = help.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(words.contains("Allowed: a whole number from 1 to 50000. Default: 10."))
        #expect(words.contains("An environment variable set to nothing counts as unset."))
        #expect(help.split(separator: "\n").allSatisfy { $0.count <= 80 })
    }
}
