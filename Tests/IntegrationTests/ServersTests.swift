import Foundation
import Glibc
import TestSupport
import Testing

/// What every other test on servers stands on.
@Suite struct ServersTests {
    @Test func redisKeepsPortAndDataThroughRestartAndKill() async throws {
        let folder = try await withRedis { redis in
            let port = redis.port
            #expect(try await redis.cli("SET", "key", "two words") == "OK")
            try await redis.restart()
            #expect(try await redis.cli("GET", "key") == "two words")
            await redis.kill()
            #expect(redis.pid == nil)
            await #expect(throws: ServerFailure.self) { try await redis.cli("PING") }
            try await redis.start()
            #expect(try await redis.cli("GET", "key") == "two words")
            #expect(redis.port == port)
            return redis.folder
        }
        #expect(!FileManager.default.fileExists(atPath: folder))
    }

    @Test func redisTellsItsErrors() async throws {
        try await withKeyspace { keyspace in
            try await keyspace.cli("SET", "key", "text")
            let failure = try await #require(throws: ServerFailure.self) { try await keyspace.cli("XLEN", "key") }
            #expect(failure.description.contains("WRONGTYPE"))
        }
    }

    @Test func keyspacesAreApart() async throws {
        try await withKeyspace { first in
            try await first.add([#"{"op":"create"}"#, #"{"op":"delete"}"#], to: "stream")
            #expect(try await first.cli("XLEN", "stream") == "2")
            try await withKeyspace { second in
                #expect(second.server === first.server)
                #expect(second.url != first.url)
                let length = try await second.cli("XLEN", "stream")
                #expect(length == "0")
            }
            #expect(try await first.cli("XLEN", "stream") == "2")
        }
    }

    @Test func aFrozenRedisAnswersOnceItIsThawed() async throws {
        try await withRedis { redis in
            redis.freeze()
            async let answer = redis.cli("PING")
            let pid = try #require(redis.pid)
            let state = try await Tool("/bin/cat").run(["/proc/\(pid)/stat"])
            #expect(state.contains(") T "))
            redis.thaw()
            #expect(try await answer == "PONG")
        }
    }

    @Test(arguments: [false, true])
    func postgresKeepsPortAndDataThroughRestartAndKill(isDurable: Bool) async throws {
        let folder = try await withPostgres(isDurable: isDurable, settings: ["work_mem": "5MB"]) { postgres in
            let url = postgres.url()
            #expect(try await postgres.psql("SHOW fsync; SHOW work_mem") == "\(isDurable ? "on" : "off")\n5MB")
            try await postgres.psql("CREATE TABLE t (a int); INSERT INTO t VALUES (1)")
            try await postgres.restart()
            try await postgres.psql("INSERT INTO t VALUES (2)")
            await postgres.kill()
            await #expect(throws: ServerFailure.self) { try await postgres.psql("SELECT 1") }
            try await postgres.start()
            #expect(try await postgres.psql("SELECT a, 'x' FROM t ORDER BY a") == "1|x\n2|x")
            #expect(postgres.url() == url)
            return postgres.folder
        }
        #expect(!FileManager.default.fileExists(atPath: folder))
    }

    @Test func aFrozenPostgresAnswersOnceItIsThawed() async throws {
        try await withPostgres { postgres in
            postgres.freeze()
            async let answer = postgres.psql("SELECT 'awake'")
            postgres.thaw()
            let text = try await answer
            #expect(text == "awake")
        }
    }

    @Test func databasesAreFreshAndGoAway() async throws {
        let (server, name) = try await withDatabase { database in
            try await database.psql("CREATE TABLE t (a text); INSERT INTO t VALUES ('नमस्ते')")
            #expect(try await database.psql("SELECT * FROM t") == "नमस्ते")
            return (database.server, database.name)
        }
        #expect(try await server.psql("SELECT count(*) FROM pg_database WHERE datname = '\(name)'") == "0")
        try await withDatabase { database in
            #expect(database.server === server)
            let isAbsent = try await database.psql("SELECT to_regclass('t') IS NULL")
            #expect(isAbsent == "t")
        }
    }

    @Test func postgresTellsItsErrors() async throws {
        try await withDatabase { database in
            let failure = try await #require(throws: ServerFailure.self) {
                try await database.psql("SELECT 1; SELECT * FROM nowhere; SELECT 2")
            }
            #expect(failure.description.contains(#"relation "nowhere" does not exist"#))
        }
    }

    @Test func aServerThatCannotStartSaysWhy() async throws {
        let failure = try await #require(throws: ServerFailure.self) {
            try await withRedis(configuration: ["maxmemory": "plenty"]) { _ in }
        }
        #expect(failure.description.contains("maxmemory"))
    }

    @Test func aMissingProgramIsAFailureThatSaysWhatToInstall() throws {
        let failure = try #require(throws: ServerFailure.self) {
            try ServerBinaries.find("redis-server-of-nobody", package: "redis-server")
        }
        #expect(failure.description.contains("apt-get install redis-server"))
    }

    @Test func eventuallyGivesUp() async throws {
        let failure = try await #require(throws: ServerFailure.self) {
            try await eventually("it rains", within: .milliseconds(30)) { false }
        }
        #expect(failure.description.contains("it rains"))
    }

    @Test func drainerStartsWithItsOwnSettings() async throws {
        let (status, output, errors) = try await DrainerProcess.run(["--help"], environment: [:])
        #expect(status == .code(0), "\(output)\(errors)")
    }

    /// The keeper of `TestFolder`, tried on a process that dies as abruptly as a killed test run does.
    @Test func whatWorksInTheFolderEndsWithTheTests() async throws {
        let folder = try TestFolder.shared.make("keeper")
        let script = #"""
            mkdir -p kept/server && mkfifo lifeline
            (cd kept/server && exec sleep 600) & echo $! >server
            sh -c "$1" keeper "$PWD/kept" <lifeline &
            exec sleep 600 >lifeline
            """#
        let tests = try await ChildProcess.start(
            Launch(
                "/bin/sh",
                ["-c", script, "tests", TestFolder.keeperScript],
                folder: folder,
                output: "\(folder)/log",
                errors: "\(folder)/log"
            )
        )
        let files = FileManager.default
        func server() -> Int32? {
            let text = files.contents(atPath: "\(folder)/server").map { String(decoding: $0, as: UTF8.self) } ?? ""
            return Int32(text.trimmingCharacters(in: .whitespacesAndNewlines))
        }
        func works(_ pid: Int32) -> Bool {
            (try? files.destinationOfSymbolicLink(atPath: "/proc/\(pid)/cwd")) == "\(folder)/kept/server"
        }
        try await eventually("the server works") { server().map(works) ?? false }
        let pid = try #require(server())
        tests.signal(SIGKILL)
        try await eventually("the server has gone") { !works(pid) }
        try await eventually("its folder has gone") { !files.fileExists(atPath: "\(folder)/kept") }
    }
}
