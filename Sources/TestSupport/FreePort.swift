import Glibc
import Synchronization

/// Ports for servers of the tests.
package enum FreePort {
    /// Below the ports that the kernel gives to outgoing connections, so that none takes a server's port while that
    /// server is down.
    private static let candidates = 20_000..<32_000
    private static let given = Mutex<Set<Int>>([])

    /// A port of 127.0.0.1 that nobody listens on and that no other caller in this process was given.
    package static func next() -> Int {
        while true {
            let port = Int.random(in: candidates)
            if canListen(on: port), given.withLock({ $0.insert(port).inserted }) { return port }
        }
    }

    private static func canListen(on port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
