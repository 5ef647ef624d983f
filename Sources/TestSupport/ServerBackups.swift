import Foundation
import Glibc

/// Servers that go back to an older state.
extension PostgresServer {
    /// Copies the running cluster; `goBack` returns to it.
    package func backUp() async throws -> String {
        let parent = try TestFolder.shared.make("backup")
        var tool = Tool(try ServerBinaries.findPostgres("pg_basebackup"))
        tool.asUser = SystemUser.ofPostgres
        if let user = SystemUser.ofPostgres { chown(parent, user.user, user.group) }
        try await tool.run([
            "--pgdata=\(parent)/data", "--host=\(folder)", "--port=\(port)", "--username=postgres", "--checkpoint=fast",
            "--wal-method=stream", "--no-sync",
        ])
        return "\(parent)/data"
    }

    /// Puts a copy in the place of what a stopped server has.
    package func goBack(to backup: String) throws {
        let files = FileManager.default
        try files.removeItem(atPath: "\(folder)/data")
        try files.moveItem(atPath: backup, toPath: "\(folder)/data")
    }
}

extension RedisServer {
    /// Copies what the running server has written to its append-only file; `goBack` returns to it.
    package func snapshot() throws -> String {
        let copy = "\(try TestFolder.shared.make("snapshot"))/files"
        try FileManager.default.copyItem(atPath: "\(folder)/appendonlydir", toPath: copy)
        return copy
    }

    /// Puts a copy, or nothing at all, in the place of what a stopped server has.
    package func goBack(to snapshot: String?) throws {
        let files = FileManager.default
        try files.removeItem(atPath: "\(folder)/appendonlydir")
        if let snapshot { try files.moveItem(atPath: snapshot, toPath: "\(folder)/appendonlydir") }
    }
}
