/// A Redis server or connection that did not do what it was asked.
package struct RedisError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The first word of the server's error, or one of ours below.
    package struct Code: RawRepresentable, Sendable, Hashable {
        package let rawValue: String

        package init(rawValue: String) {
            self.rawValue = rawValue
        }

        /// The connection is gone or was never there.
        package static let connection = Code(rawValue: "connection")
        /// No answer in time; the connection was discarded.
        package static let timeout = Code(rawValue: "timeout")
        /// The waiting task was cancelled; the connection was discarded, since a reply may be half read.
        package static let cancelled = Code(rawValue: "cancelled")
        /// An answer of a shape that the command does not have.
        package static let unexpectedReply = Code(rawValue: "unexpected-reply")
        package static let noGroup = Code(rawValue: "NOGROUP")
        package static let busyGroup = Code(rawValue: "BUSYGROUP")
        package static let wrongType = Code(rawValue: "WRONGTYPE")
        package static let unblocked = Code(rawValue: "UNBLOCKED")
        package static let noScript = Code(rawValue: "NOSCRIPT")
        package static let outOfMemory = Code(rawValue: "OOM")
        package static let unknownCommand = Code(rawValue: "ERR")
    }

    package let code: Code
    /// What the server or the system said; holds no argument of the command.
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// An error reply, `CODE rest of the message`.
    ///
    /// A command that the server does not have is told together with its arguments: a password, where AUTH is renamed.
    init(reply text: String) {
        let code = text.prefix { $0 != " " }
        let echo = text.firstRange(of: ", with args beginning with")
        self.init(Code(rawValue: String(code)), String(text[..<(echo?.lowerBound ?? text.endIndex)]))
    }

    /// Whether the connection can no longer be used.
    package var endsConnection: Bool {
        [.connection, .timeout, .cancelled].contains(code)
    }

    /// A refused login or a missing permission: waiting does not mend it, an operator does.
    package var isPermission: Bool {
        ["NOAUTH", "WRONGPASS", "NOPERM"].contains(code.rawValue) || message.contains("invalid password")
    }

    package var description: String { message.hasPrefix(code.rawValue) ? message : "\(code.rawValue): \(message)" }
}
