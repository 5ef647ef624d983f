import ArgumentParser
import Foundation
import TestSupport

/// `chaos faults`: rounds of random faults.
struct Faults: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Rounds of random faults, each on servers of its own.",
        discussion: """
            Exits with 1 where anything was lost, repeated or reordered, a drainer died, or entries were left. What may tell \
            the reason is kept then.
            """
    )

    @Option(help: "How long in all.")
    var seconds = 60

    @Option(help: "How long things go wrong in one round.")
    var round = 60

    @Option(help: "Of the first round; the next ones follow. Without it, any.")
    var seed: UInt64?

    @Option(help: "2 to 5 at random without it.")
    var drainers: Int?

    @Option(help: "2 to 8 at random without it.")
    var streams: Int?

    @Option(help: "Entries a second that are written into the streams.")
    var rate = 2000

    @Option(help: "Milliseconds between two faults, on average; 0 for none.")
    var pause = 700

    @Option(help: "LEASE_TTL_MS of the drainers.")
    var lease = 500

    @Option(help: "A setting of the drainers, NAME=VALUE; any number of them.")
    var set: [String] = []

    @Flag(help: "Repeats and what they bring are no failure: LEDGER=off.")
    var atLeastOnce = false

    @Flag(help: "One line of JSON in place of the table.")
    var json = false

    @OptionGroup var records: Records

    func validate() throws {
        guard seconds >= 1, round >= 1, rate >= 1, lease >= 300 else {
            throw ValidationError("--seconds, --round and --rate are 1 or more, --lease is 300 or more")
        }
        guard set.allSatisfy({ $0.contains("=") }) else { throw ValidationError("--set NAME=VALUE") }
    }

    func run() async throws {
        var seed = seed ?? UInt64.random(in: 1...999_999)
        let end = ContinuousClock.now + .seconds(seconds)
        var total = Verdict()
        if !json { print(Verdict.head) }
        repeat {
            let left = ContinuousClock.now.duration(to: end)
            let verdict = try await round(seed, min(.seconds(round), left)).run()
            if !json { print(verdict.row("seed \(seed)")) }
            fflush(nil)
            total.add(verdict)
            seed += 1
        } while ContinuousClock.now + .seconds(5) < end
        if json { print(total.json) } else { report(total) }
        total.complain()
        guard total.isGood(atLeastOnce: atLeastOnce) else { throw ExitCode(1) }
    }

    private func round(_ seed: UInt64, _ duration: Duration) -> Round {
        var generator = SeededGenerator(seed: seed &+ 3)
        let (anyDrainers, anyStreams) = (
            Int.random(in: 2...5, using: &generator), Int.random(in: 2...8, using: &generator)
        )
        var settings = ["WORKERS": generator.chance(50) ? "1" : "2", "LEDGER": atLeastOnce ? "off" : "on"]
        for pair in set {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            settings[String(parts[0])] = String(parts[1])
        }
        let lease = Duration.milliseconds(lease)
        return Round(
            plot: RandomFaults(duration: duration, pause: pause == 0 ? nil : .milliseconds(pause), lease: lease),
            seed: seed,
            drainers: drainers ?? anyDrainers,
            streams: streams ?? anyStreams,
            rate: rate,
            lease: lease,
            settings: settings,
            records: records,
            atLeastOnce: atLeastOnce
        )
    }

    private func report(_ total: Verdict) {
        print(total.row("all"))
        print("")
        for (kind, count) in total.faults.sorted(by: { $0.key < $1.key }) {
            print("  \(String(repeating: " ", count: max(0, 6 - "\(count)".count)))\(count)  \(kind)")
        }
    }
}
