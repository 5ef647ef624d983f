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
            LoopService { [watch, health, settings] in
                await watch.ask(postgres: settings.database.text ?? "") { health.hasCommittedLately }
            },
            LoopService { await readFleetStatus() },
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

    private struct OwnStatus: Encodable {
        let ready: Bool
        let reasons: [String]
        let stopped: Bool
        let entries: Int
        let rows: Int
        let deadLetters: Int
    }

    /// The fleet as last seen, with what this process says of itself under `process`.
    private var statusText: String {
        let readiness = readiness
        let totals = totals.current
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let status = OwnStatus(
            ready: readiness.isReady,
            reasons: readiness.reasons,
            stopped: isStopped,
            entries: totals.entries,
            rows: totals.rows,
            deadLetters: totals.deadLetters
        )
        // Texts and numbers always make valid JSON.
        let own = (try? encoder.encode(status)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
        let fleet = fleetText.withLock { $0 }.dropFirst()
        return "{\"process\":\(own)\(fleet == "}" ? "" : ",")\(fleet)\n"
    }

    /// Reads the fleet's status now and then, the more seldom the more streams there are, until cancelled.
    private func readFleetStatus() async {
        let interval = max(Duration.seconds(10), .milliseconds(500) * settings.streamNames.count)
        while !Task.isCancelled {
            let isKnown = live.areKnown && postgresTrouble == nil
            if isKnown, let text = await fleetStatus() { fleetText.withLock { $0 = text } }
            // Cancellation ends the pause early, and the loop sees it.
            try? await Task.sleep(for: isKnown ? interval : .milliseconds(200))
        }
    }
}
