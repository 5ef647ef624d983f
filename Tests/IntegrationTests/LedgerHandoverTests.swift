import Drain
import Entries
import Logging
import Postgres
import Redis
import StreamSource
import TableSink
import TestSupport
import Testing

/// What a process leaves that dies, is paused or loses its lease between two steps of the bookkeeping.
@Suite struct LedgerHandoverTests {
    private static let item = "CREATE TABLE item (id int PRIMARY KEY)"
    private static let bad = Native.create("item", ["id": "\"none\""])
    private static let forever = ["STREAM_RETENTION": "forever"]

    private static func items(_ range: Range<Int>) -> [String] {
        range.map { Native.create("item", ["id": "\($0)"]) }
    }

    @Test func deadLettersThatRedisLostAreMovedAgainThoughWhoNoticedItDied() async throws {
        try await withScene(Self.item) { scene in
            try await scene.publish([Self.bad] + Self.items(0..<3))
            try await scene.drain()
            // As an older state of Redis would have it.
            try await scene.redis("DEL", Scene.stream, "\(Scene.stream):dead")
            let other = try await scene.session()
            try await other.run("BEGIN; LOCK TABLE drainer.dead_letter IN SHARE MODE")
            try await scene.running { drainer in
                try await eventually("it is about to forget what was moved") {
                    try await scene.count(
                        "pg_locks WHERE NOT granted AND relation = 'drainer.dead_letter'::regclass"
                    ) == 1
                }
                await drainer.kill()
                // What it has asked for is not to be done after its death.
                try await scene.sql(
                    """
                    SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
                     WHERE application_name = 'drainer' AND datname = current_database()
                    """
                )
            }
            try await other.run("COMMIT")
            for number in 3..<5 {
                try await scene.publish(Self.items(number..<number + 1))
                let report = try await scene.drain()
                #expect(report.errors.contains("Redis has gone back") == (number == 3))
                #expect(try await scene.deadLetters().map { $0["drainer-error"] } == ["22P02"])
            }
            #expect(try await scene.count("item") == 5)
        }
    }

    @Test func anOwnerBeforeMarksNothingAsMoved() async throws {
        try await withScene(Self.item) { scene in
            let sinks = (0..<2).map { _ in
                PostgresSink(
                    connection: PostgresConnection(
                        conninfo: scene.settings["DATABASE_URL"] ?? "",
                        applicationName: "sink"
                    ),
                    leaseTTL: .seconds(10),
                    keepsLedger: true
                )
            }
            let start = Checkpoint(lastID: .zero)
            let claim = StreamClaim(stream: Scene.stream, source: "here", group: "workers", start: start)
            let id = StreamID(milliseconds: 1, sequence: 1)
            _ = try await sinks[0].take(claim)
            try await scene.sql(
                """
                INSERT INTO drainer.dead_letter (source, stream, consumer_group, entry_id, error, message, table_name, fields)
                VALUES ('here', '\(Scene.stream)', 'workers', '\(id)', '22P02', '', '', '{command,nothing}')
                """
            )
            #expect(try await sinks[1].take(claim).unmoved.map(\.id) == [id])
            let unmoved = "drainer.dead_letter WHERE moved_at IS NULL"
            await sinks[0].noteMoved([id], of: Scene.stream)
            #expect(try await scene.count(unmoved) == 1)
            await sinks[1].noteMoved([id], of: Scene.stream)
            #expect(try await scene.count(unmoved) == 0)
        }
    }

    @Test func aDeadLetterThatIsDeliveredAgainIsMovedWhereItIsMissing() async throws {
        try await withScene(Self.item) { scene in
            let ids = try await scene.publish([Self.bad] + Self.items(0..<3))
            try await scene.drain(Self.forever)
            for isMissing in [true, false] {
                if isMissing { try await scene.redis("DEL", "\(Scene.stream):dead") }
                for id in ids.prefix(2) {
                    try await scene.redis("XCLAIM", Scene.stream, "workers", "dead", "0", id, "FORCE", "JUSTID")
                }
                let report = try await scene.drain(Self.forever)
                #expect(report.duplicatesSkipped == 2 && report.deadLetters == 0)
                let letters = try await scene.deadLetters()
                #expect(letters.count == 1 && letters.first?["drainer-id"] == ids[0])
                #expect(letters.first?["drainer-error"] == "22P02" && letters.first?["command"] == Self.bad)
                #expect(try await scene.pending() == 0)
            }
        }
    }

    @Test func whoLosesTheLeaseWhileItOpensAStreamLetsItGo() async throws {
        try await withScene(Self.item) { scene in
            let ids = try await scene.publish(Self.items(0..<3))
            try await scene.redis("XGROUP", "CREATE", Scene.stream, "workers", "0")
            try await scene.redis("XREADGROUP", "GROUP", "workers", "dead", "STREAMS", Scene.stream, ">")
            _ = try await scene.redis.send(RedisCommand(["XACK", Scene.stream, "workers"] + ids))
            let leases = "drainer:fleet:{workers}:leases"
            try await scene.redis("HSET", leases, Scene.stream, "token")
            guard case .tcp(_, let port) = scene.redisAddress.endpoint else { throw ServerFailure("no port") }
            try await withFaultProxy(to: port) { proxy in
                let address = RedisAddress(
                    endpoint: .tcp(host: "127.0.0.1", port: proxy.port),
                    database: scene.redisAddress.database
                )
                let source = Self.source(at: address)
                await source.assign(Scene.stream)
                guard case .claimed(let claim) = await source.next() else { throw ServerFailure("no claim") }
                // The database has the first of three that were acknowledged.
                let takeover = Takeover(epoch: 2, checkpoint: Checkpoint(lastID: try #require(StreamID(ids[0]))))
                proxy.arm(.stall, onSeeing: "XPENDING", .toServer)
                async let opening = source.open(claim, takeover)
                try await eventually("it is in the middle of the opening") { proxy.struck == 1 }
                try await scene.redis("HSET", leases, Scene.stream, "another")
                proxy.heal()
                #expect(await !opening.wentBack)
                async let delivery = source.next()
                try await Task.sleep(for: .milliseconds(200))
                await source.stop()
                guard case .finished = await delivery else { throw ServerFailure("it reads what is another's") }
            }
        }
    }

    private static func source(at address: RedisAddress) -> RedisSource {
        let commands = RedisConnection(address: address, name: "commands")
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        return RedisSource(
            SourceConfiguration(address: address, streams: [Scene.stream], group: "workers", consumer: "subject"),
            commands: commands,
            live: LiveKeys(
                connection: RedisConnection(address: address, name: "live"),
                prefix: "drainer:",
                refreshInterval: .milliseconds(20),
                logger: logger
            ),
            token: "token",
            logger: logger
        )
    }

    @Test func anIDThatRedisGaveAgainIsNoDuplicateThoughWhoReadItDied() async throws {
        try await withScene(Self.item) { scene in
            try await scene.redis("XADD", Scene.stream, "1-1", "command", Self.items(0..<1)[0])
            try await scene.drain()
            try await scene.sql(
                """
                UPDATE drainer.checkpoint SET last_id = '9-9';
                CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                    RAISE EXCEPTION 'not now' USING ERRCODE = '55P03';
                END $$;
                CREATE TRIGGER refuse BEFORE INSERT ON drainer.dead_letter FOR EACH ROW EXECUTE FUNCTION refuse()
                """
            )
            try await scene.redis("XADD", Scene.stream, "5-1", "command", Self.items(1..<2)[0])
            try await scene.running { drainer in
                try await eventually("it is in hand") { try await scene.pending() == 1 }
                await drainer.kill()
            }
            try await scene.sql("DROP FUNCTION refuse CASCADE")
            let report = try await scene.drain()
            #expect(report.deadLetters == 1 && report.duplicatesSkipped == 0 && report.rows == 0)
            let letters = try await scene.deadLetters()
            #expect(letters.map { $0["drainer-error"] } == ["id-reused"])
            #expect(letters.first?["command"] == Self.items(1..<2)[0])
            #expect(try await scene.pending() == 0)
        }
    }
}
