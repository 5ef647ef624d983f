import ArgumentParser

/// Makes things go wrong around drainers and judges what they make of it.
@main
struct Chaos: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Kills, pauses, cuts and restarts what drainers consist of and stand on, and counts what is lost, repeated "
            + "and reordered.",
        discussion: "Example: chaos faults --seconds 60",
        subcommands: [Faults.self, Rewinds.self, Bytes.self, Recovery.self]
    )
}
