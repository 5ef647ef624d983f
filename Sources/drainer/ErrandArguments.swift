import App
import ArgumentParser
import Drain
import Entries
import Foundation
import Logging
import Operations
import Postgres
import Settings
import StreamSource
import Telemetry

extension Errand {
    /// The errand of a command, once the servers that it needs answer.
    static func begin(
        _ settings: DrainerSettings,
        stream: String,
        name: String,
        needsPostgres: Bool = true
    ) async throws -> Errand {
        let format: LineLogHandler.Format = settings.logFormat == .json ? .json : .text
        LoggingSystem.bootstrap { label in LineLogHandler(label: label, format: format, level: settings.logLevel) }
        let access = ServerAccess(settings)
        do throws(Unreachable) {
            let redis = try await access.redis()
            let postgres: PostgresConnection
            if needsPostgres {
                postgres = try await access.postgres()
                // The sink makes its own, with the session that it needs.
                await postgres.disconnect()
            } else {
                postgres = PostgresConnection(conninfo: settings.database.text ?? "", applicationName: "drainer")
            }
            return Errand(
                settings,
                stream: stream,
                name: name,
                configuration: SourceConfiguration(settings, streams: [stream], untilEmpty: false),
                rules: DrainRules(settings),
                redis: redis,
                postgres: postgres,
                logger: Logger(label: "drainer")
            )
        } catch {
            throw giveUp(error)
        }
    }
}

/// Ends a command whose errand failed.
func giveUp(_ failure: ErrandFailure, _ settings: DrainerSettings) -> ExitCode {
    switch failure {
    case .redis(let error): return giveUp(ServerAccess(settings).failure(error))
    case .postgres(let error): return giveUp(ServerAccess(settings).failure(error))
    case .usage(let text): return giveUp(usage: text)
    case .configuration(let text):
        complain(text)
        return ExitCode(App.ExitStatus.configuration.rawValue)
    }
}

/// Runs part of an errand, or ends the command with what is wrong.
func attempting<Value>(
    _ settings: DrainerSettings,
    _ body: () async throws(ErrandFailure) -> Value
) async throws -> Value {
    do throws(ErrandFailure) { return try await body() } catch { throw giveUp(error, settings) }
}

/// Ends a command that could not finish; what it has done stands.
func giveUp(unfinished text: String) -> ExitCode {
    complain(text)
    return ExitCode(App.ExitStatus.unfinished.rawValue)
}

/// Says who is waited for, on standard error.
func tellHolder(_ stream: String) -> @Sendable (FleetProfile) -> Void {
    { holder in
        complain(
            "waiting for \(stream): \(holder.consumer) (\(holder.host), PID \(holder.pid)) gives it up at its next window"
        )
    }
}

/// What a command does with an operator's consent.
enum Consent {
    /// Asks on a terminal; where there is none, nobody can be asked, and it is given.
    static func isGiven(_ question: String, yes: Bool) -> Bool {
        if yes || isatty(STDIN_FILENO) != 1 { return true }
        FileHandle.standardError.write(Data("\(question) [y/N] ".utf8))
        return ["y", "yes"].contains(readLine()?.trimmingCharacters(in: .whitespaces).lowercased())
    }
}

/// Reads stream IDs of the command line.
func streamIDs(_ words: some Sequence<String>) throws -> [StreamID] {
    try words.map { word in
        guard let id = StreamID(word) else {
            throw giveUp(usage: "\(word.line()) is no ID: give it as it is shown, such as 1700000000000-0")
        }
        return id
    }
}
