import Testing

/// A way on which entries reach their tables; what arrives must not depend on it.
struct Road: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// What sends every command down this road.
    let settings: [String: String]

    static let all = [
        Road(testDescription: "sequential", settings: ["BATCHED_CREATE_ENABLED": "false"]),
        Road(testDescription: "bulk", settings: ["INSERT_BATCH_SIZE": "1", "COPY_BATCH_SIZE": "0"]),
        Road(testDescription: "copy", settings: ["INSERT_BATCH_SIZE": "1", "COPY_BATCH_SIZE": "1"]),
    ]
}
