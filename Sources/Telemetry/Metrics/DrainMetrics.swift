package import Entries
import Synchronization

/// What the drain tells of itself: one method for each event.
///
/// A call costs an atomic addition, that of a table a look into a dictionary besides: meant for each statement and each
/// window, not for each entry. Safe from every thread.
package final class DrainMetrics: Sendable {
    package enum Server: String, Sendable, CaseIterable {
        case redis, postgres
    }

    /// Tables with series of their own; those met later share `table="other"`.
    package static let mostTables = 1000

    package let registry: MetricRegistry

    private let entriesRead: CounterSeries
    private let entriesAcked: CounterSeries
    private let windowEntries: HistogramSeries
    private let parseFailures: CounterSeries
    private let duplicatesSkipped: CounterSeries
    private let leasesHeld: GaugeSeries
    private let stopStatus: GaugeSeries
    private let executes: [Operation: [StatementPath: CounterSeries]]
    private let latencies: [Operation: HistogramSeries]
    private let up: [Server: GaugeSeries]
    private let tables = Mutex<[TableName: TableMetrics]>([:])
    private let otherTables: TableMetrics
    private let noTable: TableMetrics

    package init(registry: MetricRegistry = MetricRegistry()) {
        self.registry = registry
        entriesRead = registry.counter(.entriesRead)
        entriesAcked = registry.counter(.entriesAcked)
        windowEntries = registry.histogram(.windowEntries)
        parseFailures = registry.counter(.parseFailures)
        duplicatesSkipped = registry.counter(.duplicatesSkipped)
        leasesHeld = registry.gauge(.leasesHeld)
        stopStatus = registry.gauge(.stopStatus)
        var executes: [Operation: [StatementPath: CounterSeries]] = [:]
        var latencies: [Operation: HistogramSeries] = [:]
        for action in Operation.allCases {
            for path in StatementPath.allCases {
                executes[action, default: [:]][path] = registry.counter(
                    .queryExecutes,
                    [action.rawValue, path.rawValue]
                )
            }
            latencies[action] = registry.histogram(.drainLatency, [action.rawValue])
        }
        self.executes = executes
        self.latencies = latencies
        var up: [Server: GaugeSeries] = [:]
        for server in Server.allCases { up[server] = registry.gauge(.up, [server.rawValue]) }
        self.up = up
        otherTables = TableMetrics(label: MetricLabel.other, registry: registry)
        noTable = TableMetrics(label: "", registry: registry)
    }

    /// The page in Prometheus' text format.
    package func page() -> String { registry.page() }
}

/// Entries and windows.
extension DrainMetrics {
    /// Entries were read from a stream.
    package func read(_ count: Int) { entriesRead.increment(by: Int64(count)) }

    /// Entries were acknowledged, dead letters included.
    package func acknowledged(_ count: Int) { entriesAcked.increment(by: Int64(count)) }

    /// A window was committed.
    package func window(entries: Int) { windowEntries.record(Double(entries), times: 1) }

    /// Commands took effect this long after their entries' IDs were made. A writer's clock that is ahead counts as 0.
    package func latency(action: Operation, seconds: Double, times: Int = 1) {
        latencies[action]?.record(max(seconds, 0), times: times)
    }

    /// Entries cannot be read.
    package func parseFailures(_ count: Int) { parseFailures.increment(by: Int64(count)) }

    /// Entries that had taken effect before were acknowledged without being written.
    package func duplicatesSkipped(_ count: Int) { duplicatesSkipped.increment(by: Int64(count)) }

    /// Entries were set aside.
    ///
    /// - Parameters:
    ///   - table: nil where the entry cannot be read; the label is empty then.
    ///   - reason: SQLSTATE, `parse`, `skipped` or `id-reused`.
    package func deadLetter(table: TableName?, reason: String, count: Int = 1) {
        (table.map(metrics(of:)) ?? noTable).deadLetters(reason, count: count)
    }

    /// Redis lost entries of a stream before they could be written.
    package func entriesLost(stream: String, count: Int) {
        registry.counter(.entriesLost, [stream]).increment(by: Int64(count))
    }
}

/// Statements.
extension DrainMetrics {
    /// A statement stood.
    ///
    /// - Parameters:
    ///   - entries: how many commands it carried. Those of a batch are counted with their time under the table.
    ///   - duration: from its sending to its answer; of statements in one pipeline, each one's share.
    package func statement(
        action: Operation,
        path: StatementPath,
        table: TableName,
        entries: Int,
        duration: Duration
    ) {
        executes[action]?[path]?.increment()
        if path == .bulk || (path == .fallback && entries > 1) {
            metrics(of: table).batch(entries: entries, duration: duration)
        }
    }

    /// A statement was sent and did not stand; counts as executed too.
    ///
    /// - Parameter sqlState: `none` where the connection was lost without one.
    package func failed(action: Operation, path: StatementPath, table: TableName, sqlState: String) {
        executes[action]?[path]?.increment()
        metrics(of: table).failed(action, sqlState: sqlState)
    }

    /// A refused batch is written again in parts.
    package func fallback(table: TableName) { metrics(of: table).fallback() }

    /// Updates and deletes met no row, or creates an existing key.
    package func unmatched(action: Operation, table: TableName, count: Int) {
        guard count > 0 else { return }
        metrics(of: table).unmatched(action, count: count)
    }

    /// A window had this many signatures of the table.
    package func signatures(table: TableName, count: Int) { metrics(of: table).signatures(count) }

    /// A window is tried again.
    ///
    /// - Parameter sqlState: nil where the connection was lost without one; the label is `none` then.
    package func retry(sqlState: String?) { registry.counter(.retries, [sqlState ?? "none"]).increment() }

    private func metrics(of table: TableName) -> TableMetrics {
        tables.withLock { tables in
            if let known = tables[table] { return known }
            guard tables.count < Self.mostTables else { return otherTables }
            let new = TableMetrics(label: table.description, registry: registry)
            tables[table] = new
            return new
        }
    }
}

/// The state of things. A value that is not known is given as nil and is absent from the page: never 0.
extension DrainMetrics {
    /// What the group has not read, as Redis says.
    package func lag(stream: String, entries: Int?) { set(.streamLagEntries, stream, entries.map(Double.init)) }

    /// What the group has read and not acknowledged.
    package func pending(stream: String, entries: Int?) { set(.streamPendingEntries, stream, entries.map(Double.init)) }

    /// The age of the oldest entry that is not acknowledged; 0 where there is none.
    package func lag(stream: String, seconds: Double?) { set(.streamLagSeconds, stream, seconds.map { max($0, 0) }) }

    /// The length of the dead-letter stream of `stream`.
    package func deadLetterEntries(stream: String, count: Int?) {
        set(.deadLetterEntries, stream, count.map(Double.init))
    }

    /// A stream is no longer this process' to speak of.
    package func forget(stream: String) {
        for family in [
            MetricFamily.streamLagEntries, .streamPendingEntries, .streamLagSeconds, .deadLetterEntries,
        ] {
            set(family, stream, nil)
        }
    }

    package func leasesHeld(_ count: Int?) { leasesHeld.set(known: count.map(Double.init)) }

    /// Whether the fleet is stopped.
    package func stopStatus(_ isStopped: Bool?) { stopStatus.set(known: isStopped.map { $0 ? 1 : 0 }) }

    package func up(_ server: Server, _ isUp: Bool?) { up[server]?.set(known: isUp.map { $0 ? 1 : 0 }) }

    /// A live key was found with a value that is none of its range.
    ///
    /// - Parameter key: without the prefix.
    package func liveValueRejected(key: String, count: Int = 1) {
        registry.counter(.liveValueRejected, [key]).increment(by: Int64(count))
    }

    /// Has `update` called before each page, for values that are asked for rather than told. It must not block.
    package func beforePage(_ update: @escaping @Sendable (DrainMetrics) -> Void) {
        registry.beforePage { [weak self] in self.map(update) }
    }

    private func set(_ family: MetricFamily, _ stream: String, _ value: Double?) {
        registry.gauge(family, [stream]).set(known: value)
    }
}
