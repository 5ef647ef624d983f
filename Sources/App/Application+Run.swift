import Drain
import Logging
import ServiceLifecycle
import Settings
import StreamSource
import Telemetry

extension Application {
    /// Runs until the streams are empty, or for ever; the first SIGTERM or SIGINT stops it gently, the second, or a
    /// stop of 25 s, at once.
    ///
    /// - Parameter beside: runs along with the drain and is cancelled at its end: the progress line.
    package func run(beside companion: @escaping @Sendable () async -> Void = {}) async -> ExitStatus {
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: services.enumerated().map { number, service in
                    .init(
                        service: service,
                        // The drain ends by itself when everything is drained; the others never do.
                        successTerminationBehavior: number == services.count - 1 ? .gracefullyShutdownGroup : .ignore,
                        failureTerminationBehavior: .cancelGroup
                    )
                },
                logger: Logger(label: "lifecycle") { _ in SwiftLogNoOpLogHandler() }
            )
        )
        let interrupted = await withTaskGroup(of: Outcome.self) { tasks in
            tasks.addTask { await watchSignals(group) }
            tasks.addTask {
                await companion()
                return .watched(signalled: false)
            }
            tasks.addTask {
                do {
                    try await group.run()
                    return .drained
                } catch let conflict as ModeConflict {
                    return .conflict(conflict)
                } catch {
                    return .failed("\(error)")
                }
            }
            var result = Outcome.drained
            for await outcome in tasks {
                guard outcome.endsRun else { continue }
                result = outcome
                break
            }
            tasks.cancelAll()
            for await outcome in tasks {
                if case .watched(signalled: true) = outcome, case .drained = result { result = outcome }
            }
            return result
        }
        switch interrupted {
        case .failed(let reason):
            logger.error("the drain ended by an error", metadata: [LogKey.reason: "\(reason)"])
            return .bug
        case .conflict(let conflict):
            logger.error("\(conflict)", metadata: [LogKey.group: "\(settings.streamGroup)"])
            return .configuration
        case .watched: return untilEmpty ? .unfinished : .done
        case .drained: return untilEmpty && isStopped ? .stopped : .done
        }
    }

    private enum Outcome {
        case drained
        case failed(String)
        case conflict(ModeConflict)
        case watched(signalled: Bool)

        var endsRun: Bool {
            if case .watched = self { false } else { true }
        }
    }

    /// The service group takes each signal once; the second one and the deadline are watched for beside it.
    private func watchSignals(_ group: ServiceGroup) async -> Outcome {
        let signals = StopSignals(
            logger: logger,
            whenForced: "ended before the window in hand was written; its entries stay pending, nothing is lost"
        )
        return .watched(signalled: await signals.watch { await group.triggerGracefulShutdown() })
    }
}
