import Glibc
import Synchronization

/// One client of a proxy and its connection to the server; only the proxy's thread uses it.
final class ProxiedConnection {
    /// Where a direction's bytes are taken from and where they go.
    private struct Lane {
        let source: LoopbackSocket?
        let sink: LoopbackSocket?
        var queue: [(due: ContinuousClock.Instant, bytes: ArraySlice<UInt8>)] = []
        /// The last bytes that were taken, for a text that comes in pieces.
        var recent: [UInt8] = []
        /// Nothing more comes from the source.
        var hasEnded = false
        /// Nothing more goes to the sink.
        var isClosed = false
        /// What comes is dropped.
        var isSwallowed = false
        /// Strikes when the queue is empty; `held` came behind its moment.
        var fault: ProxyFault?
        var held: ArraySlice<UInt8> = []

        var isDone: Bool { hasEnded && (isClosed || isSwallowed) }
    }

    /// Bytes queued in a direction before its source has to wait.
    private static let mostQueued = 1 << 20

    private let proxy: FaultProxy
    private let client: LoopbackSocket
    private let server: LoopbackSocket?
    private var lanes: [ProxyDirection: Lane]
    private var isStalled = false
    /// Both sockets are closed.
    private(set) var isOver = false
    private(set) var hasClient = true

    /// - Parameter server: nil where nobody will ever answer.
    init(client: LoopbackSocket, server: LoopbackSocket?, proxy: FaultProxy) {
        self.client = client
        self.server = server
        self.proxy = proxy
        lanes = [
            .toServer: Lane(source: client, sink: server),
            .toClient: Lane(source: server, sink: client, hasEnded: server == nil),
        ]
    }

    // MARK: waiting

    /// What `poll` is to look at. A socket that nothing is wanted of is left out: its end would be told again and again.
    var awaited: [pollfd] {
        guard !isStalled else { return [] }
        var result: [pollfd] = []
        for lane in lanes.values {
            if let source = lane.source, takes(lane) {
                result.append(pollfd(fd: source.descriptor, events: Int16(POLLIN), revents: 0))
            }
            if let sink = lane.sink, let first = lane.queue.first, first.due <= .now {
                result.append(pollfd(fd: sink.descriptor, events: Int16(POLLOUT), revents: 0))
            }
        }
        return result
    }

    /// When the next bytes that are held back may go.
    var nextDue: ContinuousClock.Instant? {
        isStalled ? nil : lanes.values.compactMap { $0.queue.first?.due }.filter { $0 > .now }.min()
    }

    private func takes(_ lane: Lane) -> Bool {
        !lane.hasEnded && lane.fault == nil && lane.queue.reduce(0) { $0 + $1.bytes.count } < Self.mostQueued
    }

    // MARK: carrying

    func carry() {
        for direction in ProxyDirection.allCases {
            guard !isOver, !isStalled else { return }
            take(direction)
            guard !isOver, !isStalled else { return }
            give(direction)
        }
        if lanes.values.allSatisfy(\.isDone) { close() }
    }

    private func take(_ direction: ProxyDirection) {
        guard let lane = lanes[direction], let source = lane.source, takes(lane) else { return }
        switch source.read() {
        case .bytes(let bytes): pass(bytes[...], direction)
        case .nothing: break
        case .end: lanes[direction]?.hasEnded = true
        case .failure:
            // A receiver that must not learn of anything does not learn of this either.
            if lane.isSwallowed { lanes[direction]?.hasEnded = true } else { close(abruptly: true) }
        }
    }

    /// Queues what may pass, up to the moment of an armed fault.
    private func pass(_ bytes: ArraySlice<UInt8>, _ direction: ProxyDirection) {
        guard var lane = lanes[direction], !lane.isSwallowed, !bytes.isEmpty else { return }
        let (passing, delay) = proxy.state.withLock { state in
            var passing = bytes
            for index in state.armed.indices where state.armed[index].direction == direction {
                guard let count = state.armed[index].meet(bytes, after: lane.recent) else { continue }
                lane.fault = state.armed.remove(at: index).fault
                lane.held = bytes.dropFirst(count)
                passing = bytes.prefix(count)
                state.struck += 1
                break
            }
            state.carried[direction, default: 0] += passing.count
            return (passing, state.delay[direction] ?? .zero)
        }
        lane.recent = Array((lane.recent + passing.suffix(64)).suffix(64))
        if !passing.isEmpty { lane.queue.append((.now + delay, passing)) }
        lanes[direction] = lane
    }

    /// Hands on what is due, then the end or the fault behind it.
    private func give(_ direction: ProxyDirection) {
        guard var lane = lanes[direction] else { return }
        while let (due, bytes) = lane.queue.first, due <= .now {
            // Who lost the receiver lost the connection, unless that is what it must not know.
            guard let count = lane.sink?.write(bytes) else {
                lane.queue = []
                if lane.isSwallowed { break } else { return close(abruptly: true) }
            }
            if count == bytes.count {
                lane.queue.removeFirst()
            } else {
                lane.queue[0].bytes = bytes.dropFirst(count)
                break
            }
        }
        lanes[direction] = lane
        guard lane.queue.isEmpty else { return }
        if let fault = lane.fault {
            let held = lane.held
            lanes[direction]?.fault = nil
            lanes[direction]?.held = []
            strike(fault)
            if !isOver { pass(held, direction) }
        } else if lane.hasEnded, !lane.isSwallowed, !lane.isClosed {
            lane.sink?.finishWriting()
            lanes[direction]?.isClosed = true
        }
    }

    // MARK: spoiling

    func strike(_ fault: ProxyFault) {
        switch fault {
        case .close:
            for direction in ProxyDirection.allCases { end(direction) }
        case .reset: close(abruptly: true)
        case .halfClose(let direction): end(direction)
        case .swallow(let direction):
            for each in ProxyDirection.allCases where direction == nil || direction == each { drop(each) }
        case .stall: isStalled = true
        case .loseClient: lose(client, .toServer)
        case .loseServer: if let server { lose(server, .toClient) }
        }
    }

    func heal() {
        isStalled = false
        if lanes.values.contains(where: \.isSwallowed) { close(abruptly: true) }
    }

    private func drop(_ direction: ProxyDirection) {
        lanes[direction]?.isSwallowed = true
        lanes[direction]?.queue = []
        lanes[direction]?.fault = nil
    }

    private func end(_ direction: ProxyDirection) {
        drop(direction)
        lanes[direction]?.sink?.finishWriting()
        lanes[direction]?.isClosed = true
    }

    /// One end is gone, the other does not learn of it.
    private func lose(_ end: LoopbackSocket, _ from: ProxyDirection) {
        for direction in ProxyDirection.allCases { drop(direction) }
        lanes[from]?.hasEnded = true
        end.close(abruptly: true)
        if end === client { hasClient = false }
    }

    private func close(abruptly: Bool = false) {
        client.close(abruptly: abruptly)
        server?.close(abruptly: abruptly)
        hasClient = false
        isOver = true
    }
}
