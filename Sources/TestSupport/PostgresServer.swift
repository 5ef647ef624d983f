import Foundation
import Glibc

/// A PostgreSQL cluster of the tests' own, on a free port of 127.0.0.1 and a socket. Its superuser is `postgres`, without
/// a password.
package final class PostgresServer: Sendable {
    package let port: Int
    /// Its data, log and socket.
    package let folder: String

    private let client: Tool
    private let process: ServerProcess

    /// Makes a cluster and starts it; it ends with the tests.
    ///
    /// - Parameters:
    ///   - isDurable: fsync is on, as an operator has it. Without, what was committed still outlives `kill`.
    ///   - settings: further settings of postgresql.conf, by name.
    /// - Throws: `ServerFailure`.
    package static func start(isDurable: Bool = false, settings: [String: String] = [:]) async throws -> PostgresServer
    {
        let folder = try TestFolder.shared.make("postgres")
        var initialize = Tool(try ServerBinaries.findPostgres("initdb"))
        initialize.asUser = SystemUser.ofPostgres
        if let user = SystemUser.ofPostgres { chown(folder, user.user, user.group) }
        try await initialize.run([
            "--pgdata=\(folder)/data", "--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C",
            "--no-sync",
        ])
        let server = try PostgresServer(folder: folder, isDurable: isDurable, settings: settings)
        try await server.process.start()
        return server
    }

    private init(folder: String, isDurable: Bool, settings: [String: String]) throws {
        let port = FreePort.next()
        var all = [
            "port": "\(port)", "listen_addresses": "127.0.0.1", "unix_socket_directories": folder,
            "max_connections": "200", "shared_buffers": "64MB",
            "fsync": isDurable ? "on" : "off", "full_page_writes": isDurable ? "on" : "off",
        ]
        all.merge(settings) { _, given in given }
        var launch = Launch(
            try ServerBinaries.findPostgres("postgres"),
            ["-D", "\(folder)/data"] + all.sorted { $0.key < $1.key }.flatMap { ["-c", "\($0.key)=\($0.value)"] },
            folder: folder,
            output: "\(folder)/log",
            errors: "\(folder)/log"
        )
        if let user = SystemUser.ofPostgres { launch = user.owning(launch) }

        let isReady = Tool(try ServerBinaries.findPostgres("pg_isready"))
        client = Tool(try ServerBinaries.findPostgres("psql"))
        self.folder = folder
        self.port = port
        process = ServerProcess(
            name: "PostgreSQL on port \(port)",
            launch: launch,
            isReady: { (try? await isReady.run(["-q", "-h", folder, "-p", "\(port)"])) != nil }
        )
    }

    /// A libpq URI.
    package func url(database: String = "postgres") -> String { "postgresql://postgres@127.0.0.1:\(port)/\(database)" }
    /// The postmaster; nil while it is down.
    package var pid: Int32? { process.child.flatMap { $0.status == nil ? $0.pid : nil } }
    /// What it has logged so far.
    package var log: String { process.log }

    /// What `psql -AtX` prints for any number of statements, each committed by itself: a line for each row, `|` between
    /// columns.
    ///
    /// - Throws: `ServerFailure` with PostgreSQL's words at the first statement that fails.
    @discardableResult
    package func psql(_ sql: String, database: String = "postgres") async throws -> String {
        try await client.run(
            [
                "-AtXq", "-v", "ON_ERROR_STOP=1", "-h", folder, "-p", "\(port)", "-U", "postgres", "-d", database, "-f",
                "-",
            ],
            input: sql
        )
    }

    /// Gives `body` a database of a name of its own and drops it afterwards, whoever is still connected.
    package func withDatabase<R>(_ body: (PostgresDatabase) async throws -> R) async throws -> R {
        let database = PostgresDatabase(server: self, name: "test_\(TestFolder.shared.uniqueNumber())")
        try await psql("CREATE DATABASE \(database.name)")
        return try await cleaningUp {
            try await body(database)
        } afterwards: {
            _ = try? await psql("DROP DATABASE \(database.name) WITH (FORCE)")
        }
    }

    /// Starts it again after `stop` or `kill`: same port, same data.
    package func start() async throws { try await process.start() }
    /// Orderly ("fast"): sessions are ended, transactions in progress rolled back.
    package func stop() async throws { try await process.stop(with: SIGINT) }
    /// "Immediate": every process ends at once, and the next start recovers.
    package func stopImmediately() async throws { try await process.stop(with: SIGQUIT) }
    /// kill -9 of all of its processes.
    package func kill() async { await process.kill() }
    /// Its connections stay open and nothing answers, until `thaw`.
    package func freeze() { process.freeze() }
    package func thaw() { process.thaw() }

    /// Stops it in an orderly way and starts it again.
    package func restart() async throws {
        try await stop()
        try await start()
    }

    /// Ends it without a checkpoint; its folder is worth nothing afterwards.
    fileprivate func discard() async {
        try? await process.stop(with: SIGQUIT)
        try? FileManager.default.removeItem(atPath: folder)
    }
}

/// Gives `body` a PostgreSQL of its own, to be stopped, killed and frozen at will.
///
/// Takes about a second; `withDatabase` is enough for tests that leave the server alone.
package func withPostgres<R>(
    isDurable: Bool = false,
    settings: [String: String] = [:],
    _ body: (PostgresServer) async throws -> R
) async throws -> R {
    let server = try await PostgresServer.start(isDurable: isDurable, settings: settings)
    return try await cleaningUp {
        try await body(server)
    } afterwards: {
        await server.discard()
    }
}
