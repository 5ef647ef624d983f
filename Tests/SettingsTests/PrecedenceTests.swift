import Drain
import Logging
import Redis
import Testing

@testable import Settings

@Suite("Precedence")
struct PrecedenceTests {
    @Test("A flag beats the environment, which beats the file, which beats the default")
    func order() async throws {
        try await withFile("workers: 2\ninsert_batch_size: 20\nbatch_chunk_size: 200\n") { path in
            let settings = try await load(
                ["--workers", "4"],
                environment: ["DRAINER_CONFIG": path, "WORKERS": "3", "INSERT_BATCH_SIZE": "30"]
            )
            #expect(settings.workers == 4)
            #expect(settings.origin(of: SettingsTable.workers) == .flag)
            #expect(settings.insertBatchSize == 30)
            #expect(settings.origin(of: SettingsTable.insertBatchSize) == .environment)
            #expect(settings.batchChunkSize == 200)
            #expect(settings.origin(of: SettingsTable.batchChunkSize) == .file(path))
            #expect(settings.streamReadCount == 1000)
            #expect(settings.origin(of: SettingsTable.streamReadCount) == .default)
        }
    }

    @Test("--config beats DRAINER_CONFIG, whose file is not even opened")
    func configFlagWins() async throws {
        let settings = try await load(yaml: "workers: 2", environment: ["DRAINER_CONFIG": "/nowhere/drainer.yaml"])
        #expect(settings.workers == 2)
    }

    @Test("A bad value that a stronger source covers does no harm")
    func coveredMistake() async throws {
        let settings = try await load(yaml: "workers: many", ["--workers", "4"], environment: ["WORKERS": "none"])
        #expect(settings.workers == 4)
    }

    @Test("An environment variable set to nothing counts as unset")
    func emptyVariable() async throws {
        let environment = [
            "WORKERS": "", "DRAINER_CONFIG": "", "STREAM_NAMES": "", "DATABASE_URL": "", "REDIS_URL": "",
        ]
        let settings = try await load(environment: environment)
        #expect(settings.workers == 1)
        #expect(settings.origin(of: SettingsTable.workers) == .default)
        #expect(settings.streamNames == ["drainer-stream"])
        let fromFile = try await load(yaml: "workers: 7", environment: environment)
        #expect(fromFile.workers == 7)
    }

    @Test("What is no setting is passed over in the environment")
    func foreignVariables() async throws {
        _ = try await load(environment: ["PATH": "/bin", "WORKER": "x", "insert_batch_size": "x", "": "x"])
    }

    @Test("An empty DATABASE_URL on the command line gives libpq's variables back")
    func emptyDatabase() async throws {
        let settings = try await load(["--database-url="], environment: ["DATABASE_URL": "host=db"])
        #expect(settings.database.text == nil)
    }
}
