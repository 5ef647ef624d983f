import Redis

extension SettingSyntax where Value == String {
    /// A text that is used as it stands, blanks included.
    static var name: Self {
        Self("NAME", allowed: "a name that is not empty") { text throws(ValueRefusal) in
            guard !text.trimmed.isEmpty else { throw ValueRefusal("is empty") }
            // Neither Redis' clients nor libpq carry it through: the name would end there.
            guard !text.utf8.contains(0) else { throw ValueRefusal("holds a NUL character") }
            return text
        }
    }
}

extension SettingSyntax where Value == [String] {
    /// A comma list of streams; see `StreamNames`.
    static var streamNames: Self {
        Self("NAMES", allowed: "a comma list of stream names, such as orders,events{shard-0..127}") {
            text throws(ValueRefusal) in try StreamNames(text).names
        }
    }
}

extension SettingSyntax where Value == RedisAddress {
    static var redisAddress: Self {
        Self("URL", allowed: RedisAddress.form) { text throws(ValueRefusal) in try RedisAddress(text) }
    }
}

extension SettingSyntax where Value == DatabaseAddress {
    static var databaseAddress: Self {
        Self("URL", allowed: "a libpq URI or conninfo, such as postgresql://user@host/database") {
            text throws(ValueRefusal) in try DatabaseAddress(text)
        }
    }
}

extension SettingSyntax where Value == AdminAddress? {
    /// `host:port`, or `off` for none.
    static var adminAddress: Self {
        Self("HOST:PORT", allowed: "host:port, such as 0.0.0.0:9999 or [::1]:9999, or off") {
            text throws(ValueRefusal) in
            text.trimmed.lowercased() == "off" ? nil : try AdminAddress(text.trimmed)
        }
    }
}
