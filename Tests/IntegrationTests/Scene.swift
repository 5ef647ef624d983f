import Foundation
import Postgres
import Redis
import TestSupport
import Testing

/// A stream, a database and the settings of the drainers between them. A test has all of it for itself.
struct Scene: Sendable {
    /// The stream that is drained unless a test says otherwise.
    static let stream = "orders"

    let redisAddress: RedisAddress
    let redis: RedisConnection
    private let postgres: PostgresConnection
    /// What every drainer of the scene is started with.
    var settings: [String: String]

    init(redisPort: Int, database number: Int, redisURL: String, databaseURL: String) {
        redisAddress = RedisAddress(endpoint: .tcp(host: "127.0.0.1", port: redisPort), database: number)
        redis = RedisConnection(address: redisAddress, name: "test")
        postgres = PostgresConnection(conninfo: databaseURL, applicationName: "test")
        settings = [
            "REDIS_URL": redisURL, "DATABASE_URL": databaseURL, "STREAM_NAMES": Self.stream,
            "STREAM_GROUP": "workers", "LEASE_TTL_MS": "500", "REFUSAL_GRACE": "20ms", "LIVE_REFRESH_MS": "50",
            "BATCH_RETRY_DELAY": "50ms",
        ]
    }

    // MARK: Redis

    @discardableResult
    func redis(_ arguments: String...) async throws -> RedisReply {
        try await redis.send(RedisCommand(arguments))
    }

    /// Appends entries with the one field `command`, in as few round trips as may be; answers their IDs.
    @discardableResult
    func publish(_ commands: [String], to stream: String = Scene.stream) async throws -> [String] {
        try await publish(bytes: commands.map { Array($0.utf8) }, to: stream)
    }

    /// As `publish`, of fields that need not be text.
    @discardableResult
    func publish(bytes commands: [[UInt8]], to stream: String = Scene.stream) async throws -> [String] {
        var ids: [String] = []
        var rest = commands[...]
        while !rest.isEmpty {
            let page = rest.prefix(5000).map { bytes in
                var command = RedisCommand(["XADD", stream, "*", "command"])
                command.append(contentsOf: bytes)
                return command
            }
            rest = rest.dropFirst(5000)
            for reply in try await redis.send(page).all() { ids.append(try reply.orThrow().text ?? "") }
        }
        return ids
    }

    func length(of stream: String = Scene.stream) async throws -> Int {
        Int(try await redis("XLEN", stream).integer ?? -1)
    }

    /// Whether everything that was published is settled, and trimmed.
    func isDrained() async throws -> Bool {
        guard let group = try await group(), group["pending"]?.integer == 0 else { return false }
        return try await length() == 0
    }

    /// Entries delivered and not acknowledged; nil where there is no group.
    func pending(_ stream: String = Scene.stream) async throws -> Int? {
        guard let group = try await group(of: stream) else { return nil }
        return group["pending"]?.integer.map { Int($0) }
    }

    /// What XINFO tells of the drainers' group.
    func group(of stream: String = Scene.stream) async throws -> [String: RedisReply]? {
        do throws(RedisError) {
            let groups = try await redis.send(["XINFO", "GROUPS", stream]).elements ?? []
            return groups.map(\.dictionary).first { $0["name"]?.text == settings["STREAM_GROUP"] }
        } catch {
            return nil
        }
    }

    /// The dead letters of a stream, as fields by name.
    func deadLetters(of stream: String = Scene.stream) async throws -> [[String: String]] {
        try await redis("XRANGE", "\(stream):dead", "-", "+").elements?.map { entry in
            entry.elements?.last?.dictionary.compactMapValues(\.text) ?? [:]
        } ?? []
    }

    // MARK: PostgreSQL

    /// The rows of one statement, or of the last of several.
    @discardableResult
    func sql(_ sql: String) async throws -> [[String?]] {
        if await !postgres.isConnected { try await postgres.connect() }
        return try await postgres.run(sql).rows
    }

    /// The first column of the rows of one statement.
    func column(_ sql: String) async throws -> [String?] {
        try await self.sql(sql).map { $0[0] }
    }

    func count(_ table: String) async throws -> Int {
        try await column("SELECT count(*) FROM \(table)").first.flatMap { $0.flatMap { Int($0) } } ?? -1
    }

    /// A session beside the drainer's, for one that holds a lock.
    func session() async throws -> PostgresConnection {
        let other = PostgresConnection(conninfo: settings["DATABASE_URL"] ?? "", applicationName: "other")
        try await other.connect()
        return other
    }

    // MARK: drainers

    func environment(_ overrides: [String: String]) -> [String: String] {
        settings.merging(overrides) { $1 }
    }

    /// Drains what is there and answers with what it says about it.
    @discardableResult
    func drain(
        _ overrides: [String: String] = [:],
        expecting code: Int32 = 0,
        within limit: Duration = .seconds(60),
        at location: SourceLocation = #_sourceLocation
    ) async throws -> DrainReport {
        let run = try await DrainerProcess.run(
            ["run", "--until-empty", "--summary", "json"],
            environment: environment(overrides),
            within: limit
        )
        #expect(run.status == .code(code), "\(run.output)\(run.errors)", sourceLocation: location)
        return try DrainReport(output: run.output, errors: run.errors)
    }

    /// Runs a drainer beside `body`, until that ends.
    func running<R>(_ overrides: [String: String] = [:], _ body: (DrainerProcess) async throws -> R) async throws -> R {
        try await withDrainer(["run", "--summary", "json"], environment: environment(overrides), body)
    }
}

/// The summary of a run, and what it logged.
@dynamicMemberLookup
struct DrainReport: Sendable {
    struct Summary: Decodable, Sendable, Equatable {
        var entries = 0
        var rows = 0
        var statements = 0
        var bulkStatements = 0
        var sequential = 0
        var fallbacks = 0
        var deadLetters = 0
        var duplicatesSkipped = 0
        var unmatched = 0
        var seconds = 0.0
    }

    let summary: Summary
    let output: String
    let errors: String

    init(output: String, errors: String) throws {
        self.output = output
        self.errors = errors
        summary = output.isEmpty ? Summary() : try JSONDecoder().decode(Summary.self, from: Data(output.utf8))
    }

    subscript<Value>(dynamicMember path: KeyPath<Summary, Value>) -> Value { summary[keyPath: path] }
}

/// Gives `body` a scene on the servers that all tests share.
///
/// - Parameter schema: SQL that is run first.
func withScene<R>(_ schema: String = "", _ body: (Scene) async throws -> R) async throws -> R {
    try await turnstile.pass {
        try await withKeyspace { keyspace in
            try await withDatabase { database in
                let scene = Scene(
                    redisPort: keyspace.server.port,
                    database: keyspace.number,
                    redisURL: keyspace.url,
                    databaseURL: database.url
                )
                if !schema.isEmpty { try await scene.sql(schema) }
                return try await body(scene)
            }
        }
    }
}

/// Scenes at a time.
private let turnstile = Turnstile(width: 6)

/// Gives `body` a scene whose Redis is its own.
func withScene<R>(
    ownRedis configuration: [String: String],
    _ schema: String = "",
    _ body: (Scene, RedisServer) async throws -> R
) async throws -> R {
    try await turnstile.pass {
        try await withRedis(configuration: configuration) { redis in
            try await withDatabase { database in
                let scene = Scene(redisPort: redis.port, database: 0, redisURL: redis.url, databaseURL: database.url)
                if !schema.isEmpty { try await scene.sql(schema) }
                return try await body(scene, redis)
            }
        }
    }
}

/// Gives `body` a scene whose PostgreSQL is its own.
func withScene<R>(
    ownPostgres settings: [String: String],
    _ schema: String = "",
    _ body: (Scene, PostgresServer) async throws -> R
) async throws -> R {
    try await turnstile.pass {
        try await withKeyspace { keyspace in
            try await withPostgres(settings: settings) { postgres in
                let scene = Scene(
                    redisPort: keyspace.server.port,
                    database: keyspace.number,
                    redisURL: keyspace.url,
                    databaseURL: postgres.url()
                )
                if !schema.isEmpty { try await scene.sql(schema) }
                return try await body(scene, postgres)
            }
        }
    }
}

/// Gives `body` a scene whose servers are both its own.
func withScene<R>(
    ownServers schema: String,
    _ body: (Scene, RedisServer, PostgresServer) async throws -> R
) async throws -> R {
    try await turnstile.pass {
        try await withRedis { redis in
            try await withPostgres { postgres in
                let scene = Scene(redisPort: redis.port, database: 0, redisURL: redis.url, databaseURL: postgres.url())
                if !schema.isEmpty { try await scene.sql(schema) }
                return try await body(scene, redis, postgres)
            }
        }
    }
}
