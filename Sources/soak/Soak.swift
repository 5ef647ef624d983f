import ArgumentParser

/// Looks for what is wrong, for as long as it is let: `ops/soak` starts its servers and runs every mode.
@main
struct Soak: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Runs one of the soaks against servers that are its own.",
        discussion: "Example: soak differential --minutes 10 --redis \"$REDIS_URL\" --database \"$DATABASE_URL\"",
        subcommands: [Differential.self]
    )
}

/// What every mode is told.
struct SoakOptions: ParsableArguments {
    @Option(help: "How long; after this no new case is begun.")
    var minutes = 1.0

    @Option(help: "Where the seeds begin: the same seed makes the same case.")
    var seed: UInt64 = 1

    @Option(help: "redis://host:port/db or unix:///path?db=0, of a Redis of its own.")
    var redis = "redis://127.0.0.1:6379/0"

    @Option(help: "postgresql:// URI of a server of its own, as a superuser.")
    var database = "postgresql://postgres@127.0.0.1:5432/postgres"

    func validate() throws {
        guard minutes > 0 else { throw ValidationError("--minutes \(minutes): more than 0") }
    }
}
