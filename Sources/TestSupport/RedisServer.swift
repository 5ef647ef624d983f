import Foundation
import Glibc

/// A Redis (or Valkey) of the tests' own, on a free port and a socket.
package final class RedisServer: Sendable {
    package let port: Int
    /// Its data, log and socket.
    package let folder: String

    private let client: Tool
    private let process: ServerProcess

    /// Starts one; it ends with the tests.
    ///
    /// - Parameters:
    ///   - isPersistent: what was acknowledged outlives `kill` and `restart`.
    ///   - configuration: further lines of redis.conf, by name.
    /// - Throws: `ServerFailure`.
    package static func start(
        isPersistent: Bool = true,
        configuration: [String: String] = [:]
    ) async throws -> RedisServer {
        let server = try RedisServer(isPersistent: isPersistent, configuration: configuration)
        try await server.process.start()
        return server
    }

    private init(isPersistent: Bool, configuration: [String: String]) throws {
        let binary = try ServerBinaries.find("redis-server", "valkey-server", package: "redis-server")
        let client = Tool(try ServerBinaries.find("redis-cli", "valkey-cli", package: "redis-server"))
        let folder = try TestFolder.shared.make("redis")
        let port = FreePort.next()
        var settings = [
            "port": "\(port)", "bind": "127.0.0.1", "unixsocket": "\(folder)/socket", "dir": folder,
            "daemonize": "no", "save": "\"\"", "databases": "\(RedisKeyspace.limit)",
            // A file that the kernel has outlives the process; that it reaches the disk concerns no test.
            "appendonly": isPersistent ? "yes" : "no", "appendfsync": "no",
        ]
        settings.merge(configuration) { _, given in given }
        let lines = settings.map { "\($0.key) \($0.value)\n" }.sorted()
        try Data(lines.joined().utf8).write(to: URL(filePath: "\(folder)/redis.conf"))

        self.client = client
        self.folder = folder
        self.port = port
        process = ServerProcess(
            name: "Redis on port \(port)",
            launch: Launch(
                binary,
                ["\(folder)/redis.conf"],
                folder: folder,
                output: "\(folder)/log",
                errors: "\(folder)/log"
            ),
            isReady: { (try? await client.run(["-p", "\(port)", "PING"])) == "PONG" }
        )
    }

    package var url: String { "redis://127.0.0.1:\(port)/0" }
    /// The same server through its socket.
    package var socketURL: String { "unix://\(folder)/socket?db=0" }
    /// Nil while it is down.
    package var pid: Int32? { process.child.flatMap { $0.status == nil ? $0.pid : nil } }
    /// What it has logged so far.
    package var log: String { process.log }

    /// What redis-cli prints for a command, in its raw form: one line for each element, none for nil.
    ///
    /// - Throws: `ServerFailure` with Redis' words where it answers with an error.
    @discardableResult
    package func cli(_ command: String..., database: Int = 0) async throws -> String {
        try await cli(command, database: database)
    }

    /// The same for a command made elsewhere.
    @discardableResult
    package func cli(_ command: [String], database: Int = 0) async throws -> String {
        try await client.run(["-e", "-p", "\(port)", "-n", "\(database)"] + command)
    }

    /// Starts it again after `stop` or `kill`: same port, same data.
    package func start() async throws { try await process.start() }
    /// Orderly.
    package func stop() async throws { try await process.stop(with: SIGTERM) }
    /// kill -9.
    package func kill() async { await process.kill() }
    /// Its connections stay open and nothing answers, until `thaw`.
    package func freeze() { process.freeze() }
    package func thaw() { process.thaw() }

    /// Stops it in an orderly way and starts it again.
    package func restart() async throws {
        try await stop()
        try await start()
    }
}

/// Gives `body` a Redis of its own, to be stopped, killed and frozen at will.
///
/// Takes tens of milliseconds; `withKeyspace` is enough for tests that leave the server alone.
package func withRedis<R>(
    isPersistent: Bool = true,
    configuration: [String: String] = [:],
    _ body: (RedisServer) async throws -> R
) async throws -> R {
    let server = try await RedisServer.start(isPersistent: isPersistent, configuration: configuration)
    return try await cleaningUp {
        try await body(server)
    } afterwards: {
        await server.kill()
        try? FileManager.default.removeItem(atPath: server.folder)
    }
}
