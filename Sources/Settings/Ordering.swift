/// Who may drain a stream at the same time.
package enum Ordering: String, Sendable, Hashable, CaseIterable {
    /// One process at a time, and the order of every row is kept.
    case stream
    /// Processes share a stream, and rows are written in no order.
    case none
}
