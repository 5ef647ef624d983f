internal import CHiredis

/// Where hiredis' reader puts what it parses: each string is copied once, since hiredis moves its own buffer.
///
/// Freed by its owner, who keeps it for as long as hiredis knows its address.
@safe
struct ReplyArena {
    private let replies: UnsafeMutablePointer<RedisReplies>

    init() {
        unsafe replies = .allocate(capacity: 1)
        unsafe replies.initialize(to: RedisReplies())
    }

    func free() {
        unsafe replies.deinitialize(count: 1)
        unsafe replies.deallocate()
    }

    /// Makes room for replies.
    func begin(in room: consuming [UInt8], bytes: Int, nodes: Int) {
        unsafe replies.pointee = RedisReplies(in: consume room, bytes: bytes, nodes: nodes)
    }

    /// Moves out what has been parsed.
    func take() -> RedisReplies {
        let done = unsafe replies.move()
        unsafe replies.initialize(to: RedisReplies())
        return done
    }

    /// A reply is complete.
    func endReply() {
        unsafe replies.pointee.endReply()
    }

    /// What hiredis is to call, through the shim. Each call returns a token that is not NULL, which is all hiredis asks.
    var target: drainer_reply_target {
        let visitor = unsafe drainer_reply_visitor(
            string: { arena, type, start, length in
                let bytes = unsafe UnsafeRawBufferPointer(start: start, count: length).assumingMemoryBound(
                    to: UInt8.self
                )
                let kind: RedisReplies.Node.Kind =
                    switch type {
                    case REDIS_REPLY_STATUS: .status
                    case REDIS_REPLY_ERROR: .error
                    default: .string
                    }
                unsafe ReplyArena.at(arena).pointee.append(kind, bytes)
                return unsafe arena
            },
            array: { arena, count in
                unsafe ReplyArena.at(arena).pointee.append(.array, value: Int64(count))
                return unsafe arena
            },
            integer: { arena, value in
                unsafe ReplyArena.at(arena).pointee.append(.integer, value: value)
                return unsafe arena
            },
            nil: { arena in
                unsafe ReplyArena.at(arena).pointee.append(.null)
                return unsafe arena
            }
        )
        return unsafe drainer_reply_target(visitor: visitor, arena: replies)
    }

    private static func at(_ pointer: UnsafeMutableRawPointer?) -> UnsafeMutablePointer<RedisReplies> {
        guard let pointer = unsafe pointer else { preconditionFailure("hiredis lost its arena") }
        return unsafe pointer.assumingMemoryBound(to: RedisReplies.self)
    }
}
