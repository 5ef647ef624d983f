internal import Glibc
internal import Threads

/// One connection to a Redis server, with a thread of its own to wait on.
///
/// It connects when first used and again after any failure; what it is asked while the server is away fails at once
/// with `RedisError.Code.connection`, so that whoever asks decides how to wait.
package actor RedisConnection {
    private let address: RedisAddress
    private let name: String
    private let executor: ThreadExecutor
    private let wakeUp = WakeUp()
    private var handle: RedisHandle?

    /// Redis' number for the current connection; nil while there is none.
    package private(set) var clientID: Int64?
    /// The server's version, for what 6.2 cannot do.
    package private(set) var serverVersion: (major: Int, minor: Int) = (0, 0)
    /// Counts the connections made, so that a user notices a new one.
    package private(set) var generation = 0

    package nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    /// - Parameters:
    ///   - name: shown by `CLIENT LIST` and as the thread's name.
    package init(address: RedisAddress, name: String) {
        self.address = address
        self.name = name
        Self.ignoreBrokenPipes
        executor = ThreadExecutor(name: "redis-\(name)")
    }

    /// hiredis 0.14 writes without MSG_NOSIGNAL: a server that closes the connection would end the process.
    private static let ignoreBrokenPipes: Void = { _ = signal(SIGPIPE, SIG_IGN) }()

    deinit {
        executor.shutDown()
    }

    /// Makes the connection, unless it stands: log in, choose the database, give it its name.
    ///
    /// - Throws: `RedisError`; the server's own words for a refused login.
    package func connect(timeout: Duration = .seconds(5)) async throws(RedisError) {
        try await onThread { connection throws(RedisError) in
            try connection.connect(until: .after(timeout))
        }
    }

    /// Sends the commands in one write and waits for all their replies, connecting first if need be.
    ///
    /// - Parameter room: an array whose memory the replies' bytes may have.
    /// - Throws: what ended the connection; errors of the server are in the replies.
    package func send(
        _ commands: [RedisCommand],
        in room: consuming [UInt8] = [],
        timeout: Duration = .seconds(10)
    ) async throws(RedisError) -> RedisReplies {
        var room = room
        return try await onThread { connection throws(RedisError) in
            let deadline = Deadline.after(timeout)
            try connection.connect(until: deadline)
            // Nobody else is to hold it, or it would be copied.
            var lent: [UInt8] = []
            swap(&lent, &room)
            return try connection.exchange(commands, in: consume lent, until: deadline)
        }
    }

    /// Sends one command and waits for its reply.
    ///
    /// - Throws: also the error that the server answers with.
    package func send(_ command: RedisCommand, timeout: Duration = .seconds(10)) async throws(RedisError) -> RedisReply
    {
        try await send([command], timeout: timeout).only()
    }

    /// Gives the connection up; the next use makes a new one.
    package func disconnect() {
        handle = nil
        clientID = nil
    }

    /// Runs blocking work here, on the connection's thread, and ends its wait when the task is cancelled.
    private func onThread<Value: Sendable>(
        _ work: (isolated RedisConnection) throws(RedisError) -> Value
    ) async throws(RedisError) -> Value {
        let outcome: Result<Value, RedisError> = await withTaskCancellationHandler {
            if Task.isCancelled { return .failure(RedisError(.cancelled, "the wait was cancelled")) }
            do throws(RedisError) {
                return .success(try work(self))
            } catch {
                // After any failed wait a reply may be half read: only a new connection is safe.
                if error.endsConnection { disconnect() }
                return .failure(error)
            }
        } onCancel: { [wakeUp] in
            wakeUp.signal()
        }
        return try outcome.get()
    }

    private func connect(until deadline: Deadline) throws(RedisError) {
        guard handle == nil else { return }
        handle = try RedisHandle.connect(to: address.endpoint, until: deadline, wakeUp: wakeUp)
        do throws(RedisError) {
            try greet(until: deadline)
        } catch {
            disconnect()
            throw error
        }
        generation += 1
    }

    private func greet(until deadline: Deadline) throws(RedisError) {
        if let password = address.password {
            let login = address.user.map { RedisCommand(["AUTH", $0, password]) } ?? ["AUTH", password]
            _ = try exchange([login], until: deadline).only()
        }
        if address.database != 0 {
            _ = try exchange([["SELECT", String(address.database)]], until: deadline).only()
        }
        let replies = try exchange(
            [["CLIENT", "SETNAME", "drainer-\(name)"], ["CLIENT", "ID"], ["INFO", "server"]],
            until: deadline
        ).all()
        // LOADING and the like are told here, before any stream is touched.
        _ = try replies[0].orThrow()
        clientID = try replies[1].orThrow().integer
        serverVersion = Self.version(in: replies[2].text ?? "")
    }

    private func exchange(
        _ commands: [RedisCommand],
        in room: consuming [UInt8] = [],
        until deadline: Deadline
    ) throws(RedisError) -> RedisReplies {
        guard let replies = try handle?.exchange(commands, in: consume room, until: deadline) else {
            throw RedisError(.connection, "not connected")
        }
        return replies
    }

    /// Reads `redis_version:7.0.15`; Valkey says there which Redis it is compatible with.
    static func version(in info: String) -> (major: Int, minor: Int) {
        for line in info.split(whereSeparator: \.isNewline) where line.hasPrefix("redis_version:") {
            let numbers = line.dropFirst("redis_version:".count).split(separator: ".").map { Int($0) ?? 0 }
            return (numbers.first ?? 0, numbers.count > 1 ? numbers[1] : 0)
        }
        return (0, 0)
    }
}

extension RedisConnection {
    /// What is wrong with a server of this version; nil where nothing is. 6.2 works, without lag and losses.
    package static func fault(ofVersion version: (major: Int, minor: Int)) -> String? {
        if version == (0, 0) { return "its version is not known: allow the drainer's user INFO" }
        return version >= (6, 2) ? nil : "version \(version.major).\(version.minor) is too old: use 7.0 or newer"
    }
}
