import Glibc
import Synchronization

/// A TCP socket of 127.0.0.1 that never waits: what would have to is told, and tried again by whoever polls.
package final class LoopbackSocket: Sendable {
    let descriptor: Int32
    private let isClosed = Atomic(false)

    private init(_ descriptor: Int32) {
        self.descriptor = descriptor
        var on: Int32 = 1
        // Bytes leave when they are written, so that a cut is where it was asked for.
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    }

    deinit { close() }

    // MARK: making

    /// - Throws: `ServerFailure` where the port is taken.
    package static func listening(on port: Int) throws -> LoopbackSocket {
        let socket = try LoopbackSocket.new()
        var on: Int32 = 1
        setsockopt(socket.descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        guard socket.withAddress(port, { bind(socket.descriptor, $0, $1) }) == 0, listen(socket.descriptor, 128) == 0
        else { throw ServerFailure("port \(port) cannot be listened on: \(String(cString: strerror(errno)))") }
        return socket
    }

    /// Begins to connect; a server that does not answer at once may turn out to be away at the first read.
    ///
    /// - Throws: `ServerFailure` where nobody listens.
    package static func connecting(to port: Int) throws -> LoopbackSocket {
        let socket = try LoopbackSocket.new()
        guard socket.withAddress(port, { connect(socket.descriptor, $0, $1) }) == 0 || errno == EINPROGRESS else {
            throw ServerFailure("nobody listens on port \(port): \(String(cString: strerror(errno)))")
        }
        return socket
    }

    private static func new() throws -> LoopbackSocket {
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        let descriptor = socket(AF_INET, type, 0)
        guard descriptor >= 0 else { throw ServerFailure("no socket: \(String(cString: strerror(errno)))") }
        return LoopbackSocket(descriptor)
    }

    private func withAddress(_ port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    // MARK: using

    /// Closed here: the number may be another's by now.
    private var isGone: Bool { isClosed.load(ordering: .relaxed) }

    /// The next one that has come to a listening socket.
    package func accept() -> LoopbackSocket? {
        let accepted = Glibc.accept(descriptor, nil, nil)
        guard accepted >= 0 else { return nil }
        _ = fcntl(accepted, F_SETFD, FD_CLOEXEC)
        _ = fcntl(accepted, F_SETFL, O_NONBLOCK)
        return LoopbackSocket(accepted)
    }

    package enum Reading: Sendable, Hashable {
        case bytes([UInt8])
        /// None now.
        case nothing
        /// The other side will send no more.
        case end
        /// The connection is gone.
        case failure
    }

    package func read(upTo limit: Int = 65_536) -> Reading {
        while !isGone {
            var count = 0
            let bytes = [UInt8](unsafeUninitializedCapacity: limit) { buffer, length in
                count = recv(descriptor, buffer.baseAddress, limit, 0)
                length = max(count, 0)
            }
            if count > 0 { return .bytes(bytes) }
            if count == 0 { return .end }
            if errno == EINTR { continue }
            return errno == EAGAIN ? .nothing : .failure
        }
        return .failure
    }

    /// How many the socket took; nil where the connection is gone.
    package func write(_ bytes: some Collection<UInt8>) -> Int? {
        let array = Array(bytes)
        while !isGone {
            let count = send(descriptor, array, array.count, Int32(MSG_NOSIGNAL))
            if count >= 0 { return count }
            if errno == EINTR { continue }
            return errno == EAGAIN ? 0 : nil
        }
        return nil
    }

    /// Tells the other side that nothing more comes from here.
    package func finishWriting() {
        if !isGone { shutdown(descriptor, Int32(SHUT_WR)) }
    }

    /// - Parameter abruptly: the other side gets a reset in place of an orderly end.
    package func close(abruptly: Bool = false) {
        guard isClosed.exchange(true, ordering: .relaxed) == false else { return }
        if abruptly {
            var linger = linger(l_onoff: 1, l_linger: 0)
            setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
        }
        Glibc.close(descriptor)
    }
}
