import Entries
import StreamSource

/// What a replay would write, counted before it begins.
package struct ReplayPlan: Sendable, Encodable {
    package struct Table: Sendable, Encodable {
        package let table: String
        package fileprivate(set) var creates = 0
        package fileprivate(set) var updates = 0
        package fileprivate(set) var deletes = 0
    }

    /// What is left out, so that what is written goes back to an older state.
    package struct LeftOut: Sendable, Encodable {
        /// Rows in the range that later commands behind its end touch.
        package internal(set) var rows = 0
        /// Those commands.
        package internal(set) var laterCommands = 0
        /// Later commands on tables of the range whose rows cannot be told.
        package internal(set) var untold = 0
        /// Entries of other tables in the range.
        package internal(set) var otherTables = 0
    }

    package let stream: String
    package let from: String
    package let to: String?
    package let table: String?
    package internal(set) var entries = 0
    /// First and last entry that would be written.
    package internal(set) var first: String?
    package internal(set) var last: String?
    package private(set) var tables: [Table] = []
    /// Entries that are no commands.
    package internal(set) var unreadable = 0
    /// Those of the entries that the database lacks since it went back to an older state.
    package internal(set) var missing = 0
    /// Dead letters whose entries lie in the range.
    package internal(set) var deadLetters = 0
    /// Where an earlier run of the same command ended.
    package internal(set) var goesOnBehind: String?
    package internal(set) var leftOut = LeftOut()
    /// What an operator should know before.
    package internal(set) var notes: [String] = []

    init(stream: String, _ extent: ReplayExtent) {
        self.stream = stream
        from = if case .entry(let id) = extent.start { id.description } else { "checkpoint" }
        to = extent.end?.description
        table = extent.table?.description
    }

    mutating func count(_ window: Window) {
        guard let first = window.entries.first?.id, let last = window.entries.last?.id else { return }
        entries += window.entries.count
        self.first = self.first ?? first.description
        self.last = last.description
        unreadable += window.entries.count - window.commands.count
        for command in window.commands {
            let signature = window.signatures[command.signature]
            let index = place(of: signature.table.description)
            switch signature.operation {
            case .create: tables[index].creates += 1
            case .update: tables[index].updates += 1
            case .delete: tables[index].deletes += 1
            }
        }
    }

    private mutating func place(of table: String) -> Int {
        // A window's commands seldom change tables, and there are few.
        if let index = tables.lastIndex(where: { $0.table == table }) { return index }
        tables.append(Table(table: table))
        return tables.count - 1
    }

    /// For people.
    package var text: String {
        var page = Paragraphs()
        guard entries > 0, let first, let last else {
            page.append("nothing of \(stream) is to be written again")
            for note in notes { page.append(note) }
            return page.text
        }
        page.append("\(counted(entries, "entry", "entries")) of \(stream) from \(first) to \(last)")
        let rows = tables.sorted { $0.table < $1.table }.map { table in
            [table.table, "\(table.creates)", "\(table.updates)", "\(table.deletes)"]
        }
        page.append(table: [["table", "creates", "updates", "deletes"]] + rows)
        if let goesOnBehind {
            page.append("an earlier run of this command ended at \(goesOnBehind): this one goes on behind it")
        }
        if unreadable > 0 {
            page.append("\(counted(unreadable, "entry", "entries")) cannot be read and will be refused again")
        }
        if missing > 0 {
            page.append(
                "\(counted(missing, "entry", "entries")) of them \(missing == 1 ? "is" : "are") not in the database, "
                    + "which has gone back to an older state: the checkpoint moves over them"
            )
        }
        if deadLetters > 0 {
            page.append(
                "\(counted(deadLetters, "dead letter", "dead letters")) of this range \(deadLetters == 1 ? "is" : "are") "
                    + "tried again too; what is written now is to be discarded from \(stream):dead, or a retry repeats it"
            )
        }
        for note in notes { page.append(note) }
        for line in warnings { page.append(line) }
        return page.text
    }

    /// What would go back in time, and why.
    package var warnings: [String] {
        var lines: [String] = []
        if leftOut.rows > 0 {
            lines.append(
                "\(counted(leftOut.rows, "row", "rows")) would go back in time: "
                    + "\(counted(leftOut.laterCommands, "later command", "later commands")) behind --to are left out"
            )
        }
        if leftOut.untold > 0 {
            lines.append(
                "\(counted(leftOut.untold, "later command", "later commands")) behind --to, whose rows cannot be told, "
                    + "are left out: any row of those tables could go back in time"
            )
        }
        if leftOut.otherTables > 0 {
            lines.append(
                "\(counted(leftOut.otherTables, "entry", "entries")) of other tables in the range are left out: "
                    + "what refers to them could go back in time"
            )
        }
        return lines
    }
}
