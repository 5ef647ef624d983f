import ArgumentParser
import Foundation
import Redis

/// `bench publish`: entries into a stream.
struct Publish: AsyncParsableCommand {
    enum Form: String, ExpressibleByArgument, CaseIterable {
        case native, payload
    }

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

    @Option(help: "native, or payload for an entry whose only field has that name and is the row as a JSON object.")
    var form = Form.native

    func validate() throws {
        guard entries >= 1 else { throw ValidationError("--entries \(entries): 1 or more") }
        guard (0...entries).contains(bad) else { throw ValidationError("--bad \(bad): 0 to the number of entries") }
    }

    func run() async throws {
        var sender = try StreamSender(redis: redis, stream: stream)
        do {
            for row in mix.rows(count: entries, bad: bad, seed: seed) {
                switch form {
                case .native: try await sender.send(field: "command", value: row.nativeCreate)
                case .payload: try await sender.send(field: "payload", value: row.object)
                }
            }
            try await sender.flush()
        } catch let error as RedisError {
            FileHandle.standardError.write(Data("bench: \(error): is this the right server?\n".utf8))
            throw ExitCode(69)
        }
    }
}
