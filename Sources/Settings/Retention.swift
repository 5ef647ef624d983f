/// How long acknowledged entries stay in their stream, for replay.
package enum Retention: Sendable, Hashable {
    /// Entries older than this are trimmed once every group has acknowledged them; zero trims them at once.
    case duration(Duration)
    /// Nothing is trimmed.
    case forever
}
