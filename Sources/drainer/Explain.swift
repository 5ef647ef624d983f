import App
import ArgumentParser
import Drain
import Foundation
import Operations
import Postgres
import Settings

struct Explain: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what would become of an entry: its signature, road and SQL, and why.",
        usage: "drainer explain [FILE|-] [--check] [--json] [--<setting> <value> ...]",
        discussion: """
            Reads the JSON of a command field, native or KV, or its zstd frame from FILE,
            or from standard input without one or with '-'. Several lines are several
            entries of one window, so that batches, and what keeps entries from sharing
            one, can be seen. No server is asked, unless --check has PostgreSQL's catalog
            asked for types, keys, triggers and missing columns, and each statement
            prepared, which executes nothing.

            Examples:
              echo '{"op":"create","table":"person","row":{"id":1}}' | drainer explain
              drainer explain window.jsonl --insert-batch-size 3
              redis-cli XRANGE orders - + COUNT 1 | sed -n 3p | drainer explain --check
              drainer explain window.jsonl --json | jq '.statements'

            Every setting of 'drainer run --help' counts here too: INSERT_BATCH_SIZE,
            BATCH_CHUNK_SIZE, BATCHED_CREATE_ENABLED and ON_PARSE_FAILURE decide. Live
            keys are not looked at.

            Exit: 0 explained, also an entry that cannot be read; 64 usage, 69 PostgreSQL
            cannot be reached, 77 it refuses the login, 78 configuration.
            """
    )

    /// More are no entries that somebody looks at.
    private static let mostBytes = 64 << 20

    @Flag(help: "Ask PostgreSQL's catalog, and have it prepare the statements.")
    var check = false

    @Flag(help: "Print JSON.")
    var json = false

    @Argument(parsing: .allUnrecognized, help: ArgumentHelp("A file, and settings as flags.", visibility: .hidden))
    var arguments: [String] = []

    func run() async throws {
        let arguments = SettingArguments(arguments)
        let settings = try await arguments.load(words: 1)
        let text = try read(arguments.words.first ?? "-")
        let entries = EntryLines(text, defaultSchema: settings.databaseSchema)
        guard !entries.lines.isEmpty else {
            throw giveUp(usage: "there is no entry: give the JSON of a command field, see 'drainer explain --help'")
        }
        guard entries.lines.count <= settings.streamReadCount else {
            throw giveUp(
                usage: "\(entries.lines.count) entries are more than one window holds: give at most "
                    + "STREAM_READ_COUNT (\(settings.streamReadCount))"
            )
        }
        let explainer = Explainer(entries, rules: DrainRules(settings), defaultSchema: settings.databaseSchema)
        let explanation = check ? try await checked(explainer, settings) : explainer.explanation()
        print(try json ? jsonText(explanation) : explanation.text(quoting: entries))
    }

    private func checked(_ explainer: Explainer, _ settings: DrainerSettings) async throws -> Explanation {
        let access = ServerAccess(settings)
        do throws(Unreachable) {
            let connection = try await access.postgres()
            do throws(PostgresError) {
                var explanation = explainer.explanation(
                    try await CatalogFindings(of: explainer.tables, over: connection)
                )
                try await explanation.prepare(over: connection)
                return explanation
            } catch {
                throw access.failure(error)
            }
        } catch {
            throw giveUp(error)
        }
    }

    private func read(_ path: String) throws -> [UInt8] {
        let handle: FileHandle
        if path == "-" {
            handle = .standardInput
            if isatty(STDIN_FILENO) == 1 { complain("reading entries from the terminal: end with Ctrl-D") }
        } else {
            guard let file = FileHandle(forReadingAtPath: path) else {
                throw giveUp(usage: "\(path.line()) cannot be read: give the path of a file, or - for standard input")
            }
            handle = file
        }
        guard let data = try? handle.read(upToCount: Self.mostBytes + 1) ?? Data() else {
            throw giveUp(usage: "\(path.line()) cannot be read: give the path of a file, or - for standard input")
        }
        guard data.count <= Self.mostBytes else {
            throw giveUp(usage: "the entries have more than \(Self.mostBytes >> 20) MiB: give fewer")
        }
        return Array(data)
    }
}

/// JSON as every command prints it: keys in alphabetical order, one value a line.
func jsonText(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
}

/// A value as a command prints it.
func printed(_ value: some Encodable, _ text: String, json: Bool) -> String {
    // Values of ours always have a JSON form.
    json ? (try? jsonText(value)) ?? text : text
}
