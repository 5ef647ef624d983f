package import Entries

/// Where windows come from and entries are acknowledged. One source serves one worker; it waits out its own server's
/// outages, so that none of its methods throws.
package protocol Source: Sendable {
    /// The next window. While it is awaited, windows handed out before may be settled.
    func next() async -> Delivery

    /// Goes on with a stream of which this process is the owner now. Moves dead letters that a process before left behind.
    func open(_ claim: StreamClaim, _ takeover: Takeover) async -> Opening

    /// Acknowledges entries of a window, in one command, and moves those that are dead letters aside. Returns when that
    /// is done, however long the server is away.
    ///
    /// - Parameter entries: indices into `Window.entries`, ascending, the dead letters' among them.
    func settle(_ window: Window, entries: [Int], deadLetters: [DeadLetter]) async

    /// Takes back a window that is settled and that nobody needs any more, for its memory.
    func reuse(_ window: consuming Window)

    /// Takes back all but the entries of a window that is committed whole: it can be settled without.
    func reuseContents(of window: inout Window)

    /// Drops everything handed out of a stream, unacknowledged: another process owns it, or what is known of it no
    /// longer holds. It is claimed anew where the lease is still there.
    func lose(_ stream: String) async

    /// Stops the fleet for this reason. Everything handed out and not settled will be read again once it goes on;
    /// a `next` under way ends as `.interrupted`.
    func halt(_ reason: HaltReason) async
}

extension Source {
    package func reuse(_ window: consuming Window) {}
    package func reuseContents(of window: inout Window) {}
}

/// What was found when a stream was opened.
package struct Opening: Sendable {
    /// Recorded dead letters that stand in the dead-letter stream.
    package var moved: [StreamID] = []
    /// The stream's server has gone back to an older state, and dead letters with it: the stream is not open yet, but to be
    /// taken and opened once more when all of them count as not moved.
    package var wentBack = false

    package init(moved: [StreamID] = [], wentBack: Bool = false) {
        self.moved = moved
        self.wentBack = wentBack
    }
}

/// What `Source.next()` brings.
package enum Delivery: Sendable {
    case window(Window)
    /// The lease of a stream was taken: the sink is to take it too, then `open` follows.
    case claimed(StreamClaim)
    /// A halt ended the wait; ask again.
    case interrupted
    /// No window will follow: the process stops, or everything is drained.
    case finished
}

/// An entry that can never be written, with the reason that goes with it into the dead-letter stream.
package struct DeadLetter: Sendable, Hashable {
    /// Index into `Window.entries`.
    package let entry: Int
    /// SQLSTATE, `parse`, `skipped` or `id-reused`.
    package let error: String
    package let message: String
    package let table: TableName?
    /// All that the database said: for a log in which an operator wants values, not for the dead-letter stream.
    package let words: String
    /// What an earlier commit has recorded of it: it is no news, but perhaps not where it belongs.
    package let record: RecordedDeadLetter?

    package init(entry: Int, error: String, message: String, table: TableName?, words: String? = nil) {
        self.entry = entry
        self.error = error
        self.message = message
        self.table = table
        self.words = words ?? message
        record = nil
    }

    init(entry: Int, _ record: RecordedDeadLetter) {
        self.entry = entry
        error = record.error
        message = record.message
        table = nil
        words = ""
        self.record = record
    }
}

/// Why the fleet was stopped; the text becomes `drainer:stop:reason`, so it holds no row value.
package struct HaltReason: Sendable, Hashable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}
