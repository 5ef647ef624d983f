/// What one entry says: create, update or delete of rows of one table. Its cells and its `where` lie in the window.
package struct Command: Sendable, Hashable {
    /// Index into `Window.entries`.
    package let entry: Int
    /// Index into `Window.signatures`.
    package let signature: Int
    /// Index into `Window.cells` of the first of the signature's `cellCount` cells.
    package let firstCell: Int
    /// Index into `Window.predicates` where the `where` is more than equality; else nil.
    package let predicate: Int?
    /// The entry was marked `forceDrainToDB`.
    package let isForced: Bool

    package init(entry: Int, signature: Int, firstCell: Int, predicate: Int? = nil, isForced: Bool) {
        self.entry = entry
        self.signature = signature
        self.firstCell = firstCell
        self.predicate = predicate
        self.isForced = isForced
    }
}

/// Why the bytes of an entry are no command. Names what and where, never a value.
package struct ParseFailure: Error, Sendable, Hashable, CustomStringConvertible {
    package let reason: String
    /// Byte offset in the entry's `command` field; nil where the fault is not in it.
    package let offset: Int?

    package init(_ reason: String, at offset: Int? = nil) {
        self.reason = reason
        self.offset = offset
    }

    package var description: String { offset.map { "\(reason) at byte \($0)" } ?? reason }
}
