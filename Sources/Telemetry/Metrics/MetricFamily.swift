/// One metric of the page: its name, what it means, and how many label sets it may have.
package struct MetricFamily: Sendable, Hashable {
    package enum Kind: Sendable, Hashable {
        /// Only grows, from the start of the process.
        case counter
        case gauge
        /// Upper bounds of the buckets, ascending; the one without a bound is understood.
        case histogram([Double])
    }

    package let name: String
    package let help: String
    package let kind: Kind
    /// Label names, in the order in which a series gives its values.
    package let labels: [String]
    /// Most series; further ones fall into `table="other"`, or `other` throughout where there is no table.
    package let mostSeries: Int

    init(_ name: String, _ help: String, _ kind: Kind, by labels: [MetricLabel] = [], mostSeries: Int = 1) {
        self.init(
            name: "drainer_" + name,
            help: help,
            kind: kind,
            labels: labels.map(\.rawValue),
            mostSeries: mostSeries
        )
    }

    /// - Parameter name: whole, as on the page.
    init(name: String, help: String, kind: Kind, labels: [String], mostSeries: Int) {
        self.name = name
        self.help = help
        self.kind = kind
        self.labels = labels
        self.mostSeries = mostSeries
    }
}

/// Every metric of the drainer, in the order of the page.
extension MetricFamily {
    /// Names come from entries, and nobody bounds those.
    private static let tables = 1000
    /// As many as `STREAM_NAMES` can hold.
    private static let streams = 65_536

    static let entriesRead = MetricFamily("entries_read_total", "Entries read from streams.", .counter)
    static let entriesAcked = MetricFamily(
        "entries_acked_total",
        "Entries acknowledged, dead letters included.",
        .counter
    )
    static let windowEntries = MetricFamily(
        "window_entries",
        "Entries written and committed together.",
        .histogram([1, 3, 10, 30, 100, 300, 1000, 3000, 10_000, 50_000])
    )
    static let batchEntriesProcessed = MetricFamily(
        "batch_entries_processed_total",
        "Entries that bulk statements carried and that stood.",
        .counter,
        by: [.table],
        mostSeries: tables
    )
    static let batchEntries = MetricFamily(
        "batch_entries",
        "Entries in one bulk statement.",
        .histogram([1, 3, 10, 30, 100, 300, 1000, 3000, 10_000]),
        by: [.table],
        mostSeries: tables
    )
    static let batchExecutionTime = MetricFamily(
        "batch_execution_time_seconds",
        "Time that one bulk statement took.",
        .histogram([0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30]),
        by: [.table],
        mostSeries: tables
    )
    static let queryExecutes = MetricFamily(
        "query_executes_total",
        "Data statements sent, failed ones too.",
        .counter,
        by: [.action, .path],
        mostSeries: 32
    )
    static let queryFailures = MetricFamily(
        "query_execution_failures_total",
        "Data statements that PostgreSQL refused, or that a lost connection ended.",
        .counter,
        by: [.action, .table, .sqlstate],
        mostSeries: 3 * tables
    )
    static let batchFallbacks = MetricFamily(
        "batch_fallback_used_total",
        "Batches refused and written again in parts.",
        .counter,
        by: [.table],
        mostSeries: tables
    )
    static let drainLatency = MetricFamily(
        "query_drain_latency_seconds",
        "Time from an entry's ID to the commit of its window.",
        .histogram([0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 3600]),
        by: [.action],
        mostSeries: 8
    )
    static let schemaVariation = MetricFamily(
        "schema_variation_alert",
        "Signatures of the table in the last window that had it.",
        .gauge,
        by: [.table],
        mostSeries: tables
    )
    static let deadLetters = MetricFamily(
        "dead_letters_total",
        "Entries set aside, by SQLSTATE or another reason.",
        .counter,
        by: [.table, .reason],
        mostSeries: 3 * tables
    )
    static let parseFailures = MetricFamily("parse_failures_total", "Entries that cannot be read.", .counter)
    static let unmatched = MetricFamily(
        "unmatched_total",
        "Updates and deletes that met no row, creates that met an existing key.",
        .counter,
        by: [.action, .table],
        mostSeries: 3 * tables
    )
    static let retries = MetricFamily(
        "retries_total",
        "Tries of a window after the database could not take it.",
        .counter,
        by: [.sqlstate],
        mostSeries: 300
    )
    static let duplicatesSkipped = MetricFamily(
        "duplicates_skipped_total",
        "Entries delivered again whose commands had taken effect.",
        .counter
    )
    static let streamLagEntries = MetricFamily(
        "stream_lag_entries",
        "Entries that the group has not read yet.",
        .gauge,
        by: [.stream],
        mostSeries: streams
    )
    static let streamPendingEntries = MetricFamily(
        "stream_pending_entries",
        "Entries read by the group and not acknowledged.",
        .gauge,
        by: [.stream],
        mostSeries: streams
    )
    static let streamLagSeconds = MetricFamily(
        "stream_lag_seconds",
        "Age of the oldest entry that is not acknowledged.",
        .gauge,
        by: [.stream],
        mostSeries: streams
    )
    static let deadLetterEntries = MetricFamily(
        "dead_letter_entries",
        "Entries in the dead-letter stream.",
        .gauge,
        by: [.stream],
        mostSeries: streams
    )
    static let entriesLost = MetricFamily(
        "entries_lost_total",
        "Entries that Redis lost before they could be written.",
        .counter,
        by: [.stream],
        mostSeries: streams
    )
    static let leasesHeld = MetricFamily("leases_held", "Streams that this process holds.", .gauge)
    static let stopStatus = MetricFamily(
        "stop_status",
        "1 while the fleet is stopped by the live key stop, else 0.",
        .gauge
    )
    static let liveValueRejected = MetricFamily(
        "live_value_rejected_total",
        "Values of live keys that were ignored.",
        .counter,
        by: [.key],
        mostSeries: tables
    )
    static let up = MetricFamily(
        "up",
        "1 while the server answers as it should, else 0.",
        .gauge,
        by: [.server],
        mostSeries: 8
    )

    package static let all = [
        entriesRead, entriesAcked, windowEntries, batchEntriesProcessed, batchEntries, batchExecutionTime,
        queryExecutes, queryFailures, batchFallbacks, drainLatency, schemaVariation, deadLetters, parseFailures,
        unmatched, retries, duplicatesSkipped, streamLagEntries, streamPendingEntries, streamLagSeconds,
        deadLetterEntries, entriesLost, leasesHeld, stopStatus, liveValueRejected, up,
    ]
}
