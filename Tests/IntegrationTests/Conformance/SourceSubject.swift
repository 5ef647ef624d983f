import Drain
import Entries
import Logging
import Redis
import StreamSource
import TestSupport
import Testing

/// The sources there are, each asked for the same promises.
enum SourceKind: String, CaseIterable, CustomTestStringConvertible {
    case memory, redis

    var testDescription: String { rawValue }
}

/// A source of some entries that ends once all are acknowledged, and what its promises are held against.
struct SourceSubject: Sendable {
    static let windowSize = 5

    let source: any Source
    /// The IDs of the entries, in stream order.
    let ids: [StreamID]
    /// Entries not acknowledged.
    let left: @Sendable () async throws -> Int
    /// What was set aside: the entry's ID and the error.
    let deadLetters: @Sendable () async throws -> [String: String]
    /// Lets a halted fleet go on.
    let resume: @Sendable () async throws -> Void

    /// Gives `body` a subject of the kind with so many entries.
    static func with(_ kind: SourceKind, entries count: Int, _ body: (SourceSubject) async throws -> Void) async throws
    {
        let entries = (0..<count).map { CommandText.create("item", ["id": .number($0)]) }
        switch kind {
        case .memory:
            let source = MemorySource(entries, windowSize: windowSize, goesOnAfterHalt: true)
            let ids = (0..<count).map { StreamID(milliseconds: 1, sequence: UInt64($0)) }
            try await body(
                SourceSubject(
                    source: source,
                    ids: ids,
                    left: { await count - source.settled },
                    deadLetters: {
                        let letters = await source.deadLetters.map { (ids[$0.key].description, $0.value.error) }
                        return Dictionary(uniqueKeysWithValues: letters)
                    },
                    resume: {}
                )
            )
        case .redis:
            try await withScene { scene in
                try await scene.redis("XGROUP", "CREATE", Scene.stream, "workers", "0", "MKSTREAM")
                let ids = try await scene.publish(entries).compactMap { StreamID($0) }
                let live = LiveKeys(
                    connection: RedisConnection(address: scene.redisAddress, name: "commands"),
                    prefix: "drainer:",
                    refreshInterval: .milliseconds(20),
                    logger: .silent
                )
                let source = source(of: scene, live)
                await source.assign(Scene.stream)
                try await body(
                    SourceSubject(
                        source: source,
                        ids: ids,
                        left: {
                            let group = try await scene.group()
                            return Int((group?["pending"]?.integer ?? 0) + (group?["lag"]?.integer ?? 0))
                        },
                        deadLetters: {
                            let letters = try await scene.deadLetters()
                            return Dictionary(
                                uniqueKeysWithValues: letters.map {
                                    ($0["drainer-id"] ?? "", $0["drainer-error"] ?? "")
                                }
                            )
                        },
                        resume: {
                            try await scene.redis("DEL", "drainer:stop", "drainer:stop:reason")
                            try await live.read()
                        }
                    )
                )
            }
        }
    }

    private static func source(of scene: Scene, _ live: LiveKeys) -> RedisSource {
        var configuration = SourceConfiguration(
            address: scene.redisAddress,
            streams: [Scene.stream],
            group: "workers",
            consumer: "subject"
        )
        configuration.readCount = windowSize
        configuration.untilEmpty = true
        // Under leases a fleet hands the streams out.
        configuration.keepsOrder = false
        configuration.keepsLedger = false
        return RedisSource(
            configuration,
            commands: RedisConnection(address: scene.redisAddress, name: "commands"),
            live: live,
            token: "1",
            logger: .silent
        )
    }
}

extension Logger {
    fileprivate static let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
}
