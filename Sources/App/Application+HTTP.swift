import Admin
import Drain
internal import Foundation
import Logging
import ServiceLifecycle
import Settings
import StreamSource
import Telemetry

extension Application {
    /// What answers HTTP, and what watches the servers for it; nothing where `ADMIN_ADDRESS` is off.
    var adminServices: [any Service] {
        guard let address = settings.adminAddress else { return [] }
        let conninfo = settings.database.text ?? ""
        metrics.beforePage { [self] metrics in
            metrics.stopStatus(live.areKnown ? live.isStopped : nil)
            metrics.up(.redis, redisTrouble == nil)
            metrics.up(.postgres, postgresTrouble == nil)
        }
        return [
            AdminServer(
                address: AdminServer.Address(host: address.host, port: address.port),
                logger: logger,
                // A run until empty beside a running drainer is no fault.
                complaintLevel: untilEmpty ? .debug : .error,
                page: { [metrics] in metrics.page() },
                readiness: { readiness },
                status: { statusText }
            ),
            LoopService { [watch, settings] in await watch.ask(redis: settings.redis) },
            LoopService { [sources] in
                await withDiscardingTaskGroup { group in
                    for source in sources { group.addTask { await source.observe() } }
                }
            },
            LoopService { [watch, health] in
                await watch.ask(postgres: conninfo) { health.hasCommittedLately }
            },
        ]
    }

    /// Ready once both servers have answered, for as long as both take what they are given and nobody stopped the fleet.
    var readiness: Readiness {
        var reasons = [redisTrouble, postgresTrouble].compactMap { $0 }
        if live.isStopped { reasons.append("stopped: \(live.stopReason ?? "\(settings.livePrefix)stop is set")") }
        return Readiness(reasons: reasons)
    }

    private var redisTrouble: String? {
        redisHealth.trouble.map { "Redis: \($0)" } ?? watch.redis.trouble(of: "Redis")
    }

    private var postgresTrouble: String? {
        if let outage = health.outage { return "PostgreSQL: \(outage.message)" }
        return health.hasCommittedLately ? nil : watch.postgres.trouble(of: "PostgreSQL")
    }

    private struct Status: Encodable {
        let ready: Bool
        let reasons: [String]
        let stopped: Bool
        let entries: Int
        let rows: Int
        let deadLetters: Int
    }

    private var statusText: String {
        let readiness = readiness
        let totals = totals.current
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let status = Status(
            ready: readiness.isReady,
            reasons: readiness.reasons,
            stopped: isStopped,
            entries: totals.entries,
            rows: totals.rows,
            deadLetters: totals.deadLetters
        )
        // Texts and numbers always make valid JSON.
        return (try? encoder.encode(status)).map { String(decoding: $0, as: UTF8.self) + "\n" } ?? "{}\n"
    }
}
