import ArgumentParser
import Foundation

/// `chaos rewind`: servers that come back in an older state.
struct Rewinds: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rewind",
        abstract: "Redis or the database comes back in an older state.",
        discussion: "Exits with 1 as `chaos faults` does; what cannot be saved must be told."
    )

    @Argument(help: "\(Rewind.allCases.map(\.rawValue).joined(separator: ", ")); all of them without it.")
    var plots: [Rewind] = Rewind.allCases

    @Option(help: "Again and again with further seeds until so many seconds have passed; once without it.")
    var seconds = 0

    @Option(help: "Without it, any.")
    var seed: UInt64 = .random(in: 1...999_999)

    @Option(help: "Entries a second that are written into the streams.")
    var rate = 500

    @OptionGroup var records: Records

    func run() async throws {
        print(Verdict.head)
        var total = Verdict()
        var seed = seed
        let end = ContinuousClock.now + .seconds(seconds)
        repeat {
            for plot in plots { total.add(try await play(plot, seed)) }
            seed += 1
        } while ContinuousClock.now + .seconds(30) < end
        print(total.row("all"))
        total.complain()
        guard total.isGood(atLeastOnce: false) else { throw ExitCode(1) }
    }

    private func play(_ plot: Rewind, _ seed: UInt64) async throws -> Verdict {
        let round = Round(
            plot: plot,
            seed: seed,
            drainers: 2,
            streams: 3,
            rate: rate,
            lease: .milliseconds(500),
            settings: plot.settings,
            records: records,
            atLeastOnce: false
        )
        let verdict = try await round.run()
        print(verdict.row("\(plot.name) \(seed)"))
        fflush(nil)
        return verdict
    }
}
