package import Drain
package import Settings
package import StreamSource

extension SourceConfiguration {
    package init(_ settings: DrainerSettings, streams: [String], untilEmpty: Bool) {
        self.init(
            address: settings.redis,
            streams: streams,
            group: settings.streamGroup,
            consumer: settings.streamConsumer
        )
        readCount = settings.streamReadCount
        windowBytes = settings.windowBytes
        linger = settings.streamLinger
        block = settings.streamBlock
        leaseTTL = settings.leaseTTL
        retention =
            switch settings.streamRetention {
            case .duration(let duration): .duration(duration)
            case .forever: .forever
            }
        defaultSchema = settings.databaseSchema
        repairsJSON = settings.kvRepairJSON
        keepsOrder = settings.ordering == .stream
        keepsLedger = settings.keepsLedger
        self.untilEmpty = untilEmpty
    }
}

extension DrainRules {
    package init(_ settings: DrainerSettings) {
        self.init(
            batching: BatchRule(
                isEnabled: settings.batchedCreateEnabled,
                batchSize: settings.insertBatchSize,
                chunkSize: settings.batchChunkSize,
                copySize: settings.copyBatchSize
            ),
            onParseFailure: settings.onParseFailure,
            onWriteFailure: settings.onWriteFailure,
            breakerPercent: settings.breakerPercent
        )
    }
}
