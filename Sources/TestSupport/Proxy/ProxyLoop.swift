import Glibc
import Synchronization

/// What a proxy's thread does: accepts, carries bytes, strikes.
final class ProxyLoop {
    private let proxy: FaultProxy
    /// Nil while nobody may connect.
    private var listener: LoopbackSocket?
    private var connections: [ProxiedConnection] = []

    init(_ proxy: FaultProxy, _ listener: LoopbackSocket) {
        self.proxy = proxy
        self.listener = listener
    }

    /// Returns once the proxy is stopped.
    func run() {
        while obey() {
            wait()
            accept()
            for connection in connections { connection.carry() }
            connections.removeAll(where: \.isOver)
            proxy.state.withLock { $0.connections = connections.count { $0.hasClient } }
        }
        listener?.close()
        for connection in connections { connection.strike(.reset) }
    }

    /// Does what the proxy was told since; false once it is stopped.
    private func obey() -> Bool {
        let (orders, newcomers, isStopping) = proxy.state.withLock { state in
            defer { state.orders = [] }
            return (state.orders, state.newcomers, state.isStopping)
        }
        if isStopping { return false }
        if newcomers == .refused {
            listener?.close()
            listener = nil
        } else if listener == nil {
            // Where an old connection of the port is in the way, the next turn tries again.
            listener = try? LoopbackSocket.listening(on: proxy.port)
        }
        for order in orders {
            for connection in connections {
                switch order {
                case .strike(let fault): connection.strike(fault)
                case .heal: connection.heal()
                }
            }
        }
        return true
    }

    private func wait() {
        var descriptors = [pollfd(fd: proxy.bell.read, events: Int16(POLLIN), revents: 0)]
        if let listener { descriptors.append(pollfd(fd: listener.descriptor, events: Int16(POLLIN), revents: 0)) }
        for connection in connections { descriptors += connection.awaited }
        let due = connections.compactMap(\.nextDue).min()
        poll(&descriptors, nfds_t(descriptors.count), due.map(Self.milliseconds) ?? 1000)
        var rings = [UInt8](repeating: 0, count: 256)
        while read(proxy.bell.read, &rings, rings.count) == rings.count {}
    }

    /// Rounded up, so that a wait never spins through its last millisecond.
    private static func milliseconds(until instant: ContinuousClock.Instant) -> Int32 {
        let left = ContinuousClock.now.duration(to: instant) / .milliseconds(1)
        return Int32(min(max(left.rounded(.up), 0), 1000))
    }

    private func accept() {
        while let client = listener?.accept() {
            let (newcomers, target) = proxy.state.withLock { ($0.newcomers, $0.target) }
            let server = newcomers == .forwarded ? try? LoopbackSocket.connecting(to: target) : nil
            guard server != nil || newcomers == .silent else {
                client.close(abruptly: true)
                continue
            }
            let connection = ProxiedConnection(client: client, server: server, proxy: proxy)
            if server == nil { connection.strike(.swallow(nil)) }
            connections.append(connection)
        }
    }
}
