/// What becomes of an entry that cannot be written.
package enum FailurePolicy: String, Sendable, Hashable, CaseIterable {
    /// The fleet stops before it, and nothing is lost.
    case stop
    /// It is kept aside in the dead-letter stream, and the rest goes on.
    case deadLetter = "dead_letter"
}
