package import Entries
package import Redis
package import Settings
package import StreamSource

/// Shows and changes the values by which an operator steers a running fleet.
package struct Tuning: Sendable {
    private let store: LiveKeyStore
    private let settings: DrainerSettings

    package init(_ store: LiveKeyStore, settings: DrainerSettings) {
        self.store = store
        self.settings = settings
    }

    /// Every value in force: those of the whole process, then those that a table has of its own.
    ///
    /// - Parameter table: what counts for this table instead.
    package func list(table: TableName? = nil) async throws(RedisError) -> LiveReadings {
        if let table {
            let targets = LiveKey.perTable.map { LiveTarget(base: $0, table: table) }
            let keys = targets.flatMap { [$0.key, $0.base] }
            let values = try await store.values(of: keys + [.forceDrain])
            return LiveReadings(
                readings: targets.map { reading($0, in: values) },
                isForced: values["force_drain"] == "1"
            )
        }
        let globals = try await store.values(of: LiveKey.global)
        let found = try await store.tableKeys()
        let values = globals.merging(found.values) { $1 }
        let targets =
            LiveKey.global.map { LiveTarget(base: $0, table: nil) }
            + found.values.keys.sorted().compactMap { try? LiveTarget($0, settings) }
        return LiveReadings(
            readings: targets.map { reading($0, in: values) },
            isForced: globals["force_drain"] == "1",
            isWhole: found.isWhole
        )
    }

    package func get(_ target: LiveTarget) async throws(RedisError) -> LiveReading {
        reading(target, in: try await store.values(of: [target.key, target.base]))
    }

    /// Sets the key; answers with what was in force before and what is now.
    package func set(_ target: LiveTarget, to value: Int) async throws(RedisError) -> LiveChange {
        let before = try await get(target)
        try await store.set(target.key, to: value)
        return LiveChange(before: before, after: try await get(target))
    }

    /// Deletes the key; answers with what was in force before and what is now.
    package func unset(_ target: LiveTarget) async throws(RedisError) -> LiveChange {
        let before = try await get(target)
        try await store.delete(target.key)
        return LiveChange(before: before, after: try await get(target))
    }

    private func reading(_ target: LiveTarget, in values: [String: String]) -> LiveReading {
        LiveReading(target, in: values, prefix: settings.livePrefix, settings: settings)
    }
}

extension LiveTarget {
    /// As the key and the table are named on the command line.
    package init(_ name: String, table: String? = nil, _ settings: DrainerSettings) throws(Mistake) {
        try self.init(name, table: table, prefix: settings.livePrefix, defaultSchema: settings.databaseSchema)
    }
}

/// Several values, as they are printed.
package struct LiveReadings: Sendable, Encodable {
    package let values: [LiveReading]
    /// Whether `force_drain` is on, which puts the batch values out of force.
    package let isForced: Bool
    /// Whether all of Redis' keys were looked at.
    package let isWhole: Bool

    init(readings: [LiveReading], isForced: Bool, isWhole: Bool = true) {
        values = readings
        self.isForced = isForced
        self.isWhole = isWhole
    }

    /// For people.
    package var text: String {
        var page = Paragraphs()
        let rows = values.map { reading in
            let standing = reading.redisKey == nil ? "" : "  (setting: \(reading.setting), \(reading.settingOrigin))"
            return [reading.key, reading.table ?? "", "\(reading.value)", reading.origin + standing]
        }
        page.append(table: [["key", "table", "value", "from"]] + rows)
        if isForced {
            page.append("force_drain is 1: batching is off and failures become dead letters, whatever stands above")
        }
        for warning in values.flatMap(\.warnings).uniqued { page.append(warning) }
        if !isWhole { page.append("Redis holds too many keys to look at all: name the table with --table") }
        return page.text
    }
}

extension [String] {
    /// Each once, in order.
    fileprivate var uniqued: [String] {
        var seen: Set<String> = []
        return filter { seen.insert($0).inserted }
    }
}

/// What setting or deleting a key did.
package struct LiveChange: Sendable, Encodable {
    package let before: LiveReading
    package let after: LiveReading

    /// For people.
    package func text(within refresh: Duration) -> String {
        let name = after.key + (after.table.map { " of \($0)" } ?? "")
        var lines = ["\(name) is \(after.text)", "before: \(before.text)"]
        lines.append("every process takes it up within \(refresh.formatted), from its next window on")
        return (lines + after.warnings).map { $0.line(upTo: 1000) }.joined(separator: "\n")
    }
}
