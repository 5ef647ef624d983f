/// IDs of a stream that went back to an older state: they had taken effect and it had not delivered them then, so that what
/// comes under one of them since is another entry.
package struct ReusedIDs: Sendable, Hashable {
    /// The last ID that was delivered.
    package let after: StreamID
    /// The last ID up to which everything had taken effect, and those above it that had, too.
    package let through: StreamID
    package let ahead: Set<StreamID>

    package init(after: StreamID, through: StreamID, ahead: Set<StreamID>) {
        self.after = after
        self.through = through
        self.ahead = ahead
    }

    package func contains(_ id: StreamID) -> Bool { id > after && (id <= through || ahead.contains(id)) }
}
