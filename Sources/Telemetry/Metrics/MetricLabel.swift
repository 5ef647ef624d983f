/// The names of labels, each once.
package enum MetricLabel: String, Sendable, Hashable {
    case action, key, path, reason, server, sqlstate, stream, table

    /// Stands for every value beyond a metric's bound.
    package static let other = "other"
}
