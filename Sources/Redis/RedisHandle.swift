internal import CHiredis
internal import Glibc
internal import Threads

/// A connected hiredis context. Freed with the value; its pointer never leaves this file.
///
/// hiredis: "a redisContext is not thread-safe"; only the connection's actor holds one.
@safe
struct RedisHandle: ~Copyable {
    private let context: UnsafeMutablePointer<redisContext>
    private let functions: UnsafeMutablePointer<redisReplyObjectFunctions>
    private let target: UnsafeMutablePointer<drainer_reply_target>
    private let buffer: UnsafeMutableRawBufferPointer
    private let arena = ReplyArena()
    /// Of the last replies.
    private var expected = (bytes: 0, nodes: 0)
    private let wakeUp: WakeUp

    /// hiredis' own reads are of 16 KiB, slow for replies of a thousand entries.
    private static let readSize = 256 * 1024

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
        unsafe functions = .allocate(capacity: 1)
        unsafe functions.initialize(to: redisReplyObjectFunctions())
        unsafe drainer_fill_functions(functions)
        unsafe target = .allocate(capacity: 1)
        unsafe target.initialize(to: arena.target)
        unsafe buffer = .allocate(byteCount: Self.readSize, alignment: 16)
        self.wakeUp = wakeUp
    }

    deinit {
        unsafe redisFree(context)
        unsafe functions.deallocate()
        unsafe target.deallocate()
        arena.free()
        unsafe buffer.deallocate()
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
        unsafe redisReaderFree(context.pointee.reader)
        guard let reader = unsafe redisReaderCreateWithFunctions(functions) else {
            unsafe context.pointee.reader = nil
            throw RedisError(.connection, "out of memory")
        }
        unsafe reader.pointee.privdata = UnsafeMutableRawPointer(target)
        // Above this, hiredis frees an empty buffer and grows it anew at every reply.
        unsafe reader.pointee.maxbuf = 1 << 20
        unsafe context.pointee.reader = reader
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
        arena.begin(in: consume room, bytes: expected.bytes, nodes: expected.nodes)
        for command in commands { try append(command) }
        var missing = commands.count
        var isSent = false
        while missing > 0 {
            if !isSent {
                var done: Int32 = 0
                guard unsafe redisBufferWrite(context, &done) == REDIS_OK else { throw failure() }
                isSent = done == 1
            }
            try wait(toWrite: !isSent, orRead: true, until: deadline)
            guard try receive() else { continue }
            while missing > 0 {
                var reply: UnsafeMutableRawPointer?
                guard unsafe redisReaderGetReply(context.pointee.reader, &reply) == REDIS_OK else {
                    throw RedisError(.connection, "the server does not speak Redis' protocol")
                }
                if unsafe reply == nil { break }
                arena.endReply()
                missing -= 1
            }
        }
        let replies = arena.take()
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

    /// Reads what the socket holds into hiredis' reader; false where it held nothing.
    private func receive() throws(RedisError) -> Bool {
        let count = unsafe read(context.pointee.fd, buffer.baseAddress, buffer.count)
        if count > 0 {
            let bytes = unsafe buffer.assumingMemoryBound(to: CChar.self).baseAddress
            guard unsafe redisReaderFeed(context.pointee.reader, bytes, count) == REDIS_OK else {
                throw RedisError(.connection, "out of memory")
            }
            return true
        }
        if count == 0 { throw RedisError(.connection, "the server closed the connection") }
        if errno == EAGAIN || errno == EINTR { return false }
        throw RedisError(.connection, unsafe String(cString: strerror(errno)))
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
