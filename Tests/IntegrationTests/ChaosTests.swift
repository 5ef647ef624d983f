import TestSupport
import Testing

/// A short look with what `ops/soak` looks with for as long as asked.
@Suite struct ChaosTests {
    private func chaos(_ arguments: String...) async throws {
        // What it has found is in its last words.
        try await Tool(try ServerBinaries.built("chaos")).run(arguments, within: .seconds(300))
    }

    @Test func randomFaultsLoseRepeatAndReorderNothing() async throws {
        try await chaos(
            "faults",
            "--seconds",
            "15",
            "--seed",
            "7",
            "--rate",
            "300",
            "--pause",
            "350",
            "--drainers",
            "2",
            "--streams",
            "3"
        )
    }

    /// A sample: each of so many bytes, spread over all of them.
    @Test func connectionsMayBeCutAfterAnyByte() async throws {
        try await chaos("bytes", "--step", "101", "--seed", "7", "--lanes", "2", "--seconds", "20")
    }
}
