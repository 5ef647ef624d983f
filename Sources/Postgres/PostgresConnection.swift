internal import Threads

/// One connection to a PostgreSQL server, with a thread of its own to wait on.
///
/// It is made by `connect`; after any failure of the connection itself it is gone until `connect` makes a new one.
package actor PostgresConnection {
    private let conninfo: String
    private let applicationName: String
    private let executor: ThreadExecutor
    private let wakeUp = WakeUp()
    private var handle: PostgresHandle?
    /// How long an answer is waited for, unless a call says otherwise.
    private var patience = Duration.seconds(60)

    package nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    /// - Parameters:
    ///   - conninfo: libpq's URI or keyword form; empty for the `PG*` variables alone.
    ///   - applicationName: what `pg_stat_activity` shows, unless `conninfo` says otherwise.
    package init(conninfo: String, applicationName: String) {
        self.conninfo = conninfo
        self.applicationName = applicationName
        executor = ThreadExecutor(name: "postgres")
    }

    deinit {
        executor.shutDown()
    }

    package var isConnected: Bool { handle != nil }

    /// A number such as 150018; 0 without a connection.
    package var serverVersion: Int { handle?.serverVersion ?? 0 }

    /// Makes a new connection, giving up one that stands, and runs `session` on it.
    ///
    /// - Parameter patience: how long an answer is waited for from then on, unless a call says otherwise.
    package func connect(session: String = "", timeout: Duration = .seconds(5), patience: Duration = .seconds(60))
        async throws(PostgresError)
    {
        self.patience = patience
        try await onThread { connection throws(PostgresError) in
            let deadline = Deadline.after(timeout)
            connection.handle = nil
            connection.handle = try PostgresHandle.connect(
                conninfo: connection.conninfo,
                applicationName: connection.applicationName,
                until: deadline,
                wakeUp: connection.wakeUp
            )
            if !session.isEmpty {
                _ = try connection.open { h throws(PostgresError) in try h.run(session, until: deadline) }
            }
        }
    }

    /// Runs SQL without parameters, several statements if need be; the last one's result counts.
    @discardableResult
    package func run(_ sql: String, timeout: Duration? = nil) async throws(PostgresError) -> PostgresResult {
        try await onThread { connection throws(PostgresError) in
            try connection.open { handle throws(PostgresError) in
                try handle.run(sql, until: .after(timeout ?? connection.patience))
            }
        }
    }

    /// Runs one step by itself.
    @discardableResult
    package func run(_ step: PostgresStep, timeout: Duration? = nil) async throws(PostgresError)
        -> PostgresResult
    {
        try await onThread { connection throws(PostgresError) in
            try connection.open { handle throws(PostgresError) in
                try handle.run(step, until: .after(timeout ?? connection.patience))
            }
        }
    }

    /// Runs the steps in order in one round trip; behind the first refused one, none is executed.
    ///
    /// - Parameter timeout: of each step.
    /// - Throws: only what ends the connection.
    package func pipeline(_ steps: [PostgresStep], timeout: Duration? = nil) async throws(PostgresError)
        -> PostgresProgress
    {
        try await onThread { connection throws(PostgresError) in
            try connection.open { handle throws(PostgresError) in
                try handle.pipeline(steps, timeout: timeout ?? connection.patience)
            }
        }
    }

    /// Whether a connection stood and the server has ended it; gives it up then. Asks the server nothing.
    package func noticeEnd() -> Bool {
        let isGone =
            switch handle {
            case .some(let handle): !handle.looksAlive()
            case .none: false
            }
        if isGone { handle = nil }
        return isGone
    }

    /// Runs SQL whose first statement is a `COPY … FROM STDIN`, and feeds `rows` to that. Not within a pipeline: libpq
    /// has no COPY there.
    ///
    /// - Returns: a result for each statement.
    @discardableResult
    package func copy<Rows: CopySource>(_ sql: String, _ rows: inout Rows, timeout: Duration? = nil)
        async throws(PostgresError) -> [PostgresResult]
    {
        try await onThread { connection throws(PostgresError) in
            try connection.open { handle throws(PostgresError) in
                try handle.copy(sql, &rows, until: .after(timeout ?? connection.patience))
            }
        }
    }

    /// Whether a transaction is open, or was and failed.
    package var isInTransaction: Bool {
        switch handle {
        case .some(let handle): handle.isInTransaction
        case .none: false
        }
    }

    /// Gives the connection up.
    package func disconnect() {
        handle = nil
    }

    private var isAlive: Bool {
        switch handle {
        case .some(let handle): handle.isAlive
        case .none: false
        }
    }

    /// Runs blocking work here, on the connection's thread, and ends its wait when the task is cancelled.
    private func onThread<Value: Sendable>(
        _ work: (isolated PostgresConnection) throws(PostgresError) -> Value
    ) async throws(PostgresError) -> Value {
        let outcome: Result<Value, PostgresError> = await withTaskCancellationHandler {
            if Task.isCancelled {
                return .failure(PostgresError(sqlState: nil, message: "the wait was cancelled"))
            }
            do throws(PostgresError) {
                return .success(try work(self))
            } catch {
                // After a failed wait a result may be half read, and a FATAL error ends the session: only a new
                // connection is safe.
                if error.sqlState == nil || !isAlive { handle = nil }
                return .failure(error)
            }
        } onCancel: { [wakeUp] in
            wakeUp.signal()
        }
        return try outcome.get()
    }

    private func open<Value>(
        _ work: (borrowing PostgresHandle) throws(PostgresError) -> Value
    ) throws(PostgresError) -> Value {
        switch handle {
        case .some(let handle): return try work(handle)
        case .none: throw PostgresError(sqlState: nil, message: "not connected")
        }
    }
}

extension PostgresConnection {
    /// What is wrong with a server of this version, such as 130004; nil where nothing is.
    package static func fault(ofVersion number: Int) -> String? {
        number >= 140_000 ? nil : "version \(number / 10_000).\(number % 10_000) is too old: use 14 or newer"
    }
}
