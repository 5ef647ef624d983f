package import Drain
package import Logging
package import Redis

/// Every setting of a process, read and checked. What each means stands in `SettingsTable`.
///
/// Printing or dumping it shows no password.
package struct DrainerSettings: Sendable {
    package let redis: RedisAddress
    package let database: DatabaseAddress
    package let databaseSchema: String

    /// Expanded, each once, in the order given; never empty.
    package let streamNames: [String]
    package let streamGroup: String
    package let streamConsumer: String
    package let streamReadCount: Int
    /// Bytes.
    package let windowBytes: Int
    package let streamLinger: Duration
    package let streamBlock: Duration
    package let streamRetention: Retention
    package let kvRepairJSON: Bool

    package let workers: Int
    package let ordering: Ordering
    package let leaseTTL: Duration

    package let batchedCreateEnabled: Bool
    package let insertBatchSize: Int
    package let batchChunkSize: Int
    /// 0 is never.
    package let copyBatchSize: Int

    package let batchRetryAttempts: Int
    package let batchRetryDelay: Duration
    package let onParseFailure: FailurePolicy
    package let onWriteFailure: FailurePolicy
    package let refusalGrace: Duration
    /// 0 to 100; 0 is off.
    package let breakerPercent: Int
    package let ledger: Bool

    package let livePrefix: String
    package let liveRefresh: Duration

    /// Nil for none.
    package let adminAddress: AdminAddress?
    package let logLevel: Logger.Level
    package let logFormat: LogFormat
    package let logValues: Bool

    /// What was read for each setting and where, in the table's order; no text of a secret is safe to print.
    private let texts: SettingTexts

    /// Reads every text in the table's order; the first that is no value ends it.
    init(_ texts: SettingTexts) throws(SettingsError) {
        redis = try texts.value(of: SettingsTable.redisURL)
        database = try texts.value(of: SettingsTable.databaseURL)
        databaseSchema = try texts.value(of: SettingsTable.databaseSchema)
        streamNames = try texts.value(of: SettingsTable.streamNames)
        streamGroup = try texts.value(of: SettingsTable.streamGroup)
        streamConsumer = try texts.value(of: SettingsTable.streamConsumer)
        streamReadCount = try texts.value(of: SettingsTable.streamReadCount)
        windowBytes = try texts.value(of: SettingsTable.windowBytes)
        streamLinger = try texts.value(of: SettingsTable.streamLinger)
        streamBlock = try texts.value(of: SettingsTable.streamBlock)
        streamRetention = try texts.value(of: SettingsTable.streamRetention)
        kvRepairJSON = try texts.value(of: SettingsTable.kvRepairJSON)
        workers = try texts.value(of: SettingsTable.workers)
        ordering = try texts.value(of: SettingsTable.ordering)
        leaseTTL = try texts.value(of: SettingsTable.leaseTTL)
        batchedCreateEnabled = try texts.value(of: SettingsTable.batchedCreateEnabled)
        insertBatchSize = try texts.value(of: SettingsTable.insertBatchSize)
        batchChunkSize = try texts.value(of: SettingsTable.batchChunkSize)
        copyBatchSize = try texts.value(of: SettingsTable.copyBatchSize)
        batchRetryAttempts = try texts.value(of: SettingsTable.batchRetryAttempts)
        batchRetryDelay = try texts.value(of: SettingsTable.batchRetryDelay)
        onParseFailure = try texts.value(of: SettingsTable.onParseFailure)
        onWriteFailure = try texts.value(of: SettingsTable.onWriteFailure)
        refusalGrace = try texts.value(of: SettingsTable.refusalGrace)
        breakerPercent = try texts.value(of: SettingsTable.breakerPercent)
        ledger = try texts.value(of: SettingsTable.ledger)
        livePrefix = try texts.value(of: SettingsTable.livePrefix)
        liveRefresh = try texts.value(of: SettingsTable.liveRefresh)
        adminAddress = try texts.value(of: SettingsTable.adminAddress)
        logLevel = try texts.value(of: SettingsTable.logLevel)
        logFormat = try texts.value(of: SettingsTable.logFormat)
        logValues = try texts.value(of: SettingsTable.logValues)
        self.texts = texts
    }

    /// Where a setting's value came from.
    package func origin(of setting: any SettingRow) -> SettingOrigin {
        texts.text(of: setting).origin
    }
}

extension DrainerSettings {
    /// A setting as it may be printed, on one line.
    package struct Line: Sendable, Hashable {
        /// The environment name.
        package let name: String
        /// The text that was read, with `***` for a password.
        package let value: String
        package let origin: SettingOrigin
    }

    /// All settings in the table's order, safe to print: in `doctor`, in a log.
    package var redacted: [Line] {
        SettingsTable.all.map { row in
            let (text, origin) = texts.text(of: row)
            let value =
                switch row.name {
                case SettingsTable.redisURL.name: redis.description.line(upTo: 1000)
                case SettingsTable.databaseURL.name: database.description
                default: text.line(upTo: 1000)
                }
            return Line(name: row.name, value: value, origin: origin)
        }
    }
}

extension DrainerSettings: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { redacted.map { "\($0.name)=\($0.value)" }.joined(separator: " ") }
    package var debugDescription: String { description }
    package var customMirror: Mirror {
        Mirror(self, children: redacted.map { (label: $0.name, value: $0.value) }, displayStyle: .struct)
    }
}
