import Foundation
import Glibc

/// What to start, where, and where its words go.
package struct Launch: Sendable {
    /// An absolute path.
    package var executable: String
    package var arguments: [String]
    /// All of it: nothing is inherited.
    package var environment: [String: String]
    /// Working directory. One inside `TestFolder` makes sure that the process ends with the tests.
    package var folder: String
    /// File that is its standard input.
    package var input = "/dev/null"
    /// File that its standard output is appended to.
    package var output: String
    /// File that its standard error is appended to; may be `output`.
    package var errors: String

    package init(
        _ executable: String,
        _ arguments: [String],
        environment: [String: String] = Launch.plainEnvironment,
        folder: String,
        output: String,
        errors: String
    ) {
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
        self.folder = folder
        self.output = output
        self.errors = errors
    }

    /// Enough to run a program; none of the settings of whoever runs the tests (`PGHOST`, `REDIS_URL`, …).
    package static let plainEnvironment: [String: String] = {
        let inherited = ProcessInfo.processInfo.environment
        var environment = inherited.filter { ["HOME", "PATH", "TMPDIR", "USER"].contains($0.key) }
        environment["LC_ALL"] = "C.UTF-8"
        return environment
    }()

    /// Starts it and returns its process number.
    ///
    /// - Parameter inputDescriptor: becomes its standard input, in place of `input`.
    func spawn(inputDescriptor: Int32? = nil) throws -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let inputDescriptor {
            posix_spawn_file_actions_adddup2(&actions, inputDescriptor, STDIN_FILENO)
        } else {
            posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, input, O_RDONLY, 0)
        }
        let appending = O_WRONLY | O_CREAT | O_APPEND
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output, appending, 0o644)
        if errors == output {
            posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
        } else {
            posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, errors, appending, 0o644)
        }
        // A socket that a test holds must close when the test closes it, whoever was started in between. Closing what is
        // no longer open by then is no error here.
        for descriptor in Self.openDescriptors() {
            posix_spawn_file_actions_addclose(&actions, descriptor)
        }

        // The starting thread may block signals, as threads of the cooperative pool do; the child must not.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes,
            Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP)
        )

        var pid: Int32 = 0
        // `env` changes the folder and becomes the program; glibc's own action for it is not visible from Swift.
        let command = ["/usr/bin/env", "--chdir=\(folder)", executable] + arguments
        let failure = withStrings(command) { arguments in
            withStrings(environment.map { "\($0.key)=\($0.value)" }) { environment in
                posix_spawn(&pid, command[0], &actions, &attributes, arguments, environment)
            }
        }
        guard failure == 0 else {
            throw ServerFailure(
                "\(executable) could not be started in \(folder): \(String(cString: strerror(failure)))"
            )
        }
        return pid
    }

    private static func openDescriptors() -> [Int32] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        return names.compactMap { Int32($0) }.filter { $0 > STDERR_FILENO }
    }

    private func withStrings<R>(_ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> R) -> R {
        let pointers = strings.map { strdup($0) }
        defer { for pointer in pointers { free(pointer) } }
        return body(pointers + [nil])
    }
}

/// A server or a program of the tests did not do what they stand on. Its text names the thing, the reason and the next
/// step.
package struct ServerFailure: Error, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}
