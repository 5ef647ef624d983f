import Entries

/// Which tables' creates are copied: all that can be, but for those whose keys were met of late.
///
/// A key that exists costs a copy the whole window, an INSERT nothing. So a table that meets one leaves the road, for
/// longer each time, and comes back after so many windows without.
struct CopyRoad {
    private struct Absence {
        /// Windows in bulk without a met key after which the table is back.
        var length: Int
        /// Of those, the ones still to come; 0 where it is back, on probation.
        var left: Int
    }

    static let longestAbsence = 64

    private var absences: [TableName: Absence] = [:]

    func isOpen(to table: TableName) -> Bool { absences[table].map { $0.left == 0 } ?? true }

    /// A copy was refused for a key that exists, or for what an INSERT then took.
    mutating func close(to table: TableName) {
        let length = absences[table].map { min(Self.longestAbsence, $0.length * 2) } ?? 1
        absences[table] = Absence(length: length, left: length)
    }

    /// A window's creates were written in bulk by INSERT.
    mutating func noteInserted(_ table: TableName, meetingKeys: Bool) {
        guard let absence = absences[table], absence.left > 0 else { return }
        absences[table]?.left = meetingKeys ? absence.length : absence.left - 1
    }

    /// A window's creates were copied and stand.
    mutating func noteCopied(_ table: TableName) {
        guard let absence = absences[table] else { return }
        // Trust comes back step by step: a table that meets a key in every tenth window stays away longer and longer.
        absences[table] = absence.length > 1 ? Absence(length: absence.length - 1, left: 0) : nil
    }
}
