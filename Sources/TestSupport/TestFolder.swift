import Foundation
import Glibc
import Synchronization

/// The temporary folder of this test process. It goes with the process, and so does every process that works in it, also
/// when the tests are killed.
package final class TestFolder: Sendable {
    package static let shared = TestFolder()

    /// Its path, without symbolic links.
    package let path: String

    private let keeper: Int32
    /// The keeper reads the other end: only our end can end its wait.
    private let lifeline: Int32
    private let count = Atomic(0)

    private init() {
        let parent = ProcessInfo.processInfo.environment["TMPDIR"] ?? "/tmp"
        var template = Array("\(parent)/drainer-tests.XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil, let resolved = realpath(template, nil) else {
            fatalError("no temporary folder in \(parent): \(String(cString: strerror(errno)))")
        }
        path = String(cString: resolved)
        free(resolved)
        // PostgreSQL's user has to get through to its own folder.
        chmod(path, 0o711)

        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else {
            fatalError("no pipe: \(String(cString: strerror(errno)))")
        }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        lifeline = ends[1]
        let launch = Launch(
            "/bin/sh",
            ["-c", Self.keeperScript, "keeper", path],
            folder: "/",
            output: "/dev/null",
            errors: "/dev/null"
        )
        do {
            keeper = try launch.spawn(inputDescriptor: ends[0])
        } catch {
            fatalError("\(error)")
        }
        close(ends[0])
        atexit { TestFolder.shared.end() }
    }

    /// Makes a folder in it that begins with `name`.
    package func make(_ name: String) throws -> String {
        let folder = "\(path)/\(name)-\(uniqueNumber())"
        guard mkdir(folder, 0o755) == 0 else {
            throw ServerFailure("\(folder) could not be made: \(String(cString: strerror(errno)))")
        }
        return folder
    }

    /// A number that no other caller in this process gets.
    package func uniqueNumber() -> Int {
        count.add(1, ordering: .relaxed).newValue
    }

    private func end() {
        close(lifeline)
        var status: Int32 = 0
        waitpid(keeper, &status, 0)
    }

    /// Waits for the end of its standard input, which is the end of the tests however they end; then ends whatever has
    /// its working directory in the folder (a process number could be another's by then, a working directory cannot)
    /// and removes it. TERM is an orderly end for all that we start, QUIT an immediate one for PostgreSQL.
    package static let keeperScript = #"""
        cat >/dev/null
        folder=$1
        inside() { ls -ld /proc/[0-9]*/cwd 2>/dev/null | sed -n "s|.* /proc/\([0-9]*\)/cwd -> $folder/.*|\1|p"; }
        turn=0
        while pids=$(inside); [ -n "$pids" ]; do
            if [ $turn -ge 60 ]; then kill -s KILL $pids; elif [ $turn -eq 20 ]; then kill -s QUIT $pids
            elif [ $turn -eq 0 ]; then kill -s TERM $pids; kill -s CONT $pids; fi
            sleep 0.05
            turn=$((turn + 1))
        done
        rm -rf -- "$folder"
        """#
}
