import Redis
import TestSupport

/// A drainer that runs for as long as its stage, with one set of settings and a stream of its own; it takes one trial at
/// a time.
package final class TrialLane: Sendable {
    /// How it is set.
    package enum Kind: String, Sendable, CaseIterable {
        case everythingInBulk, smallChunks, defaults, pairs, oneRowChunks, batchingOff

        var settings: [String: String] {
            switch self {
            case .everythingInBulk: ["INSERT_BATCH_SIZE": "1"]
            case .smallChunks:
                ["INSERT_BATCH_SIZE": "3", "BATCH_CHUNK_SIZE": "7", "STREAM_READ_COUNT": "50"]
            case .defaults: [:]
            case .pairs: ["INSERT_BATCH_SIZE": "2", "BATCH_CHUNK_SIZE": "2", "STREAM_READ_COUNT": "300"]
            case .oneRowChunks: ["INSERT_BATCH_SIZE": "1", "BATCH_CHUNK_SIZE": "1"]
            case .batchingOff: ["BATCHED_CREATE_ENABLED": "false", "STREAM_READ_COUNT": "100"]
            }
        }
    }

    private static let group = "soak"

    private let drainer: DrainerProcess
    private let redis: RedisConnection
    private let stream: String
    private let turnstile = Turnstile(width: 1)

    static func start(
        _ kind: Kind,
        redisURL: String,
        databaseURL: String,
        redis: RedisConnection
    ) async throws -> TrialLane {
        let stream = "soak-\(kind)-\(TestFolder.shared.uniqueNumber())"
        let settings = [
            "REDIS_URL": redisURL, "DATABASE_URL": databaseURL, "STREAM_NAMES": stream, "STREAM_GROUP": group,
            "REFUSAL_GRACE": "0s", "BREAKER_PERCENT": "0", "ON_PARSE_FAILURE": "dead_letter", "LEDGER": "off",
            "LOG_LEVEL": "error", "STREAM_LINGER_MS": "0",
        ]
        let drainer = try await DrainerProcess.start(
            ["run"],
            environment: settings.merging(kind.settings) { $1 }
        )
        return TrialLane(drainer: drainer, redis: redis, stream: stream)
    }

    private init(drainer: DrainerProcess, redis: RedisConnection, stream: String) {
        self.drainer = drainer
        self.redis = redis
        self.stream = stream
    }

    var pid: Int32 { drainer.pid }

    /// Has the entries drained and returns what the refused ones were refused with, by their place.
    ///
    /// - Throws: `ServerFailure` where they are not drained in time.
    func drain(_ entries: [String], within limit: Duration) async throws -> [Int: String] {
        try await turnstile.pass {
            // All at once, so that the windows are as large as the settings let them be.
            let append = entries.map { RedisCommand(["XADD", stream, "*", "command", $0]) }
            let replies = try await redis.send([["MULTI"]] + append + [["EXEC"]]).all()
            let ids = try replies[replies.count - 1].orThrow().elements?.compactMap(\.text) ?? []
            guard ids.count == entries.count else { throw ServerFailure("\(stream) took \(ids.count) entries") }
            try await eventually("\(stream) is drained", within: limit, every: .milliseconds(2)) {
                if let status = drainer.status {
                    throw ServerFailure("the drainer ended with \(status): \(drainer.errors.suffix(2000))")
                }
                return try await isSettled(upTo: ids.last ?? "")
            }
            let dead = try await redis.send([["XRANGE", "\(stream):dead", "-", "+"], ["DEL", "\(stream):dead"]]).all()
            let places = Dictionary(uniqueKeysWithValues: zip(ids, ids.indices))
            var refusals: [Int: String] = [:]
            for letter in try dead[0].orThrow().elements ?? [] {
                let fields = letter.elements?.last?.dictionary.compactMapValues(\.text) ?? [:]
                guard let place = fields["drainer-id"].flatMap({ places[$0] }), refusals[place] == nil else {
                    throw ServerFailure("a dead letter too many in \(stream): \(fields)")
                }
                refusals[place] = fields["drainer-error"] ?? "-"
            }
            return refusals
        }
    }

    private func isSettled(upTo last: String) async throws -> Bool {
        let groups = try await redis.send(["XINFO", "GROUPS", stream]).elements ?? []
        guard let group = groups.map(\.dictionary).first(where: { $0["name"]?.text == Self.group }) else {
            return false
        }
        return group["last-delivered-id"]?.text == last && group["pending"]?.integer == 0
    }

    func end() async {
        await drainer.kill()
    }
}
