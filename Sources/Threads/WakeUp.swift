internal import CLinux
internal import Glibc

/// Ends a thread's wait for a socket from outside: an eventfd that is polled beside it.
package final class WakeUp: Sendable {
    private let descriptor: Int32

    package init() {
        descriptor = drainer_eventfd()
        precondition(descriptor >= 0, "no file descriptor left for an eventfd (raise `ulimit -n`)")
    }

    deinit {
        close(descriptor)
    }

    /// May be called from any thread, any number of times.
    package func signal() {
        var one: UInt64 = 1
        // It can only fail when the counter is full, and then the wait ends anyway.
        _ = unsafe write(descriptor, &one, 8)
    }

    /// Forgets signals given so far.
    package func clear() {
        var count: UInt64 = 0
        _ = unsafe read(descriptor, &count, 8)
    }

    /// What ended a wait.
    package enum Outcome: Sendable {
        /// The socket can be read or written, or has failed: the next call on it tells.
        case ready
        /// `signal()` was called.
        case woken
        case timedOut
    }

    /// Waits on the calling thread until `socket` can be read (or written, if asked), or `signal()`, or the deadline.
    package func wait(for socket: Int32, toWrite: Bool = false, until deadline: Deadline) -> Outcome {
        let events = Int16(POLLIN) | (toWrite ? Int16(POLLOUT) : 0)
        return poll(socket: socket, events: events, until: deadline)
    }

    /// Waits only for the socket to take bytes.
    package func waitToWrite(to socket: Int32, until deadline: Deadline) -> Outcome {
        poll(socket: socket, events: Int16(POLLOUT), until: deadline)
    }

    private func poll(socket: Int32, events: Int16, until deadline: Deadline) -> Outcome {
        var descriptors = [
            pollfd(fd: socket, events: events, revents: 0),
            pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
        ]
        while true {
            let count = unsafe Glibc.poll(&descriptors, 2, deadline.pollMilliseconds)
            if count < 0 {
                if errno == EINTR { continue }
                return .ready
            }
            if descriptors[1].revents != 0 { return .woken }
            if descriptors[0].revents != 0 { return .ready }
            if deadline.isPast { return .timedOut }
        }
    }
}
