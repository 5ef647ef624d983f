import ArgumentParser
import Foundation
import SoakSupport

/// `soak differential`: random windows through a drainer and one by one.
struct Differential: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Compare what drainers leave with what one by one execution leaves, over random tables and windows.",
        discussion: "Example: soak differential --minutes 10 --seed 1"
    )

    @OptionGroup var options: SoakOptions

    func run() async throws {
        let stage = try await TrialStage.open(redis: options.redis, database: options.database)
        let start = ContinuousClock.now
        let end = start + .seconds(options.minutes * 60)
        let line = SoakProgress(mode: "differential", start: start)
        let finding = try await DifferentialSoak(stage: stage).run(
            from: options.seed,
            until: { _ in ContinuousClock.now >= end },
            progress: { trials, commands in line.tell("\(trials) trials, \(commands) commands") }
        )
        line.finish()
        guard let finding else { return }
        print(finding.description)
        throw ExitCode(1)
    }
}
