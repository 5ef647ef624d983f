import Drain
import Logging
import Redis
import Testing

@testable import Settings

@Suite("Defaults")
struct DefaultsTests {
    @Test("Without any source every setting has its documented default")
    func everyDefault() async throws {
        let settings = try await load()
        #expect(settings.redis.endpoint == .tcp(host: "127.0.0.1", port: 6379))
        #expect(settings.redis.database == 0)
        #expect(settings.database.text == nil)
        #expect(settings.databaseSchema == "public")
        #expect(settings.streamNames == ["drainer-stream"])
        #expect(settings.streamGroup == "drainer")
        #expect(settings.streamConsumer == "box")
        #expect(settings.streamReadCount == 1000)
        #expect(settings.windowBytes == 16_777_216)
        #expect(settings.streamLinger == .milliseconds(5))
        #expect(settings.streamBlock == .seconds(1))
        #expect(settings.streamRetention == .duration(.zero))
        #expect(settings.kvRepairJSON)
        #expect(settings.workers == 1)
        #expect(settings.ordering == .stream)
        #expect(settings.leaseTTL == .seconds(10))
        #expect(settings.batchedCreateEnabled)
        #expect(settings.insertBatchSize == 10)
        #expect(settings.batchChunkSize == 1000)
        #expect(settings.copyBatchSize == 50)
        #expect(settings.batchRetryAttempts == 3)
        #expect(settings.batchRetryDelay == .seconds(1))
        #expect(settings.onParseFailure == .stop)
        #expect(settings.onWriteFailure == .deadLetter)
        #expect(settings.refusalGrace == .seconds(5))
        #expect(settings.breakerPercent == 50)
        #expect(settings.ledger)
        #expect(settings.livePrefix == "drainer:")
        #expect(settings.liveRefresh == .seconds(1))
        #expect(settings.adminAddress?.description == "127.0.0.1:9999")
        #expect(settings.logLevel == .info)
        #expect(settings.logFormat == .text)
        #expect(!settings.logValues)
    }

    @Test("Every field is read from a setting of the table, each once")
    func tableIsWhole() async throws {
        let settings = try await load()
        // The one field more is what was read for all the others.
        #expect(settings.redacted.count == SettingsTable.all.count)
        #expect(Set(SettingsTable.all.map(\.name)).count == SettingsTable.all.count)
        let names = [
            "REDIS_URL", "DATABASE_URL", "DATABASE_SCHEMA", "STREAM_NAMES", "STREAM_GROUP", "STREAM_CONSUMER",
            "STREAM_READ_COUNT", "WINDOW_BYTES", "STREAM_LINGER_MS", "STREAM_BLOCK_MS", "STREAM_RETENTION",
            "KV_REPAIR_JSON", "WORKERS",
            "ORDERING", "LEASE_TTL_MS", "BATCHED_CREATE_ENABLED", "INSERT_BATCH_SIZE", "BATCH_CHUNK_SIZE",
            "COPY_BATCH_SIZE", "BATCH_RETRY_ATTEMPTS", "BATCH_RETRY_DELAY", "ON_PARSE_FAILURE", "ON_WRITE_FAILURE",
            "REFUSAL_GRACE",
            "BREAKER_PERCENT", "LEDGER", "LIVE_PREFIX", "LIVE_REFRESH_MS", "ADMIN_ADDRESS", "LOG_LEVEL", "LOG_FORMAT",
            "LOG_VALUES",
        ]
        #expect(SettingsTable.all.map(\.name) == names)
    }

    @Test("A setting has one name in three spellings")
    func spellings() {
        #expect(SettingsTable.insertBatchSize.name == "INSERT_BATCH_SIZE")
        #expect(SettingsTable.insertBatchSize.flag == "--insert-batch-size")
        #expect(SettingsTable.insertBatchSize.key == "insert_batch_size")
    }

    @Test(
        "A value is found under each of the three spellings of every setting",
        arguments: SettingsTable.all.map(\.name)
    )
    func everySettingFromEverySource(name: String) async throws {
        let row = try #require(SettingsTable.all.first { $0.name == name })
        let text = row.example ?? row.defaultText
        let quoted = "\(row.key): \"\(text)\""
        #expect(try await load(["\(row.flag)=\(text)"]).origin(of: row) == .flag)
        #expect(try await load([row.flag, text]).origin(of: row) == .flag)
        #expect(try await load(environment: [row.name: text]).origin(of: row) == .environment)
        try await withFile(quoted) { path in
            let settings = try await load(["--config", path])
            #expect(settings.origin(of: row) == .file(path))
        }
    }
}
