/// Where bytes go through a proxy.
package enum ProxyDirection: Sendable, Hashable, CaseIterable {
    case toServer, toClient
}

/// What a proxy does to a connection.
package enum ProxyFault: Sendable, Hashable {
    /// Both ends see an orderly end.
    case close
    /// Both ends see a reset.
    case reset
    /// The receiver of this direction sees an orderly end; the other direction goes on.
    case halfClose(ProxyDirection)
    /// What goes in this direction, nil for both, is taken and dropped, its end included: no end learns of it.
    case swallow(ProxyDirection?)
    /// Neither end is read any more. Nothing is lost: `heal()` lets all go on.
    case stall
    /// Half open: the client sees a reset; the server's connection stays and is silent.
    case loseClient
    /// The other way round.
    case loseServer
}

/// A fault that waits for its moment, on whichever connection that comes.
struct ArmedFault {
    enum Trigger {
        /// So many more bytes have gone in the direction, over all connections.
        case bytes(Int)
        /// This has gone in the direction, over one connection.
        case text([UInt8])
    }

    let fault: ProxyFault
    let direction: ProxyDirection
    var trigger: Trigger

    /// How many of `bytes` still pass, where the moment is among them.
    ///
    /// - Parameter earlier: what went just before, for a text that came in two pieces.
    mutating func meet(_ bytes: ArraySlice<UInt8>, after earlier: [UInt8]) -> Int? {
        switch trigger {
        case .bytes(let left):
            if left <= bytes.count { return left }
            trigger = .bytes(left - bytes.count)
            return nil
        case .text(let text):
            let seen = earlier.suffix(text.count - 1) + bytes
            // A protocol's message may end behind the text: what came with it belongs to it.
            return seen.contains(text) ? bytes.count : nil
        }
    }
}
