package import Redis

/// Read from `redis://user:password@host:port/db` or `unix:///path.sock?db=0`.
extension RedisAddress {
    static let defaultPort = 6379
    static let form = "redis://[user:password@]host[:port][/db] or unix:///path.sock[?db=N]"

    /// Says what is wrong in words only: no part of the text, because a stray `@` or `/` makes a password look like one.
    package init(_ text: String) throws(ValueRefusal) {
        let parts = try AddressParts(text.trimmed)
        var login = Login()
        if let userInfo = parts.userInfo {
            let pair = userInfo.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            login.user = try PercentEncoding.decoded(pair[0])
            login.password = pair.count == 2 ? try PercentEncoding.decoded(pair[1]) : nil
        }
        var database: Int?
        let endpoint: Endpoint
        for (name, value) in parts.query {
            switch name {
            case "db" where database == nil: database = try Self.database(value)
            case "user" where login.user == nil: login.user = value
            case "password" where login.password == nil: login.password = value
            case "db", "user", "password": throw ValueRefusal("gives its db, user or password twice")
            default: throw ValueRefusal("has a query other than db, user or password")
            }
        }
        switch parts.scheme {
        case "redis":
            let address = try HostAndPort(parts.authority)
            guard address.port != 0 else { throw ValueRefusal("has a port that is no number from 1 to 65535") }
            endpoint = Endpoint.tcp(
                host: try PercentEncoding.decoded(address.host),
                port: address.port ?? Self.defaultPort
            )
            if let path = parts.path.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).last,
                !path.isEmpty
            {
                guard database == nil else { throw ValueRefusal("gives its db, user or password twice") }
                database = try Self.database(path)
            }
        case "unix":
            guard parts.authority.isEmpty else {
                throw ValueRefusal(
                    "has a host",
                    remedy: "give the socket's path after three slashes, unix:///path.sock"
                )
            }
            let path = try PercentEncoding.decoded(parts.path)
            guard path.count > 1 else { throw ValueRefusal("has no path of a socket") }
            endpoint = Endpoint.unix(path: path)
        case "rediss":
            throw ValueRefusal("asks for TLS, which is not supported yet")
        default:
            throw ValueRefusal("is no Redis URL")
        }
        let user = login.user.flatMap { $0.isEmpty ? nil : $0 }
        let password = user == nil ? login.password.flatMap { $0.isEmpty ? nil : $0 } : login.password
        guard user == nil || password != nil else {
            throw ValueRefusal(
                "has a user without a password",
                remedy: "give a password alone as redis://:password@host"
            )
        }
        self.init(endpoint: endpoint, database: database ?? 0, user: user, password: password)
    }

    private struct Login {
        var user: String?
        var password: String?
    }

    private static func database(_ text: some StringProtocol) throws(ValueRefusal) -> Int {
        guard text.allSatisfy({ $0.isASCII && $0.isNumber }), let number = Int32(text) else {
            throw ValueRefusal("has a database that is no number")
        }
        return Int(number)
    }
}
