import Foundation

/// Random trials, one seed after the other, until the time is over or two sides differ.
package struct DifferentialSoak: Sendable {
    /// What a seed that failed comes to.
    package struct Finding: Sendable, CustomStringConvertible {
        package let seed: UInt64
        package let description: String
    }

    /// What came of one seed.
    private struct Held: Sendable {
        let seed: UInt64
        let commands: Int
        let differences: [String]
    }

    private let stage: TrialStage

    package init(stage: TrialStage) {
        self.stage = stage
    }

    /// Holds the trials of these seeds and returns the first that fails, shrunk.
    ///
    /// - Parameters:
    ///   - width: trials at a time.
    ///   - progress: told after every trial how many were held and how many commands they had.
    package func run(
        from first: UInt64,
        until isOver: @escaping @Sendable (UInt64) -> Bool,
        width: Int = 3,
        progress: @escaping @Sendable (_ trials: Int, _ commands: Int) -> Void = { _, _ in }
    ) async throws -> Finding? {
        let failed = try await withThrowingTaskGroup(of: Held.self) { group in
            var next = first
            func addOne() {
                guard !isOver(next) else { return }
                let seed = next
                next += 1
                group.addTask {
                    let trial = Trial(seed: seed, extras: stage.extras)
                    let differences: [String]
                    do {
                        differences = try await stage.differences(of: trial)
                    } catch {
                        differences = ["the trial could not be held: \(error)"]
                    }
                    return Held(seed: seed, commands: trial.commands.count, differences: differences)
                }
            }
            for _ in 0..<width { addOne() }
            var (trials, commands) = (0, 0)
            var failed: (seed: UInt64, differences: [String])?
            while let held = try await group.next() {
                trials += 1
                commands += held.commands
                progress(trials, commands)
                if !held.differences.isEmpty, failed.map({ held.seed < $0.seed }) ?? true {
                    failed = (held.seed, held.differences)
                }
                if failed == nil { addOne() }
            }
            return failed
        }
        guard let failed else { return nil }
        return await finding(failed.seed, failed.differences)
    }

    private func finding(_ seed: UInt64, _ differences: [String]) async -> Finding {
        var smallest = Trial(seed: seed, extras: stage.extras)
        var again: [String] = []
        do {
            smallest = try await stage.shrunk(smallest)
            again = try await stage.differences(of: smallest)
        } catch {
            again = ["\(error)"]
        }
        return Finding(
            seed: seed,
            description: """
                seed \(seed) differs:
                \(differences.joined(separator: "\n"))

                shrunk to \(smallest.commands.count) commands, which \(again.isEmpty ? "do not differ again" : "differ"):
                \(again.joined(separator: "\n"))

                a test to keep:
                \(smallest.source)
                """
        )
    }
}
