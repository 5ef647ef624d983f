package import Entries

/// What of a stream has taken effect in the database, for one consumer group.
package struct Checkpoint: Sendable, Hashable {
    /// Everything up to this ID has taken effect or is a dead letter.
    package var lastID: StreamID
    /// Entries above `lastID` that have, too: forced ones, written ahead of their window.
    package var ahead: Set<StreamID>
    /// Entries of the stream up to `lastID`, counted from its first; nil where nobody knows.
    package var entriesRead: Int?

    package init(lastID: StreamID, ahead: Set<StreamID> = [], entriesRead: Int? = nil) {
        self.lastID = lastID
        self.ahead = ahead
        self.entriesRead = entriesRead
    }

    package func covers(_ id: StreamID) -> Bool { id <= lastID || ahead.contains(id) }

    /// The last entry that it covers.
    package var highest: StreamID { Swift.max(lastID, ahead.max() ?? lastID) }
}

/// A stream whose lease this process holds and which it is about to own in the database.
package struct StreamClaim: Sendable, Hashable {
    package let stream: String
    /// The random name of the Redis that the stream lies in, so that two of them never share a checkpoint.
    package let source: String
    package let group: String
    /// Where a checkpoint starts that is not there yet.
    package let start: Checkpoint
    /// The checkpoint that this one is kept beside, if any.
    package let beside: Beside?

    /// A group's checkpoint that is owned together with another one, so that nobody drains the stream meanwhile, and is
    /// never moved by it.
    package struct Beside: Sendable, Hashable {
        package let group: String
        package let start: Checkpoint

        package init(group: String, start: Checkpoint) {
            self.group = group
            self.start = start
        }
    }

    package init(stream: String, source: String, group: String, start: Checkpoint, beside: Beside? = nil) {
        self.stream = stream
        self.source = source
        self.group = group
        self.start = start
        self.beside = beside
    }

    /// The claim on the checkpoint that this one is kept beside.
    package var heldStill: StreamClaim? {
        beside.map { StreamClaim(stream: stream, source: source, group: $0.group, start: $0.start) }
    }
}

/// What a process finds when it has become the owner of a stream in the database.
package struct Takeover: Sendable {
    /// Grows with every change of the owner.
    package let epoch: Int64
    package let checkpoint: Checkpoint
    /// Dead letters that were committed and perhaps not moved: their process died, or their answer was lost.
    package let unmoved: [RecordedDeadLetter]
    /// The checkpoint that this one is kept beside; nil where there is none, or none is kept.
    package var beside: Checkpoint?
    /// The stream's server went back, and since then `unmoved` holds every dead letter that is recorded.
    package var hasForgottenMoves = false

    package init(epoch: Int64, checkpoint: Checkpoint, unmoved: [RecordedDeadLetter] = []) {
        self.epoch = epoch
        self.checkpoint = checkpoint
        self.unmoved = unmoved
    }
}

/// A dead letter as the database keeps it until it stands in the dead-letter stream.
package struct RecordedDeadLetter: Sendable, Hashable {
    package let id: StreamID
    package let error: String
    package let message: String
    package let table: String
    /// The entry exactly as it lay in the stream.
    package let fields: [RecordedField]

    package init(id: StreamID, error: String, message: String, table: String, fields: [RecordedField]) {
        self.id = id
        self.error = error
        self.message = message
        self.table = table
        self.fields = fields
    }
}

package struct RecordedField: Sendable, Hashable {
    package let name: [UInt8]
    package let value: [UInt8]

    package init(name: [UInt8], value: [UInt8]) {
        self.name = name
        self.value = value
    }
}
