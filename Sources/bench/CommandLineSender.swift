import ArgumentParser
import Foundation
import Glibc

/// Sends entries through `redis-cli --pipe`, many in flight.
struct CommandLineSender {
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private let stream: [UInt8]
    private var buffer = Data()
    private var count = 0

    /// - Throws: `ValidationError` where `redis` is no URL that redis-cli takes.
    init(redis: String, stream: String) throws {
        self.stream = Array(stream.utf8)
        // A redis-cli that ends early tells why on its output; writing to it is then an error and not our end.
        signal(SIGPIPE, SIG_IGN)
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["redis-cli"] + (try Self.arguments(for: redis)) + ["--pipe"]
        process.standardInput = input
        process.standardOutput = output
        process.standardError = output
        try process.run()
    }

    mutating func send(field: [UInt8], value: [UInt8]) throws {
        count += 1
        buffer.append(contentsOf: "*5\r\n".utf8)
        for part in [Array("XADD".utf8), stream, Array("*".utf8), field, value] {
            buffer.append(contentsOf: "$\(part.count)\r\n".utf8)
            buffer.append(contentsOf: part)
            buffer.append(contentsOf: "\r\n".utf8)
        }
        if buffer.count > 1 << 18 { try flush() }
    }

    /// Returns once Redis has taken them all.
    ///
    /// - Throws: `ExitCode` where it refused one, after saying so.
    mutating func finish() throws {
        try flush()
        try input.fileHandleForWriting.close()
        let said = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0, said.contains("errors: 0, replies: \(count)") else {
            FileHandle.standardError.write(Data("bench: publishing failed: \(said)\n".utf8))
            throw ExitCode(69)
        }
    }

    private mutating func flush() throws {
        try input.fileHandleForWriting.write(contentsOf: buffer)
        buffer.removeAll(keepingCapacity: true)
    }

    private static func arguments(for redis: String) throws -> [String] {
        guard let url = URLComponents(string: redis) else { throw ValidationError("--redis \(redis): not a URL") }
        guard url.scheme == "unix" else { return ["-u", redis] }
        let database = url.queryItems?.first { $0.name == "db" }?.value ?? "0"
        return ["-s", url.path, "-n", database]
    }
}
