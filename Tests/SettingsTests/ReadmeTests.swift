import Foundation
import Testing

/// What the README says that a test shows is shown by one.
@Suite struct ReadmeTests {
    @Test func everyTestThatTheReadmeNamesIsThere() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = try String(contentsOf: root.appending(path: "README.md"), encoding: .utf8)
        let rows = try ["### What can go wrong, and what happens then", "## What is batched, and what is a barrier"]
            .flatMap {
                heading in
                let page = try #require(text.split(separator: heading).last)
                let rows = page.split(separator: "\n##")[0].split(separator: "\n").filter { $0.hasPrefix("| ") }
                    .dropFirst()
                #expect(rows.count > 10)
                return rows
            }
        let tests = root.appending(path: "Tests")
        let files =
            FileManager.default.enumerator(at: tests, includingPropertiesForKeys: nil)?.compactMap { $0 as? URL } ?? []
        let sources = try files.filter { $0.pathExtension == "swift" }.map {
            try String(contentsOf: $0, encoding: .utf8)
        }
        for row in rows {
            let cell = row.split(separator: "|").last { !$0.allSatisfy(\.isWhitespace) } ?? ""
            let names = cell.matches(of: /`(\w+Tests)(?:\.(\w+))?`/)
            #expect(!names.isEmpty, "no test shows: \(row)")
            for name in names {
                let suite = sources.first { $0.contains("struct \(name.1)") }
                #expect(suite != nil, "no suite \(name.1)")
                if let function = name.2 {
                    #expect(suite?.contains("func \(function)(") == true, "no test \(name.1).\(function)")
                }
            }
        }
    }
}
