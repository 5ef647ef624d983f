package import Redis

/// What a source needs to know; see the settings of the same names.
package struct SourceConfiguration: Sendable {
    /// How long acknowledged entries stay in the stream.
    package enum Retention: Sendable {
        /// Zero: trimmed once acknowledged.
        case duration(Duration)
        case forever
    }

    package var address: RedisAddress
    /// The streams that this source may be given, one window at a time, in turn.
    package var streams: [String]
    package var group: String
    /// The consumer names made from it start with it and are unique per process start, epoch and connection.
    package var consumer: String
    package var readCount = 1000
    package var windowBytes = 16 * 1024 * 1024
    package var linger = Duration.milliseconds(5)
    package var block = Duration.seconds(1)
    package var leaseTTL = Duration.seconds(10)
    package var retention = Retention.duration(.zero)
    package var defaultSchema = "public"
    package var repairsJSON = true
    /// One process drains a stream at a time, by a lease; else processes share it.
    package var keepsOrder = true
    /// The database keeps a checkpoint of every stream. Only with `keepsOrder`.
    package var keepsLedger = true
    /// Finish once everything that was in the streams at the start is acknowledged.
    package var untilEmpty = false

    package init(address: RedisAddress, streams: [String], group: String, consumer: String) {
        self.address = address
        self.streams = streams
        self.group = group
        self.consumer = consumer
    }

    /// How long an entry must lie untouched before it is taken from another process, which may still be at it. Under a
    /// lease nobody is.
    var claimIdle: Duration { keepsOrder ? .zero : min(.seconds(60), leaseTTL * 6) }
}
