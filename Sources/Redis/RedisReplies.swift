/// The replies of one exchange, flat: every string lies in one arena, every element is a node in the order in which it
/// came. Large replies are walked with a cursor, small ones asked for as a tree.
package struct RedisReplies: Sendable {
    struct Node: Sendable {
        enum Kind: UInt8, Sendable { case string, status, error, integer, array, null }

        /// The integer, the number of elements, or the offset of the bytes.
        let value: Int64
        /// Redis has no string of more than 512 MB.
        let length: UInt32
        let kind: Kind

        /// Of a string.
        var range: Range<Int> { Int(value)..<(Int(value) + Int(length)) }
    }

    /// Everything as it was sent, what stands between strings included.
    private var bytes: [UInt8]
    private let nodes: [Node]
    /// Where each reply's nodes end.
    private let ends: [Int]

    init(bytes: consuming [UInt8], nodes: [Node], ends: [Int]) {
        self.bytes = bytes
        self.nodes = nodes
        self.ends = ends
    }

    /// What the next exchange is to expect.
    var size: (bytes: Int, nodes: Int) { (bytes.count, nodes.count) }

    /// Walks the replies from the first.
    package var cursor: Cursor { Cursor(replies: self) }

    /// Walks the replies from the one of this command of the exchange.
    package func cursor(at command: Int) -> Cursor {
        Cursor(replies: self, next: command == 0 ? 0 : ends[command - 1])
    }

    /// The only reply of an exchange of one command.
    ///
    /// - Throws: `RedisError` where the server answered with an error.
    package func only() throws(RedisError) -> RedisReply {
        var cursor = cursor
        return try cursor.tree().orThrow()
    }

    /// Every reply, errors as values.
    package func all() throws(RedisError) -> [RedisReply] {
        var cursor = cursor
        var replies: [RedisReply] = []
        while !cursor.isAtEnd { replies.append(try cursor.tree()) }
        return replies
    }

    /// A position in the replies.
    package struct Cursor: Sendable {
        private var replies: RedisReplies
        private var next: Int

        init(replies: RedisReplies, next: Int = 0) {
            self.replies = replies
            self.next = next
        }

        package var isAtEnd: Bool { next >= replies.nodes.count }

        /// What `range` speaks of; nothing once they are taken.
        package var bytes: [UInt8] { replies.bytes }

        /// Moves the bytes of all strings out: from then on only `array` and `range` can be asked for.
        package mutating func takeBytes() -> [UInt8] {
            defer { replies.bytes = [] }
            return replies.bytes
        }

        /// The number of elements of the array that stands here; nil where a null stands.
        ///
        /// - Throws: the error that stands here, or `unexpectedReply`.
        package mutating func array() throws(RedisError) -> Int? {
            let node = try take()
            switch node.kind {
            case .array: return Int(node.value)
            case .null: return nil
            default: throw unexpected(node)
            }
        }

        /// Where among `bytes` the string lies that stands here; nil where a null stands.
        package mutating func range() throws(RedisError) -> Range<Int>? {
            let node = try take()
            switch node.kind {
            case .string, .status: return node.range
            case .null: return nil
            default: throw unexpected(node)
            }
        }

        package mutating func integer() throws(RedisError) -> Int64 {
            let node = try take()
            guard node.kind == .integer else { throw unexpected(node) }
            return node.value
        }

        /// Everything that stands here, errors as values.
        package mutating func tree() throws(RedisError) -> RedisReply {
            let node = try take()
            switch node.kind {
            case .string, .status: return .string(Array(bytes(of: node)))
            case .error: return .error(error(of: node))
            case .integer: return .integer(node.value)
            case .null: return .null
            case .array:
                var elements: [RedisReply] = []
                for _ in 0..<node.value { elements.append(try tree()) }
                return .array(elements)
            }
        }

        private mutating func take() throws(RedisError) -> Node {
            guard next < replies.nodes.count else { throw RedisError(.unexpectedReply, "the reply ends early") }
            defer { next += 1 }
            return replies.nodes[next]
        }

        private func bytes(of node: Node) -> ArraySlice<UInt8> {
            let range = node.range
            // They may have been taken.
            return range.upperBound <= replies.bytes.count ? replies.bytes[range] : []
        }

        private func error(of node: Node) -> RedisError {
            RedisError(reply: String(decoding: bytes(of: node), as: UTF8.self))
        }

        private func unexpected(_ node: Node) -> RedisError {
            node.kind == .error
                ? error(of: node) : RedisError(.unexpectedReply, "a reply of kind \(node.kind) where none should be")
        }
    }
}

/// One reply as a tree.
package indirect enum RedisReply: Sendable {
    case string([UInt8])
    case integer(Int64)
    case null
    case array([RedisReply])
    case error(RedisError)

    /// The reply, unless it is an error.
    package func orThrow() throws(RedisError) -> RedisReply {
        if case .error(let error) = self { throw error }
        return self
    }

    package var text: String? {
        if case .string(let bytes) = self { String(decoding: bytes, as: UTF8.self) } else { nil }
    }

    package var integer: Int64? {
        switch self {
        case .integer(let value): value
        case .string: text.flatMap { Int64($0) }
        default: nil
        }
    }

    package var elements: [RedisReply]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    /// Reads the `name, value, name, value` arrays of the XINFO commands.
    package var dictionary: [String: RedisReply] {
        var result: [String: RedisReply] = [:]
        let elements = elements ?? []
        for index in stride(from: 0, to: elements.count - 1, by: 2) {
            if let name = elements[index].text { result[name] = elements[index + 1] }
        }
        return result
    }
}
