import Drain
internal import Glibc
import Logging
import ServiceLifecycle
import Settings
import StreamSource
import Telemetry
import UnixSignals

extension Application {
    /// How long a stop may take before it is ended by force.
    private static let longestStop = Duration.seconds(25)

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
            let other = conflict.other
            logger.error(
                """
                the group is drained in another mode: this process has \(conflict.own.mode), \(other.consumer) \
                (\(other.host), PID \(other.pid)) has \(other.mode): give all processes of the group one mode, and stop all \
                before a change
                """,
                metadata: [LogKey.group: "\(settings.streamGroup)"]
            )
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

    /// The service group takes each signal once; the second one and the deadline are watched for here.
    private func watchSignals(_ group: ServiceGroup) async -> Outcome {
        var count = 0
        await withDiscardingTaskGroup { tasks in
            for await signal in await UnixSignalsSequence(trapping: .sigterm, .sigint) {
                count += 1
                if count > 1 { endByForce() }
                logger.notice("stopping: the window in hand is written first", metadata: [LogKey.signal: "\(signal)"])
                await group.triggerGracefulShutdown()
                tasks.addTask {
                    // Cancelled by the end of the run: then there is nothing to end by force.
                    do { try await Task.sleep(for: Self.longestStop) } catch { return }
                    endByForce()
                }
            }
            tasks.cancelAll()
        }
        return .watched(signalled: count > 0)
    }

    /// Whatever a server or a thread still does.
    private func endByForce() -> Never {
        logger.warning("ended before the window in hand was written; its entries stay pending, nothing is lost")
        _exit(ExitStatus.unfinished.rawValue)
    }
}
