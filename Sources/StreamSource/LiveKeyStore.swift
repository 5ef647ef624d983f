package import Redis

/// The live keys as an operator's command reads and sets them; a drain has `LiveKeys`, which remembers.
package struct LiveKeyStore: Sendable {
    /// What stands under `stop`, and the reason beside it.
    package struct Stop: Sendable, Equatable {
        package let value: String?
        package let reason: String?

        package var isInForce: Bool { value.flatMap { Int($0) } == 1 }
    }

    /// The keys that were found, and whether some may not have been looked at.
    package struct Found: Sendable {
        /// Texts by the keys' names without prefix.
        package var values: [String: String] = [:]
        package var isWhole = true
    }

    /// How many of Redis' keys a search looks at, in all and at a time.
    private static let mostSteps = 2000
    private static let step = 1000

    private let connection: RedisConnection
    private let prefix: String

    package init(connection: RedisConnection, prefix: String) {
        self.connection = connection
        self.prefix = prefix
    }

    package func stop() async throws(RedisError) -> Stop {
        let found = try await connection.send(["MGET", prefix + "stop", prefix + "stop:reason"]).elements ?? []
        guard found.count == 2 else { throw RedisError(.unexpectedReply, "MGET") }
        return Stop(value: found[0].text, reason: found[1].text)
    }

    /// Stops the fleet; the reason stands before the key does.
    package func setStop(reason: String) async throws(RedisError) {
        try await set("stop:reason", to: reason)
        try await set(LiveKey.stop.name, to: "1")
    }

    /// Lets the fleet go on.
    package func deleteStop() async throws(RedisError) {
        _ = try await connection.send(["DEL", prefix + LiveKey.stop.name, prefix + "stop:reason"])
    }

    /// The texts under these keys, whatever they are; keys that are not set are missing.
    package func values(of keys: [LiveKey]) async throws(RedisError) -> [String: String] {
        var command: RedisCommand = ["MGET"]
        for key in keys { command.append(prefix + key.name) }
        let found = try await connection.send(command).elements ?? []
        guard found.count == keys.count else { throw RedisError(.unexpectedReply, "MGET") }
        var values: [String: String] = [:]
        for (key, reply) in zip(keys, found) { values[key.name] = reply.text }
        return values
    }

    /// Sets a key; a full Redis takes it.
    package func set(_ key: LiveKey, to value: Int) async throws(RedisError) {
        try await set(key.name, to: String(value))
    }

    package func delete(_ key: LiveKey) async throws(RedisError) {
        _ = try await connection.send(["DEL", prefix + key.name])
    }

    /// Looks for the keys of tables, however many other keys there are, up to two million.
    package func tableKeys() async throws(RedisError) -> Found {
        var names: Set<String> = []
        var cursor = "0"
        var steps = 0
        let pattern = prefix.map { "\\?*[]^-".contains($0) ? "\\\($0)" : "\($0)" }.joined() + "*:*"
        repeat {
            let reply = try await connection.send(["SCAN", cursor, "MATCH", pattern, "COUNT", String(Self.step)])
            guard let parts = reply.elements, parts.count == 2, let next = parts[0].text else {
                throw RedisError(.unexpectedReply, "SCAN")
            }
            for key in parts[1].elements ?? [] {
                guard let name = key.text?.dropFirst(prefix.count) else { continue }
                if LiveKey.perTable.contains(where: { name.hasPrefix("\($0.name):") }) { names.insert(String(name)) }
            }
            cursor = next
            steps += 1
        } while cursor != "0" && steps < Self.mostSteps
        var found = Found(isWhole: cursor == "0")
        let keys = names.sorted()
        for start in stride(from: 0, to: keys.count, by: Self.step) {
            let page = keys[start..<min(start + Self.step, keys.count)].map { LiveKey(name: $0, range: 0...0) }
            found.values.merge(try await values(of: page)) { $1 }
        }
        return found
    }

    private func set(_ name: String, to value: String) async throws(RedisError) {
        try await connection.connect()
        let version = await connection.serverVersion
        let command = StreamScripts.command(
            StreamScripts.set,
            keys: [prefix + name],
            arguments: [value],
            version: version
        )
        _ = try await connection.send(command)
    }
}
