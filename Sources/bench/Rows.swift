import ArgumentParser
import Foundation

/// `bench rows`: what `publish` puts into a stream, in the forms that psql takes.
struct Rows: ParsableCommand {
    enum Form: String, ExpressibleByArgument, CaseIterable {
        case copy, insert, execute
    }

    static let configuration = CommandConfiguration(
        abstract: "Print the rows of --mix person for psql.",
        discussion: """
            copy: lines for COPY in its text format. insert: one INSERT a line. execute: a PREPARE, then one EXECUTE a line.
            """
    )

    @Option(help: "How many rows.")
    var entries = 100_000

    @Option(help: "The same seed makes the same rows as publish.")
    var seed: UInt64 = 1

    @Option(help: "copy, insert or execute.")
    var form = Form.copy

    func run() throws {
        var text = ""
        var isFirst = true
        for row in Mix.person.rows(count: entries, bad: 0, seed: seed) {
            if isFirst, form == .execute { text += row.prepare }
            isFirst = false
            switch form {
            case .copy: text += row.copyLine
            case .insert: text += row.insert
            case .execute: text += row.execute
            }
            if text.utf8.count > 1 << 20 {
                try FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
                text = ""
            }
        }
        try FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
    }
}
