import Drain
import Logging
import ServiceLifecycle
import StreamSource
import TableSink

/// Runs the workers. On a graceful stop no window is read any more, those in hand are written and acknowledged.
struct DrainService: Service {
    let pairs: [(RedisSource, PostgresSink)]
    /// How often an idle worker looks whether its streams are still its own in the database.
    let ownershipInterval: Duration
    let logger: Logger
    let writer: @Sendable (PostgresSink) -> WindowWriter<PostgresSink>
    let totals: RunTotals

    func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                do { try await gracefulShutdown() } catch { return }
                for (source, _) in pairs { await source.stop() }
            }
            // Ended by the group's cancellation.
            group.addTask {
                while !Task.isCancelled {
                    try? await Task.sleep(for: ownershipInterval)
                    for (source, sink) in pairs {
                        let streams = await sink.disownedStreams()
                        if !streams.isEmpty { await source.openAgainIfIdle(streams) }
                    }
                }
            }
            try await withThrowingTaskGroup(of: Void.self) { workers in
                for (source, sink) in pairs {
                    workers.addTask {
                        try await DrainWorker(source: source, writer: writer(sink), totals: totals, logger: logger)
                            .run()
                        await source.leave()
                    }
                }
                try await workers.waitForAll()
            }
            group.cancelAll()
        }
    }
}

/// Keeps the process' share of the streams for as long as the drain works.
struct FleetService: Service {
    let fleet: Fleet

    func run() async throws {
        // Told to stop only when the drain has ended: nothing is in hand any more, and others may take the streams at once.
        try await cancelWhenGracefulShutdown { try await fleet.run() }
        await fleet.leave()
    }
}

/// A loop beside the drain, which runs until the group stops: one that ended by itself while another service is being
/// stopped would count as a failure of the whole group.
struct LoopService: Service {
    let loop: @Sendable () async -> Void

    func run() async throws {
        await cancelWhenGracefulShutdown { await loop() }
    }
}
