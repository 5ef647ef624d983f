import Postgres
import Redis
import TestSupport

/// Writes an entry into every stream again and again, and sees when they are committed.
actor Heartbeat {
    private let stage: Stage
    private let postgres: PostgresConnection
    private var number = 0
    private var isStopped = false

    init(_ stage: Stage) {
        self.stage = stage
        postgres = PostgresConnection(conninfo: stage.postgres.url(), applicationName: "chaos")
    }

    func stop() { isStopped = true }

    func run() async throws {
        let redis = stage.redisConnection()
        while !isStopped {
            number += 1
            let commands = stage.streams.enumerated().map { stream, key in
                let row: CommandText.Cells = ["stream": .number(stream), "number": .number(number)]
                return RedisCommand(["XADD", key, "*", "command", CommandText.create("chaos.line", row)])
            }
            for reply in try await redis.send(commands).all() { _ = try reply.orThrow() }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// How long it takes from now until one that was written after now is committed in each stream.
    func time() async throws -> Duration {
        let mark = number
        let start = ContinuousClock.now
        let sql = """
            SELECT count(DISTINCT stream) FROM chaos.line WHERE number > \(mark)
            """
        while ContinuousClock.now - start < .seconds(60) {
            do throws(PostgresError) {
                if await !postgres.isConnected { try await postgres.connect() }
                let count = try await postgres.run(sql).rows.first?.first.flatMap { $0 }
                if count == "\(stage.streams.count)" { return ContinuousClock.now - start }
            } catch {
                // It has been away: the next try connects anew.
            }
            try await Task.sleep(for: .milliseconds(5))
        }
        throw ServerFailure("nothing is drained for a minute")
    }
}
