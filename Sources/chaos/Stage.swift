import Postgres
import Redis
import TestSupport

/// The servers of a round, and what its drainers are told.
struct Stage: Sendable {
    static let group = "chaos"

    let redis: RedisServer
    /// Another, empty one.
    let spare: RedisServer
    let postgres: PostgresServer
    /// Before Redis, for everyone but the drainers: the server behind it can become another.
    let front: FaultProxy
    let streams: [String]
    /// Settings of every drainer but its addresses.
    let settings: [String: String]
    let timeline: Timeline

    static func streams(_ count: Int) -> [String] {
        (0..<count).map { "chaos{shard-\($0)}" }
    }

    /// A connection that no fault stands before.
    func redisConnection() -> RedisConnection {
        RedisConnection(address: RedisAddress(endpoint: .tcp(host: "127.0.0.1", port: front.port)), name: "chaos")
    }

    /// Waits until every entry has been; false where that takes longer than `limit`.
    func isDrained(within limit: Duration) async throws -> Bool {
        let connection = redisConnection()
        let end = ContinuousClock.now + limit
        while await isDrained(connection) != true {
            guard ContinuousClock.now < end else { return false }
            try await Task.sleep(for: .milliseconds(100))
        }
        return true
    }

    /// Whether every entry has been delivered and acknowledged; nil where Redis does not answer.
    func isDrained(_ connection: RedisConnection, _ some: [String]? = nil) async -> Bool? {
        do throws(RedisError) {
            for stream in some ?? streams {
                let replies = try await connection.send([["XINFO", "STREAM", stream], ["XINFO", "GROUPS", stream]])
                    .all()
                let last = try replies[0].orThrow().dictionary["last-generated-id"]?.text
                let groups = try replies[1].orThrow().elements ?? []
                let group = groups.map(\.dictionary).first { $0["name"]?.text == Self.group }
                guard let group, group["pending"]?.integer == 0, group["last-delivered-id"]?.text == last else {
                    return false
                }
            }
            return true
        } catch {
            return nil
        }
    }

    /// Entries that the streams hold; nil where Redis does not answer.
    func backlog(_ connection: RedisConnection) async -> Int? {
        do throws(RedisError) {
            let replies = try await connection.send(streams.map { RedisCommand(["XLEN", $0]) }).all()
            return replies.reduce(0) { $0 + Int($1.integer ?? 0) }
        } catch {
            return nil
        }
    }
}

/// Gives `body` durable servers, with the tables of a workload, for drainers with these settings.
func withStage<R>(
    streams: Int,
    lease: Duration,
    settings: [String: String],
    _ records: Records,
    _ body: (Stage) async throws -> R
) async throws -> R {
    let all = [
        "STREAM_NAMES": "chaos{shard-0..\(streams - 1)}", "STREAM_GROUP": Stage.group,
        "LEASE_TTL_MS": "\(Int(lease / .milliseconds(1)))", "STREAM_READ_COUNT": "200", "REFUSAL_GRACE": "20ms",
        "LIVE_REFRESH_MS": "200", "BATCH_RETRY_DELAY": "50ms", "ON_PARSE_FAILURE": "dead_letter",
    ].merging(settings) { $1 }
    let configuration = ["appendfsync": "always"]
    return try await withRedis(configuration: configuration) { redis in
        try await withRedis(configuration: configuration) { spare in
            try await withPostgres(isDurable: true, settings: ["log_line_prefix": "%m [%p] "]) { postgres in
                try await withFaultProxy(to: redis.port) { front in
                    let stage = Stage(
                        redis: redis,
                        spare: spare,
                        postgres: postgres,
                        front: front,
                        streams: Stage.streams(streams),
                        settings: all,
                        timeline: Timeline(isLoud: records.loud)
                    )
                    try await postgres.psql(Workload.schema)
                    return try await body(stage)
                }
            }
        }
    }
}
