/// One stream entry of a window: where its fields lie and what it turned out to say.
package struct Entry: Sendable {
    package enum Content: Sendable, Hashable {
        /// Index into `Window.commands`.
        case command(Int)
        /// Index into `Window.parseFailures`.
        case parseFailure(Int)
    }

    package let id: StreamID
    /// Indices into `Window.fields`: the entry exactly as it lay in the stream.
    package let fields: Range<Int>
    package let content: Content

    package init(id: StreamID, fields: Range<Int>, content: Content) {
        self.id = id
        self.fields = fields
        self.content = content
    }
}

/// A field of a stream entry, name and value as bytes of the window's arena.
package struct Field: Sendable, Hashable {
    package let name: Slice
    package let value: Slice
}

/// The entries of one stream that are written and committed together, decoded. Commands, cells and fields lie side by
/// side in arrays of the window and refer to bytes of its arena, so that a command costs no allocation of its own.
package struct Window: Sendable {
    /// How its entries stand to the order of the stream.
    package enum Standing: Sendable {
        /// Next in the stream: a checkpoint passes over them.
        case next
        /// Dead letters that are tried again, under the IDs that they have among dead letters: a checkpoint names those
        /// that have taken effect, until they are gone from there.
        case retried
        /// To be dead letters without being tried, wherever in the stream they stand.
        case skipped
    }

    /// The key of the stream.
    package let stream: String
    package internal(set) var arena: [UInt8] = []
    /// In stream order.
    package internal(set) var entries: [Entry] = []
    package internal(set) var fields: [Field] = []
    /// In stream order; entries that are parse failures have none.
    package internal(set) var commands: [Command] = []
    package internal(set) var cells: [Cell] = []
    /// Each signature once.
    package internal(set) var signatures: [Signature] = []
    package internal(set) var predicates: [Predicate] = []
    package internal(set) var parseFailures: [ParseFailure] = []
    package var standing = Standing.next
    /// The stream went back to an older state: the IDs that may be those of other entries now.
    package var reusedIDs: ReusedIDs?
    /// Entries that were acknowledged before and are written again, since the database went back to an older state.
    package var isReplayed = false
    /// Entries before it that Redis lost and that were told: a count of the stream's entries passes over them.
    package var lost = 0
    /// A KV entry's text for a json or jsonb column may have been shown from its UTF-8 bytes; this undoes it.
    package let repairsJSON: Bool

    package init(stream: String, repairsJSON: Bool = true) {
        self.stream = stream
        self.repairsJSON = repairsJSON
    }

    /// Those that its commands touch.
    package var tables: Set<TableName> { Set(signatures.map(\.table)) }

    /// The cells of `command`, in the order of its signature's columns, then of its where columns.
    package func cells(of command: Command) -> ArraySlice<Cell> {
        cells[command.firstCell..<(command.firstCell + signatures[command.signature].cellCount)]
    }
}
