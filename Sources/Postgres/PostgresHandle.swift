internal import CLibPQ
internal import Glibc
internal import Threads

/// An open libpq connection. Finished with the value; its pointer never leaves this file.
///
/// libpq: "no two threads attempt to manipulate the same PGconn object at the same time"; only the connection's actor
/// holds one.
@safe
struct PostgresHandle: ~Copyable {
    private let connection: OpaquePointer
    private let wakeUp: WakeUp

    /// Connects, blocking the calling thread: name resolution cannot be interrupted, the rest ends at the deadline.
    ///
    /// - Parameter conninfo: libpq's URI or keyword form; empty for the `PG*` variables alone.
    static func connect(
        conninfo: String,
        applicationName: String,
        until deadline: Deadline,
        wakeUp: WakeUp
    ) throws(PostgresError) -> PostgresHandle {
        // What stands before dbname is a default that the conninfo overrides; what stands behind it, is not.
        let parameters = [
            ("target_session_attrs", "read-write"), ("keepalives_idle", "10"), ("keepalives_interval", "5"),
            ("keepalives_count", "3"), ("tcp_user_timeout", "20000"), ("fallback_application_name", applicationName),
            ("dbname", conninfo), ("client_encoding", "UTF8"),
        ]
        let keywords = parameters.map(\.0)
        let values = parameters.map(\.1)
        let made = unsafe withCStrings(keywords) { keywords in
            unsafe withCStrings(values) { values in unsafe PQconnectStartParams(keywords, values, 1) }
        }
        guard let made = unsafe made else { throw PostgresError(sqlState: nil, message: "out of memory") }
        let handle = unsafe PostgresHandle(owning: made, wakeUp: wakeUp)
        try handle.finishConnecting(until: deadline)
        return handle
    }

    private init(owning connection: OpaquePointer, wakeUp: WakeUp) {
        unsafe self.connection = unsafe connection
        self.wakeUp = wakeUp
        // NOTICEs can echo row values; libpq would print them to standard error.
        unsafe PQsetNoticeReceiver(connection, { _, _ in }, nil)
    }

    deinit {
        unsafe PQfinish(connection)
    }

    /// A number such as 150018.
    var serverVersion: Int { Int(unsafe PQserverVersion(connection)) }

    /// The PID of the server process that serves this connection.
    var backend: Int32 { unsafe PQbackendPID(connection) }

    /// False once the server has ended the session or the socket is gone.
    var isAlive: Bool { unsafe PQstatus(connection) == CONNECTION_OK }

    /// Whether the server has not ended the session, looked at without asking it anything.
    func looksAlive() -> Bool {
        // The first look may bring the server's last words, the second its end.
        for _ in 0..<2 where unsafe PQconsumeInput(connection) != 1 { return false }
        return isAlive
    }

    /// Whether a transaction is open, or was and failed.
    var isInTransaction: Bool { unsafe PQtransactionStatus(connection) != PQTRANS_IDLE }

    private func finishConnecting(until deadline: Deadline) throws(PostgresError) {
        var toWrite = true
        while true {
            if unsafe PQstatus(connection) == CONNECTION_BAD { throw failure() }
            try wait(toWrite: toWrite, toRead: !toWrite, until: deadline)
            switch unsafe PQconnectPoll(connection) {
            case PGRES_POLLING_OK:
                guard unsafe PQsetnonblocking(connection, 1) == 0 else { throw failure() }
                // libpq's account of a lost connection repeats what the server said before: from here on no more of
                // that than its SQLSTATE, since it can quote a row. What a result says is read field by field.
                unsafe PQsetErrorVerbosity(connection, PQERRORS_SQLSTATE)
                return
            case PGRES_POLLING_READING: toWrite = false
            case PGRES_POLLING_WRITING: toWrite = true
            default: throw failure()
            }
        }
    }

    /// Runs SQL without parameters, several statements if need be.
    func run(_ sql: String, until deadline: Deadline) throws(PostgresError) -> PostgresResult {
        guard unsafe PQsendQuery(connection, sql) == 1 else { throw failure() }
        return try finish(until: deadline)
    }

    /// Runs one step by itself.
    func run(_ step: PostgresStep, until deadline: Deadline) throws(PostgresError) -> PostgresResult {
        try send(step)
        return try finish(until: deadline)
    }

    /// Sends all steps at once and takes their results as they come: one round trip, whatever their number.
    ///
    /// - Parameter timeout: of each step, since nobody knows how many there are.
    func pipeline(_ steps: [PostgresStep], timeout: Duration) throws(PostgresError) -> PostgresProgress {
        guard unsafe PQenterPipelineMode(connection) == 1 else { throw failure() }
        for step in steps { try send(step) }
        guard unsafe PQpipelineSync(connection) == 1 else { throw failure() }
        try flush(steadily: timeout)
        var results: [PostgresResult] = []
        var refusal: PostgresError?
        for _ in steps {
            do throws(PostgresError) {
                let result = try takeResults(until: .after(timeout))
                if refusal == nil { results.append(result) }
            } catch {
                // Without a SQLSTATE it is the connection that failed, and no result will follow.
                guard error.sqlState != nil else { throw error }
                if refusal == nil { refusal = error }
            }
        }
        // The sync is a result of its own, with nothing behind it.
        guard let sync = unsafe try nextResult(until: .after(timeout)) else { throw failure() }
        let isSync = unsafe PQresultStatus(sync) == PGRES_PIPELINE_SYNC
        unsafe PQclear(sync)
        guard isSync, unsafe PQexitPipelineMode(connection) == 1 else { throw failure() }
        return PostgresProgress(results: results, refusal: refusal)
    }

    private func send(_ step: PostgresStep) throws(PostgresError) {
        let sent =
            switch step {
            case .prepare(let name, let sql):
                unsafe PQsendPrepare(connection, name, sql, 0, nil)
            case .execute(let name, let parameters):
                unsafe withPointers(to: parameters) { values in
                    unsafe PQsendQueryPrepared(
                        connection,
                        name,
                        Int32(parameters.count),
                        values,
                        parameters.lengths,
                        parameters.formats,
                        0
                    )
                }
            case .run(let sql, let parameters):
                unsafe withPointers(to: parameters) { values in
                    unsafe PQsendQueryParams(
                        connection,
                        sql,
                        Int32(parameters.count),
                        nil,
                        values,
                        parameters.lengths,
                        parameters.formats,
                        0
                    )
                }
            }
        guard sent == 1 else { throw failure() }
    }

    /// Runs SQL whose first statement is a `COPY … FROM STDIN`, and feeds that; a result for each statement.
    func copy(_ sql: String, _ rows: inout some CopySource, until deadline: Deadline) throws(PostgresError)
        -> [PostgresResult]
    {
        guard unsafe PQsendQuery(connection, sql) == 1 else { throw failure() }
        try flush(until: deadline)
        // Written while the server begins, it does not wait for the first rows.
        var first = rows.next()
        try awaitCopy(until: deadline)
        if let piece = first.take() { try feed(piece, until: deadline) }
        while let piece = rows.next() { try feed(piece, until: deadline) }
        guard unsafe PQputCopyEnd(connection, nil) == 1 else { throw failure() }
        try flush(until: deadline)
        return try takeAllResults(until: deadline)
    }

    /// Waits until the server takes rows.
    private func awaitCopy(until deadline: Deadline) throws(PostgresError) {
        while let result = unsafe try nextResult(until: deadline) {
            defer { unsafe PQclear(result) }
            switch unsafe PQresultStatus(result) {
            case PGRES_COPY_IN: return
            case PGRES_FATAL_ERROR:
                var refusal = unsafe PostgresError(result)
                refusal.copyLine = 0
                // The end of the command's results, without which the connection takes no other.
                while let rest = unsafe try nextResult(until: deadline) { unsafe PQclear(rest) }
                throw refusal
            default: throw PostgresError(sqlState: nil, message: "an answer of a kind that was not asked for")
            }
        }
        throw PostgresError(sqlState: nil, message: "the server did not ask for rows")
    }

    /// libpq would keep all that the socket does not take; in pieces, it keeps one.
    private func feed(_ rows: ArraySlice<UInt8>, until deadline: Deadline) throws(PostgresError) {
        var start = 0
        while start < rows.count {
            let count = min(Self.pieceOfCopy, rows.count - start)
            let isTaken = unsafe rows.withUnsafeBytes { bytes in
                let piece = unsafe bytes.assumingMemoryBound(to: CChar.self).baseAddress.map { unsafe $0 + start }
                return unsafe PQputCopyData(connection, piece, Int32(count)) == 1
            }
            guard isTaken else { throw failure() }
            try flush(until: deadline)
            start += count
        }
    }

    /// With the message's head, a whole number of the blocks that libpq sends.
    private static let pieceOfCopy = 64 * 1024 - 5

    /// Sends what is queued and takes every result; the last one counts, the first error is thrown.
    private func finish(until deadline: Deadline) throws(PostgresError) -> PostgresResult {
        try flush(until: deadline)
        return try takeResults(until: deadline)
    }

    /// Takes the results of one command, or of one step of a pipeline; the last one counts.
    private func takeResults(until deadline: Deadline) throws(PostgresError) -> PostgresResult {
        try takeAllResults(until: deadline).last ?? PostgresResult()
    }

    private func takeAllResults(until deadline: Deadline) throws(PostgresError) -> [PostgresResult] {
        var results: [PostgresResult] = []
        var refusal: PostgresError?
        while let result = unsafe try nextResult(until: deadline) {
            defer { unsafe PQclear(result) }
            switch unsafe PQresultStatus(result) {
            case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY:
                unsafe results.append(PostgresResult(result))
            case PGRES_FATAL_ERROR: if refusal == nil { refusal = unsafe PostgresError(result) }
            // A step behind a refused one: whoever reads the results knows of that one.
            case PGRES_PIPELINE_ABORTED: break
            default: throw PostgresError(sqlState: nil, message: "an answer of a kind that was not asked for")
            }
        }
        if let refusal { throw refusal }
        return results
    }

    /// Waits for one result, which the caller clears; nil at the end of a command's.
    private func nextResult(until deadline: Deadline) throws(PostgresError) -> OpaquePointer? {
        while unsafe PQisBusy(connection) == 1 {
            try wait(toWrite: false, toRead: true, until: deadline)
            guard unsafe PQconsumeInput(connection) == 1 else { throw failure() }
        }
        return unsafe PQgetResult(connection)
    }

    private func flush(until deadline: Deadline) throws(PostgresError) {
        try flush { deadline }
    }

    /// - Parameter timeout: how long the server may take nothing.
    private func flush(steadily timeout: Duration) throws(PostgresError) {
        try flush { .after(timeout) }
    }

    private func flush(until deadline: () -> Deadline) throws(PostgresError) {
        while true {
            switch unsafe PQflush(connection) {
            case 0: return
            case 1:
                // The server may answer before it has read all: without reading, both sides could wait for ever.
                try wait(toWrite: true, toRead: true, until: deadline())
                guard unsafe PQconsumeInput(connection) == 1 else { throw failure() }
            default: throw failure()
            }
        }
    }

    private func wait(toWrite: Bool, toRead: Bool, until deadline: Deadline) throws(PostgresError) {
        while true {
            let socket = unsafe PQsocket(connection)
            guard socket >= 0 else { throw failure() }
            let outcome =
                toRead
                ? wakeUp.wait(for: socket, toWrite: toWrite, until: deadline)
                : wakeUp.waitToWrite(to: socket, until: deadline)
            switch outcome {
            case .ready: return
            case .timedOut: throw PostgresError(sqlState: nil, message: "no answer in time")
            case .woken:
                // A signal meant for an earlier wait ends nothing.
                wakeUp.clear()
                if Task.isCancelled { throw PostgresError(sqlState: nil, message: "the wait was cancelled") }
            }
        }
    }

    private func failure() -> PostgresError {
        let text = unsafe String(cString: PQerrorMessage(connection))
        return PostgresError(sqlState: nil, message: text.split(whereSeparator: \.isNewline).joined(separator: " "))
    }
}

private func withPointers<Value>(
    to parameters: PostgresParameters,
    _ body: ([UnsafePointer<CChar>?]) -> Value
) -> Value {
    unsafe parameters.bytes.withUnsafeBytes { bytes in
        let start = unsafe bytes.assumingMemoryBound(to: CChar.self).baseAddress
        let pointers = unsafe parameters.offsets.map { offset -> UnsafePointer<CChar>? in
            // An empty buffer has no address; then every parameter is NULL.
            guard offset >= 0, let start = unsafe start else { return nil }
            return unsafe start + offset
        }
        return unsafe body(pointers)
    }
}

/// Calls `body` with the strings as a NULL-terminated array of C strings.
private func withCStrings<Value>(_ strings: [String], _ body: ([UnsafePointer<CChar>?]) -> Value) -> Value {
    var bytes: [CChar] = []
    var offsets: [Int] = []
    for string in strings {
        offsets.append(bytes.count)
        bytes += string.utf8CString
    }
    return unsafe bytes.withUnsafeBufferPointer { buffer in
        let pointers = unsafe offsets.map { offset in unsafe buffer.baseAddress.map { unsafe $0 + offset } } + [nil]
        return unsafe body(pointers)
    }
}
