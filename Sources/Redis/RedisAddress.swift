import Foundation

/// Where a Redis server is and how to log in.
///
/// Printing it shows no password, in an interpolation, a log's metadata or a dump.
package struct RedisAddress: Sendable, Hashable {
    /// The transport.
    package enum Endpoint: Sendable, Hashable {
        /// A name or address (IPv6 without brackets) and a port from 1 to 65535.
        case tcp(host: String, port: Int)
        /// The path of a socket.
        case unix(path: String)
    }

    package let endpoint: Endpoint
    /// The number for `SELECT`.
    package let database: Int
    /// The ACL user; nil for the default one.
    package let user: String?
    /// Nil for no `AUTH`.
    package let password: String?

    package init(endpoint: Endpoint, database: Int = 0, user: String? = nil, password: String? = nil) {
        self.endpoint = endpoint
        self.database = database
        self.user = user
        self.password = password
    }
}

extension RedisAddress: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The address with `***` for its password.
    package var description: String {
        let login = password == nil ? "" : "\(Self.encoded(user ?? "", .alphanumerics)):***@"
        return switch endpoint {
        case .tcp(let host, let port):
            "redis://\(login)\(host.contains(":") ? "[\(host)]" : host):\(port)/\(database)"
        case .unix(let path): "unix://\(login)\(Self.encoded(path, .urlPathAllowed))?db=\(database)"
        }
    }

    private static func encoded(_ text: String, _ allowed: CharacterSet) -> String {
        text.addingPercentEncoding(withAllowedCharacters: allowed) ?? ""
    }

    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(reflecting: description) }
}
