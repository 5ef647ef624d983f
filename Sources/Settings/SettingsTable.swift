package import Drain
package import Logging
package import Redis

/// Every setting there is. Help, the documentation's table, the file in `config/` and the check of unknown names are made
/// from it, so they cannot contradict each other.
package enum SettingsTable {
    /// Settings that an operator thinks of together.
    package struct Group: Sendable {
        package let title: String
        package let rows: [any SettingRow]
    }

    package static let groups: [Group] = [
        Group(title: "Servers", rows: [redisURL, databaseURL, databaseSchema]),
        Group(
            title: "Streams",
            rows: [
                streamNames, streamGroup, streamConsumer, streamReadCount, windowBytes, streamLinger, streamBlock,
                streamRetention, kvRepairJSON,
            ]
        ),
        Group(title: "Processes", rows: [workers, ordering, leaseTTL]),
        Group(title: "Batches", rows: [batchedCreateEnabled, insertBatchSize, batchChunkSize, copyBatchSize]),
        Group(
            title: "Failures",
            rows: [
                batchRetryAttempts, batchRetryDelay, onParseFailure, onWriteFailure, refusalGrace, breakerPercent,
                ledger,
            ]
        ),
        Group(title: "Live keys", rows: [livePrefix, liveRefresh]),
        Group(title: "Watching", rows: [adminAddress, logLevel, logFormat, logValues]),
    ]

    package static let all: [any SettingRow] = groups.flatMap(\.rows)
}

// MARK: - Servers

extension SettingsTable {
    package static let redisURL = Setting(
        "REDIS_URL",
        .redisAddress,
        default: "redis://127.0.0.1:6379/0",
        isSecret: true,
        help: """
            Redis or Valkey. A socket is unix:///path.sock?db=0; user and password stand before an @, percent-encoded. \
            TLS (rediss://) is not supported yet.
            """
    )
    package static let databaseURL = Setting(
        "DATABASE_URL",
        .databaseAddress,
        default: "",
        defaultNote: "libpq's own PG* variables",
        example: "postgresql://drainer@127.0.0.1/app",
        isSecret: true,
        help: "PostgreSQL, given to libpq as it is; sslmode and the rest are libpq's."
    )
    package static let databaseSchema = Setting(
        "DATABASE_SCHEMA",
        .name,
        default: "public",
        help: "Schema of a table that an entry names without one, and of all KV tables."
    )
}

// MARK: - Streams

extension SettingsTable {
    package static let streamNames = Setting(
        "STREAM_NAMES",
        .streamNames,
        default: "drainer-stream",
        help: """
            The streams to drain. name{shard-0..127} stands for 128 streams, name{shard-0} to name{shard-127}; \
            at most 65536 in all, each once.
            """
    )
    package static let streamGroup = Setting(
        "STREAM_GROUP",
        .name,
        default: "drainer",
        help: "Consumer group, made where it is missing, at the checkpoint's last ID or at 0 where there is none."
    )
    package static let streamConsumer = Setting(
        "STREAM_CONSUMER",
        .name,
        default: "",
        defaultNote: "the host name",
        example: "drainer-1",
        help: "This process' name. The consumer names made from it begin with it and are unique per process start."
    )
    package static let streamReadCount = Setting(
        "STREAM_READ_COUNT",
        .count(1...50_000),
        default: "1000",
        help: "Most entries in a window, which is written and committed together."
    )
    package static let windowBytes = Setting(
        "WINDOW_BYTES",
        .count(1...1_073_741_824, of: "bytes"),
        default: "16777216",
        help: """
            Most bytes of a window; fewer entries are read where they are large, and one larger entry is a window alone. \
            Memory holds two windows a worker.
            """
    )
    package static let streamLinger = Setting(
        "STREAM_LINGER_MS",
        .milliseconds(0...1000),
        default: "5",
        help: "How long a window that is not full waits for more after its first entry."
    )
    package static let streamBlock = Setting(
        "STREAM_BLOCK_MS",
        .milliseconds(10...60_000),
        default: "1000",
        help: "Longest wait for a first entry."
    )
    package static let streamRetention = Setting(
        "STREAM_RETENTION",
        .retention(upTo: .tenYears),
        default: "0s",
        help: """
            How long acknowledged entries stay, for replay: 0s trims them once acknowledged, forever never trims. \
            An entry that any group has not acknowledged is never trimmed. Without retention, a database restored from a \
            backup gets back only what Redis still holds unacknowledged.
            """
    )
}

// MARK: - KV entries

extension SettingsTable {
    package static let kvRepairJSON = Setting(
        "KV_REPAIR_JSON",
        .boolean,
        default: "true",
        help: """
            A KV entry's text for a json or jsonb column that was shown from its UTF-8 bytes, a character a byte, is made \
            that text again. false takes it as it stands.
            """
    )
}

// MARK: - Processes

extension SettingsTable {
    package static let workers = Setting(
        "WORKERS",
        .count(1...64),
        default: "1",
        help: "Windows written at the same time in this process, each on its own PostgreSQL connection."
    )
    package static let ordering = Setting(
        "ORDERING",
        SettingSyntax<Ordering>.word,
        default: "stream",
        help: """
            stream: one process drains a stream at a time and the order of every row is kept. none: processes share a \
            stream, in no order, at least once. All processes of a group use one mode.
            """
    )
    package static let leaseTTL = Setting(
        "LEASE_TTL_MS",
        .milliseconds(300...600_000),
        default: "10000",
        help: "How long a dead process keeps a stream from the others."
    )
}

// MARK: - Batches

extension SettingsTable {
    package static let batchedCreateEnabled = Setting(
        "BATCHED_CREATE_ENABLED",
        .boolean,
        default: "true",
        help: "false sends every command alone."
    )
    package static let insertBatchSize = Setting(
        "INSERT_BATCH_SIZE",
        .count(1...50_000),
        default: "10",
        help: """
            From how many entries of one signature (table, operation, columns) in a window they are written in bulk; \
            fewer go one by one. 1 batches everything.
            """
    )
    package static let batchChunkSize = Setting(
        "BATCH_CHUNK_SIZE",
        .count(1...10_000),
        default: "1000",
        help: "Most rows in one bulk statement: 500 entries at 50 are ten statements."
    )
    package static let copyBatchSize = Setting(
        "COPY_BATCH_SIZE",
        .count(0...10_000),
        default: "50",
        help: """
            From how many creates in a bulk statement they go by COPY, which is faster than INSERT and gives way to it where \
            a key exists already. 0 is never.
            """
    )
}

// MARK: - Failures

extension SettingsTable {
    package static let batchRetryAttempts = Setting(
        "BATCH_RETRY_ATTEMPTS",
        .count(1...100),
        default: "3",
        help: """
            Tries in all of a window after a transient failure; then it is an outage, which is said aloud and waited for. \
            Nothing is lost.
            """
    )
    package static let batchRetryDelay = Setting(
        "BATCH_RETRY_DELAY",
        .duration(upTo: .tenMinutes),
        default: "1s",
        help: "Wait before the second try; later waits double, with jitter."
    )
    package static let onParseFailure = Setting(
        "ON_PARSE_FAILURE",
        SettingSyntax<FailurePolicy>.word,
        default: "stop",
        help: """
            What becomes of an entry that cannot be read. stop: what came before it is written, it and what follows stay, \
            and the fleet stops. dead_letter: it is kept aside and the rest goes on.
            """
    )
    package static let onWriteFailure = Setting(
        "ON_WRITE_FAILURE",
        SettingSyntax<FailurePolicy>.word,
        default: "dead_letter",
        help: "What becomes of an entry that PostgreSQL refuses for its own sake; see ON_PARSE_FAILURE."
    )
    package static let refusalGrace = Setting(
        "REFUSAL_GRACE",
        .duration(upTo: .tenMinutes),
        default: "5s",
        help: """
            How long a window waits, once, before it tries again an entry refused for what another writer may be about to \
            bring: a missing table, column, schema or referenced row. A table for which that was in vain has none for a \
            minute.
            """
    )
    package static let breakerPercent = Setting(
        "BREAKER_PERCENT",
        .count(0...100),
        default: "50",
        help: """
            When more than this share of the last 1000 entries (at least 100) would be dead letters, the window is rolled \
            back and the fleet stops: the world is wrong, not the rows. 0 is off.
            """
    )
    package static let ledger = Setting(
        "LEDGER",
        .toggle,
        default: "on",
        help: """
            Bookkeeping in the target database that makes every command take effect exactly once; off is at least once. \
            All processes of a group use one mode.
            """
    )
}

// MARK: - Live keys

extension SettingsTable {
    package static let livePrefix = Setting(
        "LIVE_PREFIX",
        .name,
        default: "drainer:",
        help: "Prefix of the Redis keys that change a running fleet, such as drainer:insert_batch_size."
    )
    package static let liveRefresh = Setting(
        "LIVE_REFRESH_MS",
        .milliseconds(50...60_000),
        default: "1000",
        help: "How soon a changed live key counts."
    )
}

// MARK: - Watching

extension SettingsTable {
    package static let adminAddress = Setting(
        "ADMIN_ADDRESS",
        .adminAddress,
        default: "127.0.0.1:9999",
        help:
            "Where /metrics, /healthz, /readyz and /api/status are served; port 0 takes a free one, off serves nothing."
    )
    package static let logLevel = Setting(
        "LOG_LEVEL",
        SettingSyntax<Logger.Level>.word,
        default: "info",
        help: "Least important level that is logged."
    )
    package static let logFormat = Setting(
        "LOG_FORMAT",
        SettingSyntax<LogFormat>.word,
        default: "text",
        help: "text for people, json for one object a line."
    )
    package static let logValues = Setting(
        "LOG_VALUES",
        .toggle,
        default: "off",
        help: """
            on logs PostgreSQL's own words about what it refuses, with DETAIL and CONTEXT. They quote rows: for \
            debugging, where the log may hold data. Passwords stay out all the same.
            """
    )
}
