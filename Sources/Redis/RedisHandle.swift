internal import CHiredis
internal import Glibc
internal import Threads

/// A connected hiredis context. Freed with the value; its pointer never leaves this file.
///
/// hiredis: "a redisContext is not thread-safe"; only the connection's actor holds one.
@safe
struct RedisHandle: ~Copyable {
    private let context: UnsafeMutablePointer<redisContext>
    /// Of the last replies.
    private var expected = (bytes: 0, nodes: 0)
    private let wakeUp: WakeUp

    /// Connects, blocking the calling thread: name resolution cannot be interrupted, the rest ends at the deadline.
    static func connect(
        to endpoint: RedisAddress.Endpoint,
        until deadline: Deadline,
        wakeUp: WakeUp
    ) throws(RedisError) -> RedisHandle {
        let made: UnsafeMutablePointer<redisContext>? =
            switch endpoint {
            case .tcp(let host, let port): unsafe redisConnectNonBlock(host, Int32(port))
            case .unix(let path): unsafe redisConnectUnixNonBlock(path)
            }
        guard let made = unsafe made else { throw RedisError(.connection, "out of memory") }
        let handle = unsafe RedisHandle(owning: made, wakeUp: wakeUp)
        try handle.finishConnecting(until: deadline)
        // A Unix socket has no keepalive, and hiredis takes the refusal for the context's end.
        if case .tcp = endpoint { handle.keepAlive() }
        return handle
    }

    private init(owning context: UnsafeMutablePointer<redisContext>, wakeUp: WakeUp) {
        unsafe self.context = unsafe context
        self.wakeUp = wakeUp
    }

    deinit {
        unsafe redisFree(context)
    }

    private func keepAlive() {
        unsafe redisEnableKeepAlive(context)
    }

    private func finishConnecting(until deadline: Deadline) throws(RedisError) {
        if unsafe context.pointee.err != 0 { throw failure() }
        try wait(toWrite: true, orRead: false, until: deadline)
        var error: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        unsafe getsockopt(context.pointee.fd, SOL_SOCKET, SO_ERROR, &error, &size)
        guard error == 0 else { throw RedisError(.connection, unsafe String(cString: strerror(error))) }
    }

    /// Sends the commands in one write and waits for all their replies.
    ///
    /// - Parameter room: for their bytes.
    /// - Throws: only what ends the connection; errors of the server are nodes of the replies.
    mutating func exchange(
        _ commands: [RedisCommand],
        in room: consuming [UInt8],
        until deadline: Deadline
    ) throws(RedisError) -> RedisReplies {
        var reader = ReplyReader(in: consume room, bytes: expected.bytes, nodes: expected.nodes)
        for command in commands { try append(command) }
        var isSent = false
        while reader.count < commands.count {
            if !isSent {
                var done: Int32 = 0
                guard unsafe redisBufferWrite(context, &done) == REDIS_OK else { throw failure() }
                isSent = done == 1
            }
            try wait(toWrite: !isSent, orRead: true, until: deadline)
            _ = try reader.receive(from: unsafe context.pointee.fd)
        }
        let replies = try reader.finish()
        expected = replies.size
        return replies
    }

    private func append(_ command: RedisCommand) throws(RedisError) {
        for bytes in [command.header, command.bytes] {
            let result = unsafe bytes.withUnsafeBytes { bytes in
                let start = unsafe bytes.assumingMemoryBound(to: CChar.self).baseAddress
                return unsafe redisAppendFormattedCommand(context, start, bytes.count)
            }
            guard result == REDIS_OK else { throw failure() }
        }
    }

    private func wait(toWrite: Bool, orRead: Bool, until deadline: Deadline) throws(RedisError) {
        while true {
            let socket = unsafe context.pointee.fd
            let outcome =
                orRead
                ? wakeUp.wait(for: socket, toWrite: toWrite, until: deadline)
                : wakeUp.waitToWrite(to: socket, until: deadline)
            switch outcome {
            case .ready: return
            case .timedOut: throw RedisError(.timeout, "no answer in time")
            case .woken:
                // A signal meant for an earlier wait ends nothing.
                wakeUp.clear()
                if Task.isCancelled { throw RedisError(.cancelled, "the wait was cancelled") }
            }
        }
    }

    private func failure() -> RedisError {
        let text = unsafe withUnsafePointer(to: &context.pointee.errstr) {
            unsafe $0.withMemoryRebound(to: CChar.self, capacity: 128) { unsafe String(cString: $0) }
        }
        return RedisError(.connection, text)
    }
}
