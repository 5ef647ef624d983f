/// Rows for a `COPY … FROM STDIN`, a piece at a time.
package protocol CopySource: Sendable {
    /// The next piece, valid until the next call; nil at the end.
    mutating func next() -> ArraySlice<UInt8>?
}

/// One step of a pipeline: sent without waiting for the steps before it.
package enum PostgresStep: Sendable {
    /// Prepares a statement; the server infers the types of its parameters where the SQL does not say them.
    case prepare(name: String, sql: String)
    /// Executes what was prepared under the name, before or in this pipeline.
    case execute(name: String, PostgresParameters)
    /// Runs one statement that is not prepared.
    case run(sql: String, PostgresParameters)
}

/// How far a pipeline came. The server skips everything behind the first step that it refuses.
package struct PostgresProgress: Sendable {
    /// Of the steps that were executed, in order.
    package let results: [PostgresResult]
    /// Of the step behind them; nil where all were executed.
    package let refusal: PostgresError?
}
