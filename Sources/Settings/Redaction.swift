/// Passwords taken out of text that is to be printed.
///
/// It names what may be shown and hides the rest: a list of secrets would miss the next one, and a text that cannot be
/// read to its end is hidden whole, because nobody can say where the password in it stands.
package enum Redaction {
    package static let mask = "***"

    /// What may be shown of a connection to either server.
    private static let shown: Set<String> = [
        "application_name", "channel_binding", "client_encoding", "connect_timeout", "db", "dbname", "gssencmode",
        "host",
        "hostaddr", "keepalives", "keepalives_count", "keepalives_idle", "keepalives_interval", "krbsrvname",
        "load_balance_hosts", "passfile", "port", "require_auth", "requirepeer", "service", "sslcert", "sslcrl",
        "sslkey",
        "sslmode", "sslnegotiation", "sslrootcert", "ssl_max_protocol_version", "ssl_min_protocol_version",
        "target_session_attrs", "tcp_user_timeout", "user",
    ]

    /// A URL or libpq conninfo with its passwords hidden, on one line.
    package static func redacted(connection text: String) -> String {
        if let scheme = text.firstIndex(of: ":"), text[scheme...].hasPrefix("://"),
            text[..<scheme].trimmed.allSatisfy({ $0.isLetter || $0.isNumber || "+-.".contains($0) })
        {
            return redacted(url: text, from: text.index(scheme, offsetBy: 3)).line(upTo: 1000)
        }
        return redacted(conninfo: text).line(upTo: 1000)
    }

    /// Any other value that an error repeats: hidden where it looks as though it were a connection after all.
    package static func redacted(value text: String) -> String {
        let lowered = text.lowercased()
        if text.contains("://") { return redacted(connection: text) }
        return lowered.contains("passw") || text.contains("@") ? mask : text.line()
    }

    private static func redacted(url text: String, from start: String.Index) -> String {
        let scheme = text[..<start]
        var rest = text[start...]
        var login = ""
        if let at = rest.firstIndex(of: "@") {
            let userInfo = rest[..<at]
            rest = rest[rest.index(after: at)...]
            // A second @, or one behind the host, may end a password that was not encoded: no part is safe to show.
            guard !rest.contains("@"), !userInfo.contains(where: { "/?#".contains($0) }) else { return scheme + mask }
            let user = userInfo.prefix { $0 != ":" }
            // What stands alone before an @ is a user to libpq, and to Redis as likely a password.
            let isUserAlone = user.endIndex == userInfo.endIndex && scheme.lowercased().contains("postgres")
            login = isUserAlone ? "\(user)@" : user.endIndex < userInfo.endIndex ? "\(user):\(mask)@" : "\(mask)@"
        }
        let end = rest.firstIndex { $0 == "?" || $0 == "#" } ?? rest.endIndex
        let place = hasPlainPorts(rest[..<end].prefix { $0 != "/" }) ? String(rest[..<end]) : mask
        guard end < rest.endIndex else { return scheme + login + place }
        guard rest[end] == "?" else { return scheme + login + place + "#" + mask }
        let items = rest[rest.index(after: end)...].split(separator: "&", omittingEmptySubsequences: false)
        return scheme + login + place + "?" + items.map(redacted(item:)).joined(separator: "&")
    }

    /// Whether every host of `a:1,b:2` is followed by a number: in a URL without `@` a word there is a password astray.
    private static func hasPlainPorts(_ authority: Substring) -> Bool {
        authority.split(separator: ",").allSatisfy { host in
            let port = host.hasPrefix("[") ? host.drop { $0 != "]" }.dropFirst() : host.drop { $0 != ":" }
            return port.dropFirst().allSatisfy { $0.isASCII && $0.isNumber }
        }
    }

    private static func isPlainName(_ text: Substring) -> Bool {
        text.allSatisfy { $0.isLetter || $0.isNumber || "-_.%".contains($0) }
    }

    private static func redacted(item: Substring) -> String {
        let pair = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard pair.count == 2, shown.contains(String(pair[0])), isHarmless(pair[1]) else {
            let name = String(pair[0])
            return pair.count == 2 && isPlainName(pair[0]) ? "\(name)=\(mask)" : mask
        }
        return String(item)
    }

    /// Whether a parameter's value is no connection of its own: libpq reads one in `dbname`.
    private static func isHarmless(_ value: some StringProtocol) -> Bool {
        !value.contains("=") && !value.contains("://") && !value.lowercased().contains("%3d")
            && !value.lowercased().contains("%3a") && !value.contains("#")
    }

    private static func redacted(conninfo text: String) -> String {
        guard let pairs = ConnectionPairs(text)?.pairs, !pairs.isEmpty else { return mask }
        return pairs.map { name, value in
            guard shown.contains(name), isHarmless(value) else {
                return isPlainName(name[...]) ? "\(name)=\(mask)" : mask
            }
            let isBare = !value.isEmpty && value.allSatisfy { !$0.isWhitespace && $0 != "'" && $0 != "\\" }
            let quoted = value.map { $0 == "'" || $0 == "\\" ? "\\\($0)" : String($0) }.joined()
            return isBare ? "\(name)=\(value)" : "\(name)='\(quoted)'"
        }.joined(separator: " ")
    }
}
