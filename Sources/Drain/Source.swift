package import Entries

/// Where windows come from and entries are acknowledged. One source serves one worker; it waits out its own server's
/// outages, so that none of its methods throws.
package protocol Source: Sendable {
    /// The next window. While it is awaited, windows handed out before may be settled.
    func next() async -> Delivery

    /// Acknowledges the first `count` entries of a window, in one command, and moves those that are dead letters aside.
    /// Returns when that is done, however long the server is away.
    func settle(_ window: Window, count: Int, deadLetters: [DeadLetter]) async

    /// Stops the fleet for this reason. Everything handed out and not settled will be read again once it goes on;
    /// a `next` under way ends as `.interrupted`.
    func halt(_ reason: HaltReason) async
}

/// What `Source.next()` brings.
package enum Delivery: Sendable {
    case window(Window)
    /// A halt ended the wait; ask again.
    case interrupted
    /// No window will follow: the process stops, or everything is drained.
    case finished
}

/// An entry that can never be written, with the reason that goes with it into the dead-letter stream.
package struct DeadLetter: Sendable, Hashable {
    /// Index into `Window.entries`.
    package let entry: Int
    /// SQLSTATE, or `parse`.
    package let error: String
    package let message: String
    package let table: TableName?
    /// All that the database said: for a log in which an operator wants values, not for the dead-letter stream.
    package let words: String

    package init(entry: Int, error: String, message: String, table: TableName?, words: String? = nil) {
        self.entry = entry
        self.error = error
        self.message = message
        self.table = table
        self.words = words ?? message
    }
}

/// Why the fleet was stopped; the text becomes `drainer:stop:reason`, so it holds no row value.
package struct HaltReason: Sendable, Hashable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}
