import ArgumentParser
import Foundation
import Glibc
import TestSupport

/// `chaos recovery`: how long entries wait after something has ended.
struct Recovery: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measures how soon every stream is drained again after a drainer's or PostgreSQL's end.",
        discussion: """
            Entries are written into every stream all the time. A turn ends when one that was written after the event has been \
            committed in each of them. Exits with 1 where one took longer than is allowed.
            """
    )

    @Option(help: "How often each is measured.")
    var turns = 5

    @Option(help: "LEASE_TTL_MS of the drainers.")
    var lease = 500

    @Option(help: "How many streams.")
    var streams = 4

    @Flag(help: "One line of JSON in place of the table.")
    var json = false

    @OptionGroup var records: Records

    /// What ends, and what is allowed.
    private struct Measure {
        let name: String
        let allowed: Duration
        var times: [Duration] = []

        var isGood: Bool { times.allSatisfy { $0 <= allowed } }
    }

    func run() async throws {
        let lease = Duration.milliseconds(lease)
        var measures = [
            Measure(name: "SIGKILL of a drainer", allowed: lease * 1.5),
            Measure(name: "SIGTERM of a drainer", allowed: lease * 0.5),
            Measure(name: "PostgreSQL is back", allowed: .seconds(2)),
        ]
        try await withStage(streams: streams, lease: lease, settings: [:], records) { stage in
            let slots = try (0..<2).map { try Slot($0, stage) }
            let heartbeat = Heartbeat(stage)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for slot in slots {
                    // The other one is to do all the work for as long as is measured.
                    group.addTask { try await slot.keepRunning(pauses: 3000...3000, seed: 1) }
                }
                group.addTask { try await heartbeat.run() }
                for turn in 0..<turns {
                    let slot = slots[turn % 2]
                    measures[0].times.append(
                        try await time("SIGKILL", stage, heartbeat) { slot.signal(SIGKILL, ends: true) }
                    )
                    measures[1].times.append(
                        try await time("SIGTERM", stage, heartbeat) { slot.signal(SIGTERM, ends: true) }
                    )
                    try await calm(stage, heartbeat)
                    try await stage.postgres.stopImmediately()
                    try await Task.sleep(for: .seconds(1))
                    try await stage.postgres.start()
                    measures[2].times.append(try await heartbeat.time())
                    stage.timeline.note("PostgreSQL is back: \(measures[2].times)")
                }
                await heartbeat.stop()
                for slot in slots { slot.close() }
                try await group.waitForAll()
            }
            for slot in slots { slot.stopProxies() }
        }
        report(measures)
        guard measures.allSatisfy(\.isGood) else { throw ExitCode(1) }
    }

    private func time(_ name: String, _ stage: Stage, _ heartbeat: Heartbeat, _ event: () -> Int32?) async throws
        -> Duration
    {
        try await calm(stage, heartbeat)
        guard event() != nil else { throw ServerFailure("no drainer runs where one should") }
        let time = try await heartbeat.time()
        stage.timeline.note("\(name): \(time)")
        return time
    }

    /// Long enough for a new process to start and to get its share.
    private func calm(_ stage: Stage, _ heartbeat: Heartbeat) async throws {
        try await Task.sleep(for: .seconds(3.5) + .milliseconds(lease) * 3)
        _ = try await heartbeat.time()
    }

    private func report(_ measures: [Measure]) {
        if json {
            let lines = measures.map { measure in
                let times = measure.times.map { "\($0 / .milliseconds(1))" }.joined(separator: ",")
                return "\"\(measure.name)\":{\"allowed\":\(measure.allowed / .milliseconds(1)),\"times\":[\(times)]}"
            }
            print("{\(lines.joined(separator: ","))}")
            return
        }
        func text(_ time: Duration?) -> String { String(format: "%9.2f s", (time ?? .zero) / .seconds(1)) }
        print("  all streams drained after       median      worst    allowed")
        for measure in measures {
            let times = measure.times.sorted()
            let name = measure.name.padding(toLength: 26, withPad: " ", startingAt: 0)
            print("  \(name)\(text(times[times.count / 2]))\(text(times.last))\(text(measure.allowed))")
        }
    }
}
