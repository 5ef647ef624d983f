internal import CHiredis

/// Where hiredis' reader puts what it parses: each string is copied once, since hiredis moves its own buffer.
final class ReplyArena {
    private var replies = RedisReplies()

    /// Moves out what has been parsed.
    func take() -> RedisReplies {
        defer { replies = RedisReplies() }
        return replies
    }

    /// A reply is complete.
    func endReply() {
        replies.ends.append(replies.nodes.count)
    }

    private func append(_ kind: RedisReplies.Node.Kind, value: Int64 = 0, length: Int = 0) {
        replies.nodes.append(RedisReplies.Node(kind: kind, value: value, length: length))
    }

    private func append(_ kind: RedisReplies.Node.Kind, _ bytes: UnsafeBufferPointer<UInt8>) {
        append(kind, value: Int64(replies.bytes.count), length: bytes.count)
        unsafe replies.bytes.append(contentsOf: bytes)
    }

    /// The calls that hiredis makes through the shim. Each returns a token that is not NULL, which is all hiredis asks.
    static var visitor: drainer_reply_visitor {
        unsafe drainer_reply_visitor(
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
                unsafe ReplyArena.at(arena).append(kind, bytes)
                return unsafe arena
            },
            array: { arena, count in
                unsafe ReplyArena.at(arena).append(.array, value: Int64(count))
                return unsafe arena
            },
            integer: { arena, value in
                unsafe ReplyArena.at(arena).append(.integer, value: value)
                return unsafe arena
            },
            nil: { arena in
                unsafe ReplyArena.at(arena).append(.null)
                return unsafe arena
            }
        )
    }

    /// The handle keeps the arena alive for as long as hiredis knows its address.
    private static func at(_ pointer: UnsafeMutableRawPointer?) -> ReplyArena {
        guard let pointer = unsafe pointer else { preconditionFailure("hiredis lost its arena") }
        return unsafe Unmanaged<ReplyArena>.fromOpaque(pointer).takeUnretainedValue()
    }
}
