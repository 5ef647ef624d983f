import Drain
package import Entries

/// Entries that were refused again: how many for each reason, and the first of them.
package struct RefusedEntries: Sendable {
    package struct Reason: Sendable, Hashable, Comparable {
        package let error: String
        package let table: String?

        package static func < (one: Reason, other: Reason) -> Bool {
            (one.table ?? "", one.error) < (other.table ?? "", other.error)
        }
    }

    package private(set) var counts: [Reason: (count: Int, first: StreamID)] = [:]

    package init() {}

    package var total: Int { counts.values.reduce(0) { $0 + $1.count } }

    mutating func note(_ letters: [DeadLetter], of window: Window, id: (StreamID) -> StreamID = { $0 }) {
        for letter in letters {
            let reason = Reason(error: letter.error, table: letter.table?.description)
            counts[reason, default: (0, id(window.entries[letter.entry].id))].count += 1
        }
    }
}
