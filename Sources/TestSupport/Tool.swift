import Foundation

/// A program run to its end, such as redis-cli or psql.
package struct Tool: Sendable {
    /// An absolute path.
    package let executable: String
    /// Runs it as another user.
    var asUser: SystemUser?

    package init(_ executable: String) {
        self.executable = executable
    }

    /// What it said on standard output, without the last line break.
    ///
    /// - Parameters:
    ///   - input: its standard input.
    ///   - limit: after this long it is killed.
    /// - Throws: `ServerFailure` with its standard error where it does not exit with 0.
    @discardableResult
    package func run(
        _ arguments: [String],
        environment: [String: String] = Launch.plainEnvironment,
        input: String? = nil,
        within limit: Duration = .seconds(120)
    ) async throws -> String {
        let name = URL(filePath: executable).lastPathComponent
        let folder = try TestFolder.shared.make(name)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var launch = Launch(
            executable,
            arguments,
            environment: environment,
            folder: folder,
            output: "\(folder)/output",
            errors: "\(folder)/errors"
        )
        if let input {
            launch.input = "\(folder)/input"
            try Data(input.utf8).write(to: URL(filePath: launch.input))
        }
        if let asUser { launch = asUser.owning(launch) }

        let child = try await ChildProcess.start(launch)
        let status = await child.exit(within: limit)
        guard status == .code(0) else {
            child.signal(SIGKILL)
            let ending = status.map { "ended with \($0)" } ?? "was killed after \(limit)"
            throw ServerFailure("\(name) \(arguments.joined(separator: " ")): \(ending): \(text(of: launch.errors))")
        }
        return text(of: launch.output)
    }

    private func text(of path: String) -> String {
        var text = contents(ofFile: path)
        if text.hasSuffix("\n") { text.removeLast() }
        return text
    }
}

/// What a file holds, read as UTF-8; nothing where there is none.
func contents(ofFile path: String) -> String {
    FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
}
