import ArgumentParser

/// `bench decode`: the reading of entries alone.
struct Decode: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure the decoding of native entries, in nanoseconds an entry."
    )

    @Option(help: "How many entries.")
    var entries = 1_000_000

    func validate() throws {
        guard entries >= 1 else { throw ValidationError("--entries \(entries): 1 or more") }
    }

    func run() {
        print(DecodeBenchmark.run(count: entries))
    }
}
