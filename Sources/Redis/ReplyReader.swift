internal import Glibc

/// Reads replies (RESP2) off a socket into the memory in which they stay: an entry is never copied on its way into a
/// window. hiredis' reader takes them through a buffer of its own into ours, a call for each piece, which was an eighth of
/// all that a drain computes.
///
/// Nothing that the server says makes it take more memory than the server has sent, and some.
package struct ReplyReader: ~Copyable, Sendable {
    /// How far the bytes are understood.
    private struct Progress: Sendable {
        var position = 0
        /// What the reply under way still lacks: elements of arrays may be arrays, so it is one number whatever the depth.
        var missing = 0
        var nodes: [RedisReplies.Node] = []
        /// Where each reply's nodes end.
        var ends: [Int] = []

        mutating func append(_ kind: RedisReplies.Node.Kind, value: Int64 = 0, length: Int = 0) {
            nodes.append(RedisReplies.Node(value: value, length: UInt32(truncatingIfNeeded: length), kind: kind))
            if missing == 0 { missing = 1 }
            missing -= 1
            if kind == .array { missing += Int(value) }
            if missing == 0 { ends.append(nodes.count) }
        }
    }

    /// Most replies are small: room is cleared before it is read into.
    private static let leastRoom = 512
    private static let leastGrowth = 16 * 1024
    /// A status or error that is longer is none.
    private static let longestLine = 1 << 20

    /// The first `filled` of them were read; what lies behind is room.
    private var bytes: [UInt8]
    private var filled = 0
    private var progress = Progress()

    /// - Parameters:
    ///   - room: an array whose memory the replies may have, whatever it holds.
    ///   - expectedBytes: how many to make room for.
    ///   - expectedNodes: how many strings, numbers and arrays to make room for.
    package init(in room: consuming [UInt8] = [], bytes expectedBytes: Int = 0, nodes expectedNodes: Int = 0) {
        bytes = consume room
        makeRoom(expectedBytes + Self.leastRoom)
        progress.nodes.reserveCapacity(expectedNodes + expectedNodes / 8)
    }

    /// Replies read so far.
    package var count: Int { progress.ends.count }

    /// Reads what the socket holds; false where it holds nothing.
    ///
    /// - Throws: where the connection has ended, or does not speak Redis' protocol.
    package mutating func receive(from socket: Int32) throws(RedisError) -> Bool {
        if bytes.count - filled < Self.leastRoom { makeMoreRoom() }
        let got = unsafe bytes.withUnsafeMutableBytes { [filled] in
            let free = unsafe $0[filled...]
            return unsafe read(socket, UnsafeMutableRawBufferPointer(rebasing: free).baseAddress, free.count)
        }
        if got == 0 { throw RedisError(.connection, "the server closed the connection") }
        if got < 0 {
            if errno == EAGAIN || errno == EINTR { return false }
            throw RedisError(.connection, unsafe String(cString: strerror(errno)))
        }
        filled += got
        try Self.parse(bytes, upTo: filled, &progress)
        return true
    }

    /// The replies; nothing may have come behind them.
    package consuming func finish() throws(RedisError) -> RedisReplies {
        guard progress.position == filled, progress.missing == 0 else { throw Self.foreign }
        bytes.removeLast(bytes.count - filled)
        return RedisReplies(bytes: bytes, nodes: progress.nodes, ends: progress.ends)
    }

    private mutating func makeMoreRoom() {
        let isCramped = bytes.capacity - filled < Self.leastGrowth
        // By a quarter at least: a large reply is not moved again and again. But not while there is room where it is.
        let count = filled + max(Self.leastGrowth, filled / 4)
        makeRoom(isCramped ? count : min(count, bytes.capacity))
    }

    private mutating func makeRoom(_ count: Int) {
        guard bytes.count < count else { return }
        // Left to itself, an array that is a few bytes short doubles; without slack the next reply is longer by as few.
        if bytes.capacity < count { bytes.reserveCapacity(count + count / 16) }
        bytes.append(contentsOf: repeatElement(0, count: count - bytes.count))
    }

    private static var foreign: RedisError {
        RedisError(.connection, "the server does not speak Redis' protocol")
    }

    /// Goes on from where it stopped, up to the last piece that is whole.
    private static func parse(
        _ array: borrowing [UInt8],
        upTo filled: Int,
        _ progress: inout Progress
    ) throws(RedisError) {
        let bytes = array.span.extracting(0..<filled)
        while progress.position < filled {
            let start = progress.position &+ 1
            switch bytes[progress.position] {
            case UInt8(ascii: "$"):
                guard let (length, text) = try number(bytes, at: start) else { return }
                if length == -1 {
                    progress.append(.null)
                    progress.position = text
                    continue
                }
                guard length >= 0, length <= Int64(UInt32.max) else { throw foreign }
                let end = text &+ Int(length)
                guard end &+ 2 <= filled else { return }
                guard bytes[end] == UInt8(ascii: "\r"), bytes[end &+ 1] == UInt8(ascii: "\n") else { throw foreign }
                progress.append(.string, value: Int64(text), length: Int(length))
                progress.position = end &+ 2
            case UInt8(ascii: "*"):
                guard let (count, next) = try number(bytes, at: start) else { return }
                guard count >= -1, count <= Int64(UInt32.max) else { throw foreign }
                if count < 0 { progress.append(.null) } else { progress.append(.array, value: count) }
                progress.position = next
            case UInt8(ascii: ":"):
                guard let (value, next) = try number(bytes, at: start) else { return }
                progress.append(.integer, value: value)
                progress.position = next
            case UInt8(ascii: "+"), UInt8(ascii: "-"):
                guard let end = try endOfLine(bytes, at: start) else { return }
                let kind: RedisReplies.Node.Kind = bytes[progress.position] == UInt8(ascii: "+") ? .status : .error
                progress.append(kind, value: Int64(start), length: end &- start)
                progress.position = end &+ 2
            default: throw foreign
            }
        }
    }

    /// The number at `start` and the index behind its line; nil where the line is not whole yet.
    @inline(__always)
    private static func number(_ bytes: Span<UInt8>, at start: Int) throws(RedisError) -> (Int64, Int)? {
        var index = start
        let isNegative = index < bytes.count && bytes[index] == UInt8(ascii: "-")
        if isNegative { index &+= 1 }
        let first = index
        var number: UInt64 = 0
        // Every number of 19 digits fits.
        while index < bytes.count, bytes[index] &- UInt8(ascii: "0") <= 9, index &- first < 19 {
            number = number &* 10 &+ UInt64(bytes[index] &- UInt8(ascii: "0"))
            index &+= 1
        }
        guard index &+ 1 < bytes.count else { return nil }
        guard index > first, bytes[index] == UInt8(ascii: "\r"), bytes[index &+ 1] == UInt8(ascii: "\n"),
            let value = isNegative ? Int64(exactly: number).map({ -$0 }) : Int64(exactly: number)
        else {
            // The smallest number has no counterpart above zero.
            guard isNegative, number == UInt64(Int64.max) + 1 else { throw foreign }
            return (.min, index &+ 2)
        }
        return (value, index &+ 2)
    }

    private static func endOfLine(_ bytes: Span<UInt8>, at start: Int) throws(RedisError) -> Int? {
        var index = start
        while index < bytes.count, bytes[index] != UInt8(ascii: "\r") { index &+= 1 }
        guard index &- start <= longestLine else { throw foreign }
        guard index &+ 1 < bytes.count else { return nil }
        guard bytes[index &+ 1] == UInt8(ascii: "\n") else { throw foreign }
        return index
    }
}
