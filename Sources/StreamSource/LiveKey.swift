package import Entries

/// A key in Redis by which an operator changes a running fleet. Its value is an integer of a range; anything else is
/// ignored.
package struct LiveKey: Sendable, Hashable {
    /// Without the prefix: `insert_batch_size`, or `insert_batch_size:atlas_app.person`.
    package let name: String
    package let range: ClosedRange<Int>

    package static let stop = LiveKey(name: "stop", range: 0...1)
    package static let forceDrain = LiveKey(name: "force_drain", range: 0...1)
    package static let streamReadCount = LiveKey(name: "stream_read_count", range: 1...50_000)
    package static let insertBatchSize = LiveKey(name: "insert_batch_size", range: 1...50_000)
    package static let batchChunkSize = LiveKey(name: "batch_chunk_size", range: 1...10_000)
    package static let batchedCreateEnabled = LiveKey(name: "batched_create_enabled", range: 0...1)

    /// Those that count for the whole process.
    package static let global = [
        stop, forceDrain, streamReadCount, insertBatchSize, batchChunkSize, batchedCreateEnabled,
    ]
    /// Those that a table can have its own of.
    package static let perTable = [insertBatchSize, batchChunkSize, batchedCreateEnabled]

    /// The key of one table, which beats the key of all.
    package func of(_ table: TableName) -> LiveKey {
        LiveKey(name: "\(name):\(table)", range: range)
    }
}
