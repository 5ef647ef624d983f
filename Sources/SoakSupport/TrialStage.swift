import Foundation
import Postgres
import Redis
import Settings
import Synchronization
import TestSupport

/// Where trials are held: a database of its own, whose owner is no superuser so that row security counts, and drainers
/// that outlive a trial, since starting one costs more than many trials.
package final class TrialStage: Sendable {
    private let redisURL: String
    private let databaseURL: String
    /// As a superuser, who sees the rows that row security hides.
    private let inspectorURL: String
    private let redis: RedisConnection
    private let lanes = Mutex<[TrialLane.Kind: Task<TrialLane, any Error>]>([:])
    private let trials = Atomic(0)
    /// What this server has beside the built-in types.
    package let extras: Set<String>

    /// - Parameters:
    ///   - redis: URL of a Redis of which the stage uses some streams.
    ///   - database: URI of a server, as a superuser.
    package static func open(redis: String, database: String) async throws -> TrialStage {
        let name = "soak_\(ProcessInfo.processInfo.processIdentifier)_\(TestFolder.shared.uniqueNumber())"
        let server = PostgresConnection(conninfo: database, applicationName: "soak")
        try await server.connect()
        try await server.run("CREATE ROLE \(name) LOGIN")
        try await server.run("CREATE DATABASE \(name) OWNER \(name)")
        let inspectorURL = try uri(database, database: name)
        let inside = PostgresConnection(conninfo: inspectorURL, applicationName: "soak")
        try await inside.connect()
        let extras = try await inside.run(
            """
            SELECT name FROM pg_available_extensions WHERE name IN ('citext', 'btree_gist')
            UNION ALL SELECT 'icu' WHERE EXISTS (SELECT FROM pg_collation WHERE collprovider = 'i')
            UNION ALL SELECT 'nulls not distinct' WHERE current_setting('server_version_num')::int >= 150000
            """
        ).rows.compactMap(\.first).compactMap { $0 }
        for name in extras where ["citext", "btree_gist"].contains(name) {
            try await inside.run("CREATE EXTENSION \(name)")
        }
        return TrialStage(
            redisURL: redis,
            databaseURL: try uri(database, user: name, database: name),
            inspectorURL: inspectorURL,
            redis: RedisConnection(address: try RedisAddress(redis), name: "soak"),
            extras: Set(extras)
        )
    }

    private init(
        redisURL: String,
        databaseURL: String,
        inspectorURL: String,
        redis: RedisConnection,
        extras: Set<String>
    ) {
        self.redisURL = redisURL
        self.databaseURL = databaseURL
        self.inspectorURL = inspectorURL
        self.redis = redis
        self.extras = extras
    }

    private static func uri(_ text: String, user: String? = nil, database: String) throws -> String {
        guard var components = URLComponents(string: text), components.scheme?.hasPrefix("postgres") == true else {
            throw ServerFailure("the database's address is no postgresql:// URI")
        }
        if let user { components.user = user }
        components.path = "/\(database)"
        return components.string ?? text
    }

    /// Holds a trial and says where its two sides differ; nothing where they do not.
    package func differences(of trial: Trial, within limit: Duration = .seconds(60)) async throws -> [String] {
        let number = trials.add(1, ordering: .relaxed).newValue
        let (drained, single) = ("d\(number)", "o\(number)")
        let database = PostgresConnection(conninfo: databaseURL, applicationName: "soak")
        try await database.connect(session: "SET client_min_messages = error; SET synchronous_commit = off")
        for schema in [drained, single] {
            try await database.run("CREATE SCHEMA \(schema)")
            try await database.run("SET search_path = \(schema), public; \(trial.schema.sql)")
        }
        let lane = try await lane(trial.lane)
        async let oneByOne = OneByOne(databaseURL: databaseURL).execute(trial, in: single)
        let refusals: [Int: String]
        do {
            refusals = try await lane.drain(trial.commands.map { $0.entry(in: drained) }, within: limit)
        } catch {
            // Whatever it is stuck on, the next trial gets another.
            lanes.withLock { $0[trial.lane] = nil }
            await lane.end()
            return ["\(error)"]
        }
        // An urgent entry is numbered before its time.
        let isNumbered = !trial.commands.contains(where: \.isForced)
        let refusalsOneByOne = try await oneByOne
        let inspector = PostgresConnection(conninfo: inspectorURL, applicationName: "soak")
        try await inspector.connect()
        let left = TrialOutcome(
            rows: try await rows(of: drained, inOrder: isNumbered, over: inspector),
            refusals: refusals
        )
        let right = TrialOutcome(
            rows: try await rows(of: single, inOrder: isNumbered, over: inspector),
            refusals: refusalsOneByOne
        )
        await inspector.disconnect()
        for schema in [drained, single] { try await database.run("DROP SCHEMA \(schema) CASCADE") }
        await database.disconnect()
        return TrialOutcome.differences(drained: left, oneByOne: right, trial.commands)
    }

    /// Ends the drainers.
    package func close() async {
        let running = lanes.withLock { lanes in
            defer { lanes = [:] }
            return Array(lanes.values)
        }
        for lane in running { if case .success(let lane) = await lane.result { await lane.end() } }
    }

    private func lane(_ kind: TrialLane.Kind) async throws -> TrialLane {
        let task = lanes.withLock { lanes in
            if let task = lanes[kind] { return task }
            // Whoever asks first starts it for all who ask meanwhile.
            let task = Task { [redisURL, databaseURL, redis] in
                try await TrialLane.start(kind, redisURL: redisURL, databaseURL: databaseURL, redis: redis)
            }
            lanes[kind] = task
            return task
        }
        return try await task.value
    }

    /// By table its rows as text, sorted; in the order of their numbers where a sequence numbers them. What sequences gave
    /// is itself left out: how many numbers were drawn is nobody's promise.
    private func rows(of schema: String, inOrder: Bool, over database: PostgresConnection) async throws
        -> [String: [String]]
    {
        let tables = try await database.run(
            """
            SELECT c.relname,
                   coalesce(string_agg(format('%I', a.attname), ', ' ORDER BY a.attnum) FILTER (WHERE NOT s.numbered), ''),
                   string_agg(format('%I', a.attname), ', ') FILTER (WHERE s.numbered)
              FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
              LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
             CROSS JOIN LATERAL (SELECT a.attidentity <> ''
                                     OR coalesce(pg_get_expr(d.adbin, d.adrelid) LIKE 'nextval(%', false)) s (numbered)
             WHERE c.relnamespace = '\(schema)'::regnamespace AND c.relkind = 'r' GROUP BY 1
            """
        ).rows
        var rows: [String: [String]] = [:]
        for table in tables {
            guard let name = table[0], let columns = table[1] else { continue }
            let row = "ROW(\(columns))::text"
            let order = table[2].flatMap { inOrder ? $0 : nil } ?? "\(row) COLLATE \"C\""
            rows[name] = try await database.run(
                "SELECT \(row) FROM \(schema).\(TrialValue.quoted(name)) ORDER BY \(order)"
            ).rows.map { $0[0] ?? "" }
        }
        return rows
    }
}
