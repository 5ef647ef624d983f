import Drain
import Redis
import Settings
import StreamSource

extension SourceConfiguration {
    init(_ settings: DrainerSettings, streams: [String], untilEmpty: Bool) {
        self.init(
            address: Redis.RedisAddress(settings.redis), streams: streams, group: settings.streamGroup, consumer: settings.streamConsumer)
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
        self.untilEmpty = untilEmpty
    }
}

extension DrainRules {
    init(_ settings: DrainerSettings) {
        self.init(
            batching: BatchRule(
                isEnabled: settings.batchedCreateEnabled,
                batchSize: settings.insertBatchSize,
                chunkSize: settings.batchChunkSize
            ),
            onParseFailure: Drain.FailurePolicy(settings.onParseFailure),
            onWriteFailure: Drain.FailurePolicy(settings.onWriteFailure),
            breakerPercent: settings.breakerPercent
        )
    }
}

extension Drain.FailurePolicy {
    init(_ policy: Settings.FailurePolicy) {
        self =
            switch policy {
            case .stop: .stop
            case .deadLetter: .deadLetter
            }
    }
}

extension Redis.RedisAddress {
    init(_ address: Settings.RedisAddress) {
        let endpoint: Endpoint =
            switch address.endpoint {
            case .tcp(let host, let port): .tcp(host: host, port: port)
            case .unix(let path): .unix(path: path)
            }
        self.init(endpoint: endpoint, database: address.database, user: address.user, password: address.password)
    }
}
