import ArgumentParser

/// Measures what the drainer itself spends on an entry, without any server.
struct Costs: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measures what decoding and planning an entry cost; of use in a release build only.",
        discussion: "Example: bench costs --entries 1000000"
    )

    @Option(help: "How many entries to decode and to plan.")
    var entries = 1_000_000

    func run() {
        for line in DecodeBenchmark.run(count: entries) { print(line) }
        print(PlanBenchmark.run(count: entries))
    }
}
