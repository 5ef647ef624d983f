import Dispatch
import FlyingSocks
internal import Glibc

extension AdminServer {
    /// A socket that listens on the address.
    func listen() async throws -> Socket {
        let addresses = try await Self.addresses(of: address.host, port: UInt16(address.port))
        var failure: any Error = NameFailure(reason: "the name has no address")
        for address in addresses {
            do {
                let socket = try Socket(domain: Int32(address.storage.ss_family))
                do {
                    try socket.setValue(true, for: .localAddressReuse)
                    try address.bind(socket)
                    try socket.listen()
                    return socket
                } catch {
                    // The failure to bind is the news.
                    try? socket.close()
                    throw error
                }
            } catch {
                failure = error
            }
        }
        throw failure
    }

    struct NameFailure: Error, CustomStringConvertible {
        let reason: String
        var description: String { reason }
    }

    /// An address as the system gave it. FlyingSocks takes any kind of address but this one, which it recurses on for ever.
    private struct Found: Sendable {
        let storage: sockaddr_storage
        let length: socklen_t

        func bind(_ socket: Socket) throws {
            let result = withUnsafePointer(to: storage) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    Glibc.bind(socket.file.rawValue, $0, length)
                }
            }
            guard result == 0 else { throw NameFailure(reason: String(cString: strerror(errno))) }
        }
    }

    /// Looked up on a thread of its own: getaddrinfo(3) blocks for as long as a name server does not answer.
    private static func addresses(of host: String, port: UInt16) async throws -> [Found] {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(with: Result { try lookUp(host, port) })
            }
        }
    }

    private static func lookUp(_ host: String, _ port: UInt16) throws -> [Found] {
        var hints = addrinfo()
        hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        let result = getaddrinfo(host, "\(port)", &hints, &found)
        guard result == 0 else { throw NameFailure(reason: String(cString: gai_strerror(result))) }
        defer { freeaddrinfo(found) }
        var addresses: [Found] = []
        var next = found
        while let info = next {
            var storage = sockaddr_storage()
            memcpy(&storage, info.pointee.ai_addr, Int(info.pointee.ai_addrlen))
            addresses.append(Found(storage: storage, length: info.pointee.ai_addrlen))
            next = info.pointee.ai_next
        }
        return addresses
    }
}
