package import Entries
import Foundation
package import Postgres
package import Redis
package import Settings
import StreamSource

/// Reads a fleet's status from both servers.
package struct StatusReader: Sendable {
    private let settings: DrainerSettings

    package init(_ settings: DrainerSettings) {
        self.settings = settings
    }

    /// What Redis tells.
    package func status(from redis: RedisConnection) async throws(RedisError) -> FleetStatus {
        let stop = try await LiveKeyStore(connection: redis, prefix: settings.livePrefix).stop()
        var status = FleetStatus(
            group: settings.streamGroup,
            paused: stop.isInForce,
            reason: stop.isInForce ? stop.reason : nil
        )
        let keys = FleetKeys(group: settings.streamGroup)
        let replies = try await redis.send([
            ["TIME"], ["ZRANGE", keys.members, "0", "-1", "WITHSCORES"], ["HGETALL", keys.leases],
            ["HGETALL", keys.profiles],
        ]).all()
        let now = Double(replies[0].elements?.first?.integer ?? 0) * 1000
        let alive = replies[1].dictionary.filter { $0.value.text.flatMap { Double($0) } ?? 0 > now }
        let holders = replies[2].dictionary.compactMapValues(\.text).filter { alive[$0.value] != nil }
        var names: [String: String] = [:]
        for (token, reply) in replies[3].dictionary.sorted(by: { $0.key < $1.key }) where alive[token] != nil {
            guard let profile = reply.text.flatMap({ FleetProfile(json: $0) }) else { continue }
            names[token] = "\(profile.consumer)@\(profile.host):\(profile.pid)"
            status.processes.append(
                FleetStatus.Process(
                    consumer: profile.consumer,
                    host: profile.host,
                    pid: profile.pid,
                    mode: profile.mode,
                    started: profile.started,
                    holds: settings.streamNames.filter { holders[$0] == token },
                    trouble: profile.trouble
                )
            )
        }
        for stream in settings.streamNames {
            var found = try await read(stream, redis)
            found.holder = holders[stream].flatMap { names[$0] }
            status.streams.append(found)
        }
        return status
    }

    private func read(_ stream: String, _ redis: RedisConnection) async throws(RedisError) -> FleetStatus.Stream {
        var found = FleetStatus.Stream(stream: stream, length: 0, deadLetters: 0, blockingGroups: [])
        let replies = try await redis.send([
            ["XLEN", stream], ["XINFO", "GROUPS", stream], ["XPENDING", stream, settings.streamGroup],
            ["XLEN", stream + ":dead"],
        ]).all()
        if case .error(let error) = replies[0] { found.trouble = "\(error)" }
        found.length = replies[0].integer.map { Int($0) } ?? 0
        found.deadLetters = replies[3].integer.map { Int($0) } ?? 0
        let groups = (replies[1].elements ?? []).map(\.dictionary)
        for group in groups {
            let name = group["name"]?.text ?? ""
            let pending = group["pending"]?.integer ?? 0
            if name == settings.streamGroup {
                found.lag = group["lag"]?.integer.map { min(Int($0), found.length) }
                found.pending = Int(pending)
                found.oldestSeconds = try await oldest(stream, group, pending: replies[2], redis)
            } else if pending > 0 || group["lag"]?.integer.map({ $0 > 0 }) ?? true {
                found.blockingGroups.append(name)
            }
        }
        return found
    }

    private func oldest(
        _ stream: String,
        _ group: [String: RedisReply],
        pending: RedisReply,
        _ redis: RedisConnection
    ) async throws(RedisError) -> Double? {
        var oldest = pending.elements.flatMap { $0.count > 1 ? $0[1].text : nil }.flatMap { StreamID($0) }
        if oldest == nil, let last = group["last-delivered-id"]?.text {
            let next = try await redis.send(["XRANGE", stream, "(" + last, "+", "COUNT", "1"])
            oldest = next.elements?.first?.elements?.first?.text.flatMap { StreamID($0) }
        }
        guard let oldest else { return 0 }
        return max(0, Date.now.timeIntervalSince1970 - Double(oldest.milliseconds) / 1000)
    }

    /// Adds what PostgreSQL tells: the checkpoints.
    package func add(
        from postgres: PostgresConnection,
        and redis: RedisConnection,
        to status: inout FleetStatus
    ) async throws(PostgresError) {
        let exists = try await postgres.run("SELECT pg_catalog.to_regclass('drainer.checkpoint') IS NOT NULL")
        guard exists.rows.first?.first == "t" else { return }
        let rows = try await postgres.run(
            .run(sql: Self.checkpoints, PostgresParameters(text: [settings.streamGroup]))
        ).rows
        let sources = await sources(redis)
        for (index, stream) in status.streams.enumerated() {
            guard let source = sources[stream.stream],
                let row = rows.first(where: { $0[0] == stream.stream && $0[1] == source })
            else { continue }
            status.streams[index].checkpoint = FleetStatus.Checkpoint(
                lastID: row[2] ?? "",
                epoch: row[3].flatMap { Int($0) } ?? 0,
                ahead: row[4].flatMap { Int($0) } ?? 0,
                entriesRead: row[5].flatMap { Int($0) },
                updatedAt: row[6] ?? ""
            )
        }
    }

    /// `$1` consumer group.
    private static let checkpoints = """
        SELECT stream, source, last_id, epoch, pg_catalog.cardinality(ahead), entries_read,
               pg_catalog.to_char(updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
          FROM drainer.checkpoint WHERE consumer_group = $1
        """

    private func sources(_ redis: RedisConnection) async -> [String: String] {
        var command: RedisCommand = ["MGET"]
        for stream in settings.streamNames { command.append(FleetKeys.source(of: stream)) }
        // A Redis that has gone since is told by whatever is asked next.
        let replies = (try? await redis.send(command).elements) ?? []
        return Dictionary(
            uniqueKeysWithValues: zip(settings.streamNames, replies).compactMap { stream, reply in
                reply.text.map { (stream, $0) }
            }
        )
    }

    /// Adds the signatures of the newest entries.
    package func add(_ signatures: Set<Signature>, to status: inout FleetStatus) {
        status.tables = Dictionary(grouping: signatures, by: \.table).sorted { $0.key < $1.key }.map { table, found in
            let creates = found.filter { $0.operation == .create }.map { Set($0.columns) }
            let all = creates.reduce(Set<String>()) { $0.union($1) }
            let common = creates.reduce(all) { $0.intersection($1) }
            return FleetStatus.Table(
                table: table.description,
                signatures: found.map {
                    FleetStatus.Shape(
                        operation: $0.operation.rawValue,
                        columns: $0.columns,
                        whereColumns: $0.whereColumns
                    )
                }.sorted { ($0.operation, $0.columns.joined()) < ($1.operation, $1.columns.joined()) },
                differing: all.subtracting(common).sorted()
            )
        }
    }
}
