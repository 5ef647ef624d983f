/// What the process tells its caller; the numbers are sysexits'.
package enum ExitStatus: Int32, Sendable {
    case done = 0
    case usage = 64
    /// A run until empty that a stop policy, the breaker or `drainer:stop` ended.
    case stopped = 65
    case unreachable = 69
    case bug = 70
    /// Ended before it could finish; nothing is lost.
    case unfinished = 75
    case permission = 77
    case configuration = 78
}
