import Foundation
import Logging
import Redis
import StreamSource
import Synchronization
import TestSupport
import Testing

/// What a drainer says of what it does.
@Suite struct LogTests {
    private static let item = "CREATE TABLE item (id int PRIMARY KEY, size int)"

    private static func items(_ range: Range<Int>) -> [String] {
        range.map { Native.create("item", ["id": "\($0)", "size": "1"]) }
    }

    @Test func whatOfTheServersSettingsCanCostEntriesIsSaidAtTheStart() async throws {
        let evicting = ["maxmemory": "1gb", "maxmemory-policy": "allkeys-lru"]
        try await withScene(ownRedis: evicting, Self.item) { scene, _ in
            try await scene.running { drainer in
                try await eventually("both are warned of") {
                    drainer.errors.contains("Redis may evict streams") && drainer.errors.contains("fsync off")
                }
            }
        }
    }

    @Test func aUserWhoMayNotAskRedisForItsSettingsIsToldSoAndServed() async throws {
        try await withScene(ownRedis: [:], Self.item) { scene, redis in
            try await redis.cli("ACL", "SETUSER", "blind", "on", ">secret", "~*", "&*", "+@all", "-info")
            let blind = ["REDIS_URL": "redis://blind:secret@127.0.0.1:\(redis.port)/0"]
            try await scene.publish(Self.items(0..<5))
            try await scene.running(blind) { drainer in
                // What comes after Redis' settings is looked at, too.
                try await eventually("both are said") {
                    drainer.errors.contains("evict streams or leases is not known")
                        && drainer.errors.contains("fsync off")
                }
                try await eventually("the rows are written") { (try? await scene.count("item")) == 5 }
            }
            let report = try await scene.drain(blind, expecting: 78)
            #expect(report.errors.contains("allow the drainer's user INFO"), "\(report.errors)")
        }
    }

    @Test func atDebugEachBatchHasALine() async throws {
        try await withScene(Self.item) { scene in
            try await scene.publish(Self.items(0..<45))
            let report = try await scene.drain(["LOG_LEVEL": "debug", "BATCH_CHUNK_SIZE": "10"])
            let lines = report.errors.split(separator: "\n").filter { $0.contains("public.item create") }
            #expect(lines.count == 5)
            for (number, line) in lines.enumerated() {
                let rows = number < 4 ? 10 : 5
                #expect(line.contains(" debug public.item create \(number + 1)/5, \(rows) rows, "), "\(line)")
                #expect(line.contains(#/ \d+ ms stream=orders$/#), "\(line)")
            }
            #expect(report.errors.contains("debug window written entries=45 rows=45 statements=5 stream=orders"))
        }
    }

    @Test func aRefusedBatchAndItsPartsHaveLinesToo() async throws {
        try await withScene(Self.item) { scene in
            try await scene.publish(Self.items(0..<16) + [Native.create("item", ["id": "16", "size": "\"no\""])])
            let report = try await scene.drain(["LOG_LEVEL": "debug"])
            #expect(
                report.errors.contains("public.item create 1/1, 17 rows, refused sqlstate=22P02"),
                "\(report.errors)"
            )
            #expect(report.errors.contains("public.item create in part, 8 rows, "), "\(report.errors)")
            #expect(
                report.errors.contains(#/debug dead letter error=22P02 first=\d+-\d+ stream=orders table=public.item/#)
            )
        }
    }

    @Test func aLineOfJSONIsAnObject() async throws {
        try await withScene(Self.item) { scene in
            try await scene.publish(Self.items(0..<16) + ["broken"])
            let report = try await scene.drain(["LOG_LEVEL": "trace", "LOG_FORMAT": "json"], expecting: 65)
            let lines = report.errors.split(separator: "\n").filter { !$0.hasPrefix("drainer: ") }
            #expect(lines.count > 2)
            for line in lines {
                let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String]
                #expect(object?["time"] != nil && object?["level"] != nil && object?["message"] != nil, "\(line)")
            }
        }
    }

    @Test func whoHearsLateOfAnOutageSaysNothing() {
        let health = RedisHealth()
        let (first, second) = (health.enroll(), health.enroll())
        let start = ContinuousClock.now
        #expect(health.fail(first, "closed", now: start))
        #expect(!health.fail(first, "refused", now: start + .seconds(1)))
        #expect(health.recover(first, now: start + .seconds(2)))
        // Its connection died, too; nobody has used it since.
        #expect(!health.fail(second, "closed", now: start + .seconds(3)))
        #expect(health.trouble == "closed")
        #expect(!health.recover(second, now: start + .seconds(3)))
        #expect(health.trouble == nil)
        // An outage of its own.
        #expect(!health.fail(second, "closed", now: start + .seconds(4)))
        #expect(health.fail(second, "refused", now: start + .seconds(4)))
        #expect(health.recover(second, now: start + .seconds(5)))
        #expect(health.fail(first, "closed", now: start + .seconds(11)))
    }

    @Test func aChangeIsSaidOnce() async throws {
        try await withScene(ownRedis: [:], Self.item) { scene, redis in
            try await scene.running(["STREAM_NAMES": "orders,events,others", "WORKERS": "3"]) { drainer in
                func count(_ text: String) -> Int { drainer.errors.split(separator: "\n").count { $0.contains(text) } }
                try await scene.publish(Self.items(0..<3))
                try await eventually("it is at work") { try await scene.count("item") == 3 }
                try await scene.redis("SET", "drainer:stop", "1")
                try await eventually("the stop is said") { count("stopped by drainer:stop") == 1 }
                try await scene.redis("DEL", "drainer:stop")
                try await eventually("its end is said") { count("going on") == 1 }
                // Three workers wait for it.
                await redis.kill()
                try await eventually("it is said that Redis is away") { count("Redis does not answer") > 0 }
                try await Task.sleep(for: .seconds(1))
                try await redis.start()
                try await eventually("its return is said") { count("Redis is back") > 0 }
                try await eventually("Redis answers") { (try? await scene.redis("PING")) != nil }
                try await scene.publish(Self.items(3..<6), to: "others")
                try await eventually("it is at work again") { try await scene.count("item") == 6 }
                #expect(count("Redis does not answer") == 1 && count("Redis is back") == 1, "\(drainer.errors)")
                #expect(count("stopped by drainer:stop") == 1 && count("going on") == 1, "\(drainer.errors)")
            }
        }
    }

    @Test func aStopThatLastsIsSaidNowAndThen() async throws {
        try await withScene { scene in
            let lines = KeptLines()
            let live = LiveKeys(
                connection: RedisConnection(address: scene.redisAddress, name: "commands"),
                prefix: "drainer:",
                refreshInterval: .milliseconds(10),
                reminderInterval: .milliseconds(100),
                logger: Logger(label: "test") { _ in lines }
            )
            try await scene.redis("MSET", "drainer:stop", "1", "drainer:stop:reason", "lunch")
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await live.refresh {} }
                group.addTask { try? await eventually("it is said again") { lines.count("still stopped") >= 3 } }
                await group.next()
                group.cancelAll()
            }
            #expect(lines.count("still stopped") >= 3 && lines.count("lunch") >= 4)
            #expect(lines.count("stopped by drainer:stop") == lines.count("still stopped") + 1)
        }
    }
}

/// A log that is kept.
private struct KeptLines: LogHandler {
    private final class Kept: Sendable {
        let lines = Mutex<[String]>([])
    }

    private let kept = Kept()
    var metadata = Logger.Metadata()
    var logLevel = Logger.Level.info

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Lines that hold the text.
    func count(_ text: String) -> Int { kept.lines.withLock { $0.count { $0.contains(text) } } }

    func log(event: LogEvent) {
        kept.lines.withLock { $0.append("\(event.message) \(event.metadata ?? [:])") }
    }
}
