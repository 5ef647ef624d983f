import FlyingSocks
internal import Foundation
internal import Glibc
package import Logging
import ServiceLifecycle
import Synchronization
import Telemetry

/// Answers HTTP: metrics, health, readiness, status. Read-only, one request a connection.
///
/// What it says is asked of closures that only read snapshots. Where the address is taken, it says so in the log and
/// tries again every few seconds, since the process that has the port may be the one being replaced: rows matter more
/// than pages, so the drain goes on meanwhile.
package struct AdminServer: Service {
    package struct Address: Sendable, Hashable, CustomStringConvertible {
        /// A name or address, IPv6 without brackets.
        package let host: String
        /// 0 lets the system choose a free one.
        package let port: Int

        package init(host: String, port: Int) {
            self.host = host
            self.port = port
        }

        package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
    }

    let address: Address
    private let pages: AdminPages
    private let limits: AdminLimits
    private let connections: Connections
    private let logger: Logger
    private let complaintLevel: Logger.Level
    private let listening = Listening()

    private static let pauseBeforeListening = Duration.seconds(3)
    private static let pauseAfterRefusedAccept = Duration.milliseconds(100)
    private static let sweepInterval = Duration.milliseconds(250)
    /// What is still read of a client that sends more than it should, so that it gets to see why it was refused.
    private static let mostDiscarded = 65_536

    /// - Parameters:
    ///   - page: the metrics in Prometheus' text format.
    ///   - status: a JSON object.
    ///   - complaintLevel: how loud a taken address is.
    package init(
        address: Address,
        limits: AdminLimits = AdminLimits(),
        logger: Logger,
        complaintLevel: Logger.Level = .error,
        page: @escaping @Sendable () -> String,
        readiness: @escaping @Sendable () -> Readiness,
        status: @escaping @Sendable () -> String
    ) {
        self.address = address
        self.limits = limits
        self.logger = logger
        self.complaintLevel = complaintLevel
        connections = Connections(limits: limits)
        pages = AdminPages(page: CachedPage(age: limits.pageAge, make: page), readiness: readiness, status: status)
    }

    /// The port that is listened on; nil while there is none.
    package var port: Int? { listening.port.withLock { $0 } }

    /// The connections that are open now.
    package var connectionCount: Int { connections.count }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            var lastComplaint: ContinuousClock.Instant?
            while !Task.isCancelled {
                do {
                    let socket = try await listen()
                    lastComplaint = nil
                    try await serve(on: socket)
                } catch {
                    if Task.isCancelled { return }
                    if lastComplaint.map({ $0.duration(to: .now) > .seconds(60) }) ?? true {
                        lastComplaint = .now
                        logger.log(
                            level: complaintLevel,
                            "no HTTP: the address cannot be listened on; the drain goes on and it is tried again",
                            metadata: [LogKey.address: "\(address)", LogKey.reason: "\(Self.reason(error))"]
                        )
                    }
                }
                // Cancellation ends the pause early, and the loop sees it.
                try? await Task.sleep(for: Self.pauseBeforeListening)
            }
        }
    }

    private func serve(on listener: Socket) async throws {
        defer {
            listening.port.withLock { $0 = nil }
            // Nothing is left to do about a socket that cannot be closed.
            try? listener.close()
        }
        let pool = SocketPool.make()
        try await pool.prepare()
        let socket = try AsyncSocket(socket: listener, pool: pool)
        let port = try Self.port(of: listener)
        listening.port.withLock { $0 = port }
        logger.info(
            "HTTP is listened on",
            metadata: [LogKey.address: "\(Address(host: address.host, port: port))"]
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            group.addTask { try await pool.run() }
            group.addTask {
                while true {
                    try await Task.sleep(for: Self.sweepInterval)
                    connections.cutOffOverdue()
                }
            }
            group.addTask { await accept(on: socket) }
            try await group.next()
        }
    }

    private func accept(on listener: AsyncSocket) async {
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled {
                do {
                    let socket = try await listener.accept()
                    let number = connections.open(socket.socket.file.rawValue)
                    group.addTask {
                        await converse(on: socket)
                        // Nothing is left to do about a socket that cannot be closed.
                        connections.close(number) { try? socket.close() }
                    }
                } catch {
                    // Out of file descriptors, or gone before it was accepted: the next may fare better.
                    logger.debug(
                        "an HTTP connection was not accepted",
                        metadata: [LogKey.reason: "\(Self.reason(error))"]
                    )
                    // Cancellation ends the pause early, and the loop sees it.
                    try? await Task.sleep(for: Self.pauseAfterRefusedAccept)
                }
            }
        }
    }

    /// One request, one answer. Whatever goes wrong with a connection is its client's alone.
    private func converse(on socket: AsyncSocket) async {
        do {
            var bytes: [UInt8] = []
            while true {
                switch RequestHead.read(bytes) {
                case .complete(let head):
                    let response = await pages.answer(head)
                    try await socket.write(response.head)
                    if head.method != "HEAD" { try await socket.write(response.body) }
                    if response.status == .methodNotAllowed { try await part(from: socket) }
                    return
                case .garbage:
                    try await refuse(Response(.badRequest), on: socket)
                    return
                case .partial where bytes.count >= limits.headBytes:
                    try await refuse(Response(.headTooLarge), on: socket)
                    return
                case .partial:
                    bytes += try await socket.read(atMost: limits.headBytes - bytes.count)
                }
            }
        } catch {
            logger.trace("an HTTP client was cut off", metadata: [LogKey.reason: "\(Self.reason(error))"])
        }
    }

    private func refuse(_ response: Response, on socket: AsyncSocket) async throws {
        try await socket.write(response.head + response.body)
        try await part(from: socket)
    }

    /// Ends our side and reads over what is still under way: closed with bytes unread, TCP would take the answer back.
    private func part(from socket: AsyncSocket) async throws {
        shutdown(socket.socket.file.rawValue, Int32(SHUT_WR))
        var discarded = 0
        while discarded < Self.mostDiscarded { discarded += try await socket.read(atMost: 4096).count }
    }

    private static func port(of socket: Socket) throws -> Int {
        switch try socket.sockname() {
        case .ip4(_, let port), .ip6(_, let port): Int(port)
        case .unix: 0
        }
    }

    private static func reason(_ error: any Error) -> String {
        if case SocketError.failed(_, let number, _) = error { return String(cString: strerror(number)) }
        return "\(error)"
    }
}

/// Where the server listens now, for whoever asks.
private final class Listening: Sendable {
    let port = Mutex<Int?>(nil)
}
