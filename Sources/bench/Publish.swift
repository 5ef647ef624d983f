import ArgumentParser

/// `bench publish`: entries into a stream.
struct Publish: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Add generated entries to a stream.")

    @Option(help: "How many entries.")
    var entries = 100_000

    @Option(help: "Key of the stream.")
    var stream = "drainer-stream"

    @Option(help: "redis://host:port/db or unix:///path?db=0.")
    var redis = "redis://127.0.0.1:6379/0"

    @Option(help: "How many of the entries PostgreSQL will refuse; they are spread evenly.")
    var bad = 0

    @Option(help: "The same seed makes the same entries.")
    var seed: UInt64 = 1

    @Option(help: "\(Mix.help)")
    var mix = Mix.atlas

    func validate() throws {
        guard entries >= 1 else { throw ValidationError("--entries \(entries): 1 or more") }
        guard (0...entries).contains(bad) else { throw ValidationError("--bad \(bad): 0 to the number of entries") }
    }

    func run() throws {
        var sender = try CommandLineSender(redis: redis, stream: stream)
        for row in mix.rows(count: entries, bad: bad, seed: seed) {
            try sender.send(field: Array("command".utf8), value: row.nativeCreate)
        }
        try sender.finish()
    }
}
