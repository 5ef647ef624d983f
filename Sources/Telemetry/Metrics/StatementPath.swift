/// The road on which a statement was executed; the label `path`.
package enum StatementPath: String, Sendable, Hashable, CaseIterable {
    /// A batch.
    case bulk
    /// One command, below the threshold or with batching off.
    case single
    /// One command that asked for it.
    case forced
    /// Part of a batch that was refused before.
    case fallback
}
