import TestSupport

/// What happens in a round while entries are written and drained.
protocol Plot: Sendable {
    /// Shown in the table.
    var name: String { get }

    /// Returns when all is whole again, and with how often each kind of fault struck.
    func play(on stage: Stage, slots: [Slot], producer: Producer, seed: UInt64) async throws -> [String: Int]

    /// Takes back what is as it must be after this plot, although it would be wrong elsewhere.
    func excuse(_ verdict: inout Verdict, on stage: Stage, slots: [Slot], sent: [Sent])
}

extension Plot {
    func excuse(_ verdict: inout Verdict, on stage: Stage, slots: [Slot], sent: [Sent]) {}
}

/// Any fault at any time.
struct RandomFaults: Plot {
    let duration: Duration
    /// On average, between two faults; nil for none at all.
    let pause: Duration?
    let lease: Duration

    var name: String { "random faults" }

    func play(on stage: Stage, slots: [Slot], producer: Producer, seed: UInt64) async throws -> [String: Int] {
        guard let pause else {
            try await Task.sleep(for: duration)
            return [:]
        }
        let injector = Injector(stage, slots: slots, lease: lease, seed: seed)
        try await injector.run(for: duration, pause: pause)
        return await injector.injected
    }

    /// No server loses anything here: whoever tells that one did is wrong.
    func excuse(_ verdict: inout Verdict, on stage: Stage, slots: [Slot], sent: [Sent]) {
        for slot in slots {
            for drainer in slot.drainers {
                let alarms = drainer.errors.split(separator: "\n").filter { line in
                    line.contains(" error ") && ["lost", "trimmed", "gone back"].contains(where: { line.contains($0) })
                }
                verdict.others += alarms.map { "a false alarm of slot \(slot.number), process \(drainer.pid): \($0)" }
            }
        }
    }
}
