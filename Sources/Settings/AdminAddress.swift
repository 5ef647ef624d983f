/// Where the process answers HTTP.
package struct AdminAddress: Sendable, Hashable, CustomStringConvertible {
    /// A name or address, IPv6 without brackets.
    package let host: String
    /// 0 lets the system choose a free one.
    package let port: Int

    /// Reads `host:port`; an IPv6 address stands in brackets, because its colons would hide the port's.
    init(_ text: String) throws(ValueRefusal) {
        let address = try HostAndPort(text)
        guard let port = address.port else { throw ValueRefusal("has no port") }
        host = address.host
        self.port = port
    }

    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
