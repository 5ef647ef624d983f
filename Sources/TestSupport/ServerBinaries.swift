import Foundation

/// Where programs lie. A missing one fails the tests that need it, it never skips them.
package enum ServerBinaries {
    /// In PATH under one of `names`.
    ///
    /// - Throws: `ServerFailure` that says what to install.
    package static func find(_ names: String..., package: String) throws -> String {
        let folders =
            (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":") + ["/usr/bin", "/usr/sbin"]
        for name in names {
            for folder in folders where FileManager.default.isExecutableFile(atPath: "\(folder)/\(name)") {
                return "\(folder)/\(name)"
            }
        }
        throw ServerFailure(
            "\(names.joined(separator: " or ")) is not in PATH: run ./ops/test, or apt-get install \(package)"
        )
    }

    /// A program of this package that was built together with the running tests.
    ///
    /// - Throws: `ServerFailure` that says what to build.
    package static func built(_ name: String) throws -> String {
        let folder = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        let path = folder.appending(path: name).path()
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw ServerFailure("\(path) is not there: swift build")
        }
        return path
    }

    /// A program of PostgreSQL's server package, of the newest version there is. Debian keeps them out of PATH.
    ///
    /// - Throws: `ServerFailure` that says what to install.
    package static func findPostgres(_ name: String) throws -> String {
        let parent = "/usr/lib/postgresql"
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? []
        let newestFirst = versions.compactMap { Int($0) }.filter { $0 >= 14 }.sorted(by: >)
        // Only a folder with the server counts: the client package of a newer version may lie beside it.
        for version in newestFirst where FileManager.default.isExecutableFile(atPath: "\(parent)/\(version)/bin/initdb")
        {
            return "\(parent)/\(version)/bin/\(name)"
        }
        return try find(name, package: "postgresql")
    }
}
