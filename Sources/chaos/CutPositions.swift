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
    let count: Int

    /// - Parameters:
    ///   - conversations: how many bytes each window exchanges.
    ///   - step: between two positions.
    ///   - first: the first of them, below `step`.
    init(_ conversations: [Conversation], step: Int, first: Int) {
        rest = conversations.flatMap { conversation in
            stride(from: first, through: conversation.bytes, by: step).map {
                Cut(
                    server: conversation.server,
                    direction: conversation.direction,
                    bytes: $0,
                    window: conversation.window
                )
            }
        }.reversed()
        count = rest.count
    }

    func next() -> Cut? { rest.popLast() }
}

/// What a window says to a server, or the server to it.
struct Conversation: Sendable {
    let server: Fault.Server
    let direction: ProxyDirection
    let window: [Kind]
    var bytes: Int
}
