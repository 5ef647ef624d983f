internal import Glibc

/// What a client may take from the process. Whoever wants more is cut off, and costs the drain nothing.
package struct AdminLimits: Sendable {
    /// Bytes of request line and headers.
    package var headBytes = 8192
    /// From the connection's first moment to its last, however busily its client sends a byte now and then.
    package var exchange = Duration.seconds(10)
    /// At once; the oldest gives way to one more.
    package var connections = AdminLimits.connectionsForThisProcess
    /// How long a page of metrics serves those who ask for the same.
    package var pageAge = Duration.milliseconds(100)

    package init() {}

    /// A quarter of the file descriptors at most: the drain needs some to reconnect.
    private static let connectionsForThisProcess: Int = {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 64 }
        return Int(max(16, min(512, limit.rlim_cur / 4)))
    }()
}
