import TestSupport

/// Where connections are to be cut: every byte of a window's conversation with both servers, handed out one by one.
actor CutPositions {
    struct Cut: Sendable {
        let server: Fault.Server
        let direction: ProxyDirection
        let bytes: Int
        /// The entries that are written then.
        let window: [Kind]
    }

    private var rest: [Cut]
    private let end: ContinuousClock.Instant

    /// - Parameters:
    ///   - conversations: how many bytes each window exchanges.
    ///   - step: between two positions; the seed chooses the first, and their order.
    ///   - end: none is handed out then.
    init(_ conversations: [Conversation], step: Int, seed: UInt64, until end: ContinuousClock.Instant) {
        var generator = SeededGenerator(seed: seed)
        let first = Int.random(in: 0..<step, using: &generator)
        let all = conversations.flatMap { conversation in
            stride(from: first, through: conversation.bytes, by: step).map {
                Cut(
                    server: conversation.server,
                    direction: conversation.direction,
                    bytes: $0,
                    window: conversation.window
                )
            }
        }
        rest = all.shuffled(using: &generator)
        self.end = end
    }

    func next() -> Cut? { .now < end ? rest.popLast() : nil }
    var left: Int { rest.count }
}

/// What a window says to a server, or the server to it.
struct Conversation: Sendable {
    let server: Fault.Server
    let direction: ProxyDirection
    let window: [Kind]
    var bytes: Int
}
