import Synchronization

/// The servers that all tests of this process share, each started when the first test asks for it. Tests that stop or
/// break a server take one of their own.
enum SharedServers {
    static let redis = Task { try await RedisServer.start(isPersistent: false) }
    static let postgres = Task { try await PostgresServer.start() }

    private static let keyspaces = Atomic(0)

    /// A database number of `redis` that no other test has now; 0 is left to whoever forgets to choose.
    static func nextKeyspace() -> Int {
        1 + keyspaces.add(1, ordering: .relaxed).newValue % (RedisKeyspace.limit - 1)
    }
}
