package import Entries
import Foundation
package import Redis
package import Settings

/// Looks Redis and its streams over.
package struct RedisCheckup: Sendable {
    typealias Check = Checkup.Check

    /// More streams are not looked at one by one.
    private static let mostStreams = 256
    /// The newest entries of a stream from which the tables in play are told.
    private static let newest = 200

    private let connection: RedisConnection
    private let settings: DrainerSettings

    package init(_ connection: RedisConnection, settings: DrainerSettings) {
        self.connection = connection
        self.settings = settings
    }

    private var streams: ArraySlice<String> { settings.streamNames.prefix(Self.mostStreams) }

    /// Everything that Redis tells.
    package func checks() async throws(RedisError) -> [Checkup.Check] {
        var checks = [await version()]
        let info = try await information()
        checks += [role(info), eviction(info), persistence(info), try await clock(), try await stop()]
        for stream in streams { checks += try await check(stream) }
        if streams.count < settings.streamNames.count {
            checks.append(
                Check(
                    "streams",
                    .warning,
                    "only the first \(streams.count) of \(settings.streamNames.count) were looked at"
                )
            )
        }
        checks.append(retention)
        return checks
    }

    /// The signatures in the newest entries of the streams.
    package func signatures() async throws(RedisError) -> Set<Signature> {
        var found: Set<Signature> = []
        var decoder = EntryDecoder(defaultSchema: settings.databaseSchema)
        for stream in streams {
            var builder = WindowBuilder(stream: stream, decoder: decoder)
            let reply = try await connection.send([["XREVRANGE", stream, "+", "-", "COUNT", String(Self.newest)]]).all()
            for entry in reply.first?.elements ?? [] {
                let fields = entry.elements?.last?.elements ?? []
                guard fields.count == 2, case .string(let name) = fields[0], case .string(let value) = fields[1] else {
                    continue
                }
                builder.append(id: .zero, name: name[...], value: value[...])
            }
            let window: Window
            (window, decoder) = builder.finish()
            found.formUnion(window.signatures)
        }
        return found
    }

    private func version() async -> Check {
        let version = await connection.serverVersion
        if let fault = RedisConnection.fault(ofVersion: version) {
            return Check("Redis", .failure, fault, trouble: .configuration)
        }
        let text = "version \(version.major).\(version.minor)"
        if version.major >= 7 { return Check("Redis", text) }
        return Check("Redis", .warning, "\(text) tells neither lag nor losses", remedy: "use 7.0 or newer")
    }

    /// Values of INFO by their names.
    private func information() async throws(RedisError) -> [String: String] {
        var values: [String: String] = [:]
        for section in ["memory", "persistence", "replication"] {
            let text = try await connection.send(["INFO", section]).text ?? ""
            for line in text.split(whereSeparator: \.isNewline) {
                let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
                if parts.count == 2 { values[String(parts[0])] = String(parts[1]) }
            }
        }
        return values
    }

    private func role(_ info: [String: String]) -> Check {
        info["role"] == "slave"
            ? Check(
                "Redis role",
                .failure,
                "a replica, which takes no writes",
                remedy: "point REDIS_URL at its primary",
                trouble: .configuration
            )
            : Check("Redis role", "primary")
    }

    private func eviction(_ info: [String: String]) -> Check {
        let policy = info["maxmemory_policy"] ?? "unknown"
        if policy == "noeviction" || info["maxmemory"] == "0" {
            return Check("Redis maxmemory-policy", "\(policy), maxmemory \(info["maxmemory_human"] ?? "unknown")")
        }
        return Check(
            "Redis maxmemory-policy",
            .warning,
            "\(policy) may evict streams, with the entries in them",
            remedy: "set maxmemory-policy noeviction"
        )
    }

    private func persistence(_ info: [String: String]) -> Check {
        if info["aof_enabled"] == "1" {
            return info["aof_last_write_status"] == "err"
                ? Check(
                    "Redis persistence",
                    .warning,
                    "the append-only file cannot be written",
                    remedy: "see Redis' log"
                )
                : Check("Redis persistence", "append-only file")
        }
        return Check(
            "Redis persistence",
            .warning,
            "without an append-only file, a crash loses the entries since the last snapshot",
            remedy: "set appendonly yes"
        )
    }

    private func clock() async throws(RedisError) -> Check {
        let time = try await connection.send(["TIME"]).elements ?? []
        let seconds = Double(time.first?.integer ?? 0) + Double(time.last?.integer ?? 0) / 1_000_000
        return Check.ofClock("Redis", seconds: seconds)
    }

    private func stop() async throws(RedisError) -> Check {
        let key = settings.livePrefix + "stop"
        let found = try await connection.send(["MGET", key, key + ":reason"]).elements ?? []
        guard found.first?.text.flatMap({ Int($0) }) == 1 else { return Check(key, "not set") }
        return Check(
            key,
            .warning,
            "the fleet is stopped (\(found.last?.text ?? "no reason given"))",
            remedy: "mend the cause, then drainer resume"
        )
    }

    private var retention: Check {
        switch settings.streamRetention {
        case .forever: Check("retention", .warning, "forever: nothing is trimmed", remedy: "watch Redis' memory")
        case .duration(.zero):
            Check(
                "retention",
                .warning,
                "0s: a database restored from a backup gets back only what is unacknowledged",
                remedy: "set STREAM_RETENTION to the age of your backups"
            )
        case .duration(let duration): Check("retention", "\(duration.formatted) after acknowledgement")
        }
    }

    private func check(_ stream: String) async throws(RedisError) -> [Check] {
        let subject = "stream \(stream)"
        let kind = try await connection.send(["TYPE", stream]).text ?? "none"
        if kind == "none" { return [Check(subject, "not there yet; it is made at the start")] }
        guard kind == "stream" else {
            return [
                Check(
                    subject,
                    .failure,
                    "holds a \(kind)",
                    remedy: "rename that key, or correct STREAM_NAMES",
                    trouble: .configuration
                )
            ]
        }
        let length = try await connection.send(["XLEN", stream]).integer ?? 0
        let groups = (try await connection.send(["XINFO", "GROUPS", stream]).elements ?? []).map(\.dictionary)
        var checks: [Check] = []
        if let own = groups.first(where: { $0["name"]?.text == settings.streamGroup }) {
            let lag = own["lag"]?.integer.map { "\($0)" } ?? "unknown"
            checks.append(
                Check(
                    subject,
                    "\(length) entries, group \(settings.streamGroup): lag \(lag), \(own["pending"]?.integer ?? 0) pending"
                )
            )
        } else {
            checks.append(
                Check(subject, "\(length) entries, no group \(settings.streamGroup) yet; it is made at the start")
            )
        }
        for group in groups {
            guard let name = group["name"]?.text, name != settings.streamGroup else { continue }
            let behind = group["lag"]?.integer.map { $0 > 0 } ?? true
            guard behind || (group["pending"]?.integer ?? 0) > 0 else { continue }
            checks.append(
                Check(
                    subject,
                    .warning,
                    "group \(name) has not acknowledged everything and keeps it from being trimmed",
                    remedy: "have it read on, or XGROUP DESTROY it where nobody needs it"
                )
            )
        }
        let dead = try await connection.send(["XLEN", stream + ":dead"]).integer ?? 0
        if dead > 0 {
            checks.append(
                Check(
                    subject,
                    .warning,
                    "\(dead) dead letters in \(stream):dead",
                    remedy: "look at them, they were not written"
                )
            )
        }
        return checks
    }
}

extension Checkup.Check {
    /// Compares a server's clock, in seconds since 1970, with ours.
    static func ofClock(_ server: String, seconds: Double) -> Self {
        let skew = seconds - Date().timeIntervalSince1970
        let text = "\(Int((skew * 1000).rounded())) ms from ours"
        return abs(skew) < 1
            ? Self("\(server) clock", text)
            : Self(
                "\(server) clock",
                .warning,
                "\(text): ages and latencies are wrong by that",
                remedy: "run NTP on both"
            )
    }
}
