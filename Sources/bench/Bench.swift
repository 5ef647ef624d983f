import ArgumentParser

/// Makes work for the drainer and for what it is measured against.
@main
struct Bench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Makes entries to drain, and the same rows for other ways to write them.",
        discussion: """
            Example: bench schema --mix atlas | psql "$DATABASE_URL"
                     bench publish --entries 100000 --stream drainer-stream --redis "$REDIS_URL" --mix atlas --bad 8
            """,
        subcommands: [Publish.self, Rows.self, Insert.self, Schema.self, Costs.self]
    )
}
