internal import Glibc
import Synchronization

/// The connections that are open, oldest first, each with the moment at which it is cut off.
///
/// Cutting off is shutdown(2) under the lock that closing takes too, so that a descriptor's number is never someone
/// else's by then; the connection's own task sees the end of its input and closes.
final class Connections: Sendable {
    private struct Open {
        let descriptor: Int32
        let deadline: ContinuousClock.Instant
    }

    private struct State {
        var open: [Int: Open] = [:]
        /// The numbers of open connections lie between these.
        var oldest = 0
        var next = 0
    }

    private let limits: AdminLimits
    private let state = Mutex(State())

    init(limits: AdminLimits) {
        self.limits = limits
    }

    var count: Int { state.withLock { $0.open.count } }

    /// Notes a connection; where there are too many, the oldest is cut off.
    func open(_ descriptor: Int32) -> Int {
        state.withLock { state in
            if state.open.count >= limits.connections {
                while state.oldest < state.next {
                    defer { state.oldest += 1 }
                    guard let oldest = state.open[state.oldest] else { continue }
                    shutdown(oldest.descriptor, Int32(SHUT_RDWR))
                    break
                }
            }
            defer { state.next += 1 }
            state.open[state.next] = Open(descriptor: descriptor, deadline: .now + limits.exchange)
            return state.next
        }
    }

    /// Forgets a connection and has its descriptor closed.
    func close(_ number: Int, _ closeDescriptor: () -> Void) {
        state.withLock { state in
            state.open[number] = nil
            closeDescriptor()
        }
    }

    /// Cuts off whoever has had the time.
    func cutOffOverdue() {
        state.withLock { state in
            for connection in state.open.values where connection.deadline <= .now {
                shutdown(connection.descriptor, Int32(SHUT_RDWR))
            }
        }
    }
}
