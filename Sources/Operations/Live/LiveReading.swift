import Entries
import Settings
import StreamSource

/// The value of a live key that is in force, and where it comes from.
package struct LiveReading: Sendable, Encodable, Equatable {
    /// A key that is set to what is no value, and counts as not set.
    package struct Ignored: Sendable, Encodable, Equatable {
        package let redisKey: String
        package let value: String
        package let allowed: String
    }

    package let key: String
    /// `schema.table`; nil for the whole process.
    package let table: String?
    package let value: Int
    /// `live table`, `live global`, `flag`, `environment`, a file's path or `default`.
    package let origin: String
    /// The key in Redis that decides; nil where none is set.
    package let redisKey: String?
    /// What the settings say, which counts once no key is set.
    package let setting: Int
    package let settingOrigin: String
    package let ignored: [Ignored]

    /// - Parameter values: what stands in Redis, by the keys' names without prefix.
    init(_ target: LiveTarget, in values: [String: String], prefix: String, settings: DrainerSettings) {
        (setting, settingOrigin) = target.base.setting(in: settings)
        key = target.base.name
        table = target.table?.description
        var ignored: [Ignored] = []
        var decisive: (value: Int, key: LiveKey)?
        for candidate in target.table == nil ? [target.base] : [target.key, target.base] {
            guard let text = values[candidate.name] else { continue }
            if let value = Int(text), candidate.range.contains(value) {
                decisive = decisive ?? (value, candidate)
            } else {
                ignored.append(
                    Ignored(
                        redisKey: prefix + candidate.name,
                        value: String(text.prefix(40)),
                        allowed: candidate.allowed
                    )
                )
            }
        }
        self.ignored = ignored
        value = decisive?.value ?? setting
        redisKey = decisive.map { prefix + $0.key.name }
        origin = decisive.map { $0.key == target.base ? "live global" : "live table" } ?? settingOrigin
    }

    /// `50, live table (drainer:insert_batch_size:atlas_app.person); the setting is 10 (default)`.
    package var text: String {
        guard let redisKey else { return "\(value), \(originText)" }
        return "\(value), \(origin) (\(redisKey)); the setting is \(setting) (\(settingOrigin))"
    }

    /// A line for each key that is set and ignored.
    package var warnings: [String] {
        ignored.map {
            "\($0.redisKey) is \"\($0.value.line())\" and ignored: set it to \($0.allowed); a process keeps the last good value"
        }
    }

    private var originText: String {
        ["default", "environment", "flag"].contains(settingOrigin) ? settingOrigin : "file \(settingOrigin)"
    }
}

extension LiveKey {
    /// What counts where no key is set, and where it comes from.
    fileprivate func setting(in settings: DrainerSettings) -> (value: Int, origin: String) {
        let (value, row): (Int, any SettingRow)
        switch self {
        case .streamReadCount: (value, row) = (settings.streamReadCount, SettingsTable.streamReadCount)
        case .insertBatchSize: (value, row) = (settings.insertBatchSize, SettingsTable.insertBatchSize)
        case .batchChunkSize: (value, row) = (settings.batchChunkSize, SettingsTable.batchChunkSize)
        case .batchedCreateEnabled:
            (value, row) = (settings.batchedCreateEnabled ? 1 : 0, SettingsTable.batchedCreateEnabled)
        default: return (0, "default")
        }
        return (value, "\(settings.origin(of: row))")
    }
}
