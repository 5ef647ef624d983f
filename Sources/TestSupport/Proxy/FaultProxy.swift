import Foundation
import Glibc
import Synchronization

/// A TCP proxy in front of a server on 127.0.0.1 that spoils connections as it is told, while they run.
///
/// One thread of its own carries the bytes. What is armed, and what becomes of newcomers, holds when the call returns; the
/// thread strikes and heals what is open a moment later.
package final class FaultProxy: Sendable {
    /// What becomes of who connects.
    package enum Newcomers: Sendable, Hashable {
        case forwarded
        /// Accepted and never answered.
        case silent
        /// Nobody listens.
        case refused
    }

    struct State {
        var target: Int
        var newcomers = Newcomers.forwarded
        var delay: [ProxyDirection: Duration] = [:]
        var armed: [ArmedFault] = []
        var orders: [Order] = []
        var carried: [ProxyDirection: Int] = [:]
        var struck = 0
        var connections = 0
        var isStopping = false
    }

    /// What the thread is still to do.
    enum Order {
        case strike(ProxyFault)
        case heal
    }

    /// Where clients connect.
    package let port: Int

    let state: Mutex<State>
    /// A pipe that ends the thread's wait.
    let bell: (read: Int32, write: Int32)

    /// Starts one in front of `target`; its thread runs until `stop()`.
    package init(to target: Int) throws {
        port = FreePort.next()
        state = Mutex(State(target: target))
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw ServerFailure("no pipe: \(String(cString: strerror(errno)))") }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        bell = (ends[0], ends[1])
        let listener = try LoopbackSocket.listening(on: port)
        let thread = Thread { ProxyLoop(self, listener).run() }
        thread.stackSize = 512 * 1024
        thread.start()
    }

    deinit {
        Glibc.close(bell.read)
        Glibc.close(bell.write)
    }

    // MARK: what it is told

    /// The server's port; counts from the next connection on.
    package var target: Int {
        get { state.withLock { $0.target } }
        set { change { $0.target = newValue } }
    }

    package var newcomers: Newcomers {
        get { state.withLock { $0.newcomers } }
        set { change { $0.newcomers = newValue } }
    }

    /// Holds every piece back for so long; nil for both directions.
    package func delay(_ duration: Duration, _ direction: ProxyDirection? = nil) {
        change { state in
            for each in ProxyDirection.allCases where direction == nil || direction == each {
                state.delay[each] = duration
            }
        }
    }

    /// Does it now, to every connection there is.
    package func strike(_ fault: ProxyFault) {
        change { $0.orders.append(.strike(fault)) }
    }

    /// Does it once, as soon as exactly so many more bytes have gone in the direction, over all connections together; to
    /// the one that carried the last of them. With 0, in place of the next byte.
    package func arm(_ fault: ProxyFault, after bytes: Int, _ direction: ProxyDirection) {
        change { $0.armed.append(ArmedFault(fault: fault, direction: direction, trigger: .bytes(bytes))) }
    }

    /// Does it once, as soon as `text` has gone in the direction together with what came with it, to the connection that
    /// carried it.
    package func arm(_ fault: ProxyFault, onSeeing text: String, _ direction: ProxyDirection) {
        change { $0.armed.append(ArmedFault(fault: fault, direction: direction, trigger: .text(Array(text.utf8)))) }
    }

    /// Makes it an ordinary proxy again: nothing is armed or delayed, stalled connections go on, and those that have
    /// lost bytes or are half open are reset.
    package func heal() {
        change { state in
            state.armed = []
            state.delay = [:]
            state.newcomers = .forwarded
            state.orders.append(.heal)
        }
    }

    /// Resets every connection and ends the thread.
    package func stop() {
        change { $0.isStopping = true }
    }

    // MARK: what it tells

    /// Bytes carried so far.
    package func carried(_ direction: ProxyDirection) -> Int { state.withLock { $0.carried[direction] ?? 0 } }
    /// Connections that an armed fault has hit.
    package var struck: Int { state.withLock { $0.struck } }
    package var isArmed: Bool { state.withLock { !$0.armed.isEmpty } }
    /// Connections of clients that are open now.
    package var connections: Int { state.withLock { $0.connections } }

    private func change(_ body: (inout sending State) -> Void) {
        state.withLock { body(&$0) }
        // A full pipe rings as well.
        _ = write(bell.write, "!", 1)
    }
}

/// Gives `body` a proxy in front of a port of 127.0.0.1.
package func withFaultProxy<R>(to target: Int, _ body: (FaultProxy) async throws -> R) async throws -> R {
    let proxy = try FaultProxy(to: target)
    return try await cleaningUp {
        try await body(proxy)
    } afterwards: {
        proxy.stop()
    }
}
