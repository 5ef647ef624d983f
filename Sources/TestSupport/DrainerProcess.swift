import Foundation
import Glibc

/// A running `drainer` executable of the build that the tests belong to.
package final class DrainerProcess: Sendable {
    private let child: ChildProcess
    private let launch: Launch

    /// Starts it with these arguments.
    ///
    /// - Parameter environment: its settings, the only ones it sees. `ADMIN_ADDRESS` is `off` unless given.
    /// - Throws: `ServerFailure`.
    package static func start(_ arguments: [String], environment: [String: String]) async throws -> DrainerProcess {
        let folder = try TestFolder.shared.make("drainer")
        let settings = Launch.plainEnvironment.merging(["ADMIN_ADDRESS": "off"]) { $1 }.merging(environment) { $1 }
        let launch = Launch(
            try ServerBinaries.built("drainer"),
            arguments,
            environment: settings,
            folder: folder,
            output: "\(folder)/output",
            errors: "\(folder)/errors"
        )
        return DrainerProcess(child: try await ChildProcess.start(launch), launch: launch)
    }

    /// Runs it to its end.
    ///
    /// - Throws: `ServerFailure` with what it printed, where it takes longer than `limit`.
    package static func run(
        _ arguments: [String],
        environment: [String: String],
        within limit: Duration = .seconds(60)
    ) async throws -> (status: ExitStatus, output: String, errors: String) {
        let drainer = try await start(arguments, environment: environment)
        let status = try await drainer.exit(within: limit)
        return (status, drainer.output, drainer.errors)
    }

    private init(child: ChildProcess, launch: Launch) {
        self.child = child
        self.launch = launch
    }

    package var pid: Int32 { child.pid }
    /// Nil while it runs.
    package var status: ExitStatus? { child.status }
    /// What it has printed so far.
    package var output: String { contents(ofFile: launch.output) }
    package var errors: String { contents(ofFile: launch.errors) }
    /// Where that goes while it runs.
    package var errorsFile: String { launch.errors }

    /// What it has spent so far, on all cores.
    ///
    /// - Throws: where it has ended.
    package func processorTime() throws -> Duration {
        let text = try String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)
        // Fields 14 and 15, counted behind the name, which may hold anything.
        let fields = text.drop { $0 != ")" }.split(separator: " ")
        let ticks = (Int(fields[12]) ?? 0) + (Int(fields[13]) ?? 0)
        return .milliseconds(ticks * 1000 / sysconf(Int32(_SC_CLK_TCK)))
    }

    /// Does nothing once it has ended.
    package func signal(_ number: Int32) { child.signal(number) }

    /// kill -9; returns once it has gone.
    package func kill() async {
        child.signal(SIGKILL)
        _ = await child.exit(within: .seconds(30))
    }

    /// Waits for its end.
    ///
    /// - Throws: `ServerFailure` with what it printed, where it takes longer than `limit`; it is killed then.
    package func exit(within limit: Duration = .seconds(60)) async throws -> ExitStatus {
        if let status = await child.exit(within: limit) { return status }
        child.signal(SIGKILL)
        throw ServerFailure("drainer did not end within \(limit); it printed: \(output)\(errors)")
    }
}

/// Runs a drainer beside `body` and kills it afterwards where it still runs.
package func withDrainer<R>(
    _ arguments: [String] = ["run"],
    environment: [String: String],
    _ body: (DrainerProcess) async throws -> R
) async throws -> R {
    let drainer = try await DrainerProcess.start(arguments, environment: environment)
    return try await cleaningUp {
        try await body(drainer)
    } afterwards: {
        await drainer.kill()
    }
}
