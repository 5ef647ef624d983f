/// What one entry says: create, update or delete of rows of one table. Its cells and its `where` lie in the window.
///
/// A window holds thousands: its numbers are kept in 32 bits, which its bytes do not outgrow either.
package struct Command: Sendable, Hashable {
    private let entryNumber: UInt32
    private let signatureNumber: UInt32
    private let firstCellNumber: UInt32
    private let predicateNumber: UInt32?
    /// The entry was marked `forceDrainToDB`.
    package let isForced: Bool

    package init(entry: Int, signature: Int, firstCell: Int, predicate: Int? = nil, isForced: Bool) {
        entryNumber = UInt32(entry)
        signatureNumber = UInt32(signature)
        firstCellNumber = UInt32(firstCell)
        predicateNumber = predicate.map { UInt32($0) }
        self.isForced = isForced
    }

    /// Index into `Window.entries`.
    package var entry: Int { Int(entryNumber) }
    /// Index into `Window.signatures`.
    package var signature: Int { Int(signatureNumber) }
    /// Index into `Window.cells` of the first of the signature's `cellCount` cells.
    package var firstCell: Int { Int(firstCellNumber) }
    /// Index into `Window.predicates` where the `where` is more than equality; else nil.
    package var predicate: Int? { predicateNumber.map { Int($0) } }
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
