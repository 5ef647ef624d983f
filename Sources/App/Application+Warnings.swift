import Logging
import Postgres
import Redis
import Settings
import StreamSource
import Telemetry

extension Application {
    /// Says once, at the start, what of the servers' settings can cost entries. A run until empty, of which there may be
    /// one a minute, says it at `debug` only.
    func warnOfSettings() async {
        while !Task.isCancelled {
            do throws(RedisError) {
                let info = try await commands.send(["INFO", "memory"]).text ?? ""
                warn(ofMemory: Self.value("maxmemory", in: info), policy: Self.value("maxmemory_policy", in: info))
                break
            } catch {
                if error.isPermission {
                    logger.log(
                        level: level,
                        "whether Redis may evict streams or leases is not known: allow the drainer's user INFO",
                        metadata: [LogKey.reason: "\(error)"]
                    )
                    break
                }
                // The sources say that Redis is away.
                try? await Task.sleep(for: .seconds(1))
            }
        }
        let probe = PostgresConnection(conninfo: settings.database.text ?? "", applicationName: "drainer-probe")
        while !Task.isCancelled {
            do throws(PostgresError) {
                try await probe.connect()
                let fsync = try await probe.run("SHOW fsync").rows.first?.first ?? nil
                if fsync == "off" {
                    logger.log(
                        level: level,
                        "PostgreSQL runs with fsync off: a crash loses committed rows; set fsync on"
                    )
                }
                break
            } catch {
                // Readiness says that PostgreSQL is away.
                try? await Task.sleep(for: .seconds(1))
            }
        }
        await probe.disconnect()
        // A service that ended by itself would end the others.
        while !Task.isCancelled { try? await Task.sleep(for: .seconds(3600)) }
    }

    private var level: Logger.Level { untilEmpty ? .debug : .warning }

    private func warn(ofMemory limit: String?, policy: String?) {
        guard let policy, limit != "0", policy != "noeviction" else { return }
        let what = policy.hasPrefix("allkeys") ? "streams, with the entries in them, and leases" : "keys that expire"
        logger.log(
            level: level,
            "Redis may evict \(what) when its memory is full; set maxmemory-policy noeviction",
            metadata: [LogKey.setting: "maxmemory-policy \(policy)"]
        )
    }

    private static func value(_ name: String, in info: String) -> String? {
        info.split(whereSeparator: \.isNewline).first { $0.hasPrefix("\(name):") }.map { line in
            String(line.dropFirst(name.count + 1))
        }
    }
}
