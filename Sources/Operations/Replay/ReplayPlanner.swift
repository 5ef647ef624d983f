import Drain
import Entries
import Postgres
import Redis
import StreamSource
import TableSink

/// Counts what a replay would write, and what it would leave out. Changes nothing.
struct ReplayPlanner {
    private let errand: Errand
    private let extent: ReplayExtent
    private var plan: ReplayPlan
    private var reader: RangeReader
    /// Of the tables met so far.
    private var facts: [TableName: TableFacts] = [:]
    private var seen: Set<TableName> = []
    /// Rows that would be written; empty where nothing is left out.
    private var rows: Set<UInt64> = []
    /// Tables with commands that would be written, and whether one of them does not show its rows.
    private var touched: [TableName: Bool] = [:]

    init(_ errand: Errand, _ extent: ReplayExtent) {
        self.errand = errand
        self.extent = extent
        plan = ReplayPlan(stream: errand.stream, extent)
        reader = RangeReader(errand.configuration, stream: errand.stream)
    }

    /// Whether rows are looked at one by one.
    private var leavesOut: Bool { extent.end != nil }

    mutating func count() async throws(ErrandFailure) -> ReplayPlan {
        let group = errand.group
        let facts = try await asking { () async throws(RedisError) in try await group.facts() }
        let done = try await whatIsDone()
        if let first = facts.first, extent.start != .checkpoint, extent.first < first,
            facts.entriesAdded.map({ $0 > facts.length }) ?? true
        {
            plan.notes.append("the stream begins at \(first): what came before that is gone")
        }
        if case .entry(let first) = extent.start {
            let own = try await ownCheckpoint()
            plan.goesOnBehind = own.map(\.lastID.description)
            let last = min(extent.end ?? .max, done.highest)
            try await walk(behind: max(first.previous, own?.lastID ?? .zero), through: last, where: done.covers)
        }
        if errand.configuration.keepsLedger { try await countMissing(behind: done) }
        if leavesOut, let end = extent.end, end < done.highest, !touched.isEmpty {
            try await countLater(behind: end, through: done.highest, where: done.covers)
        }
        try await countDeadLetters(done)
        return plan
    }

    /// What has taken effect of the stream.
    private func whatIsDone() async throws(ErrandFailure) -> Checkpoint {
        let start = try await asking { () async throws(RedisError) in try await errand.group.start() }
        return try await peek(group: errand.group.name) ?? start
    }

    private func ownCheckpoint() async throws(ErrandFailure) -> Checkpoint? {
        try await peek(group: extent.checkpointName(group: errand.group.name))
    }

    private func peek(group: String) async throws(ErrandFailure) -> Checkpoint? {
        let source = try await asking { () async throws(RedisError) in try await errand.group.knownSource() }
        guard let source else { return nil }
        let claim = StreamClaim(stream: errand.stream, source: source, group: group, start: Checkpoint(lastID: .zero))
        return try await asking { () async throws(PostgresError) in try await errand.sink.peek(claim) }
    }

    /// Counts what a database that went back lacks; refuses where the range would begin in the midst of that.
    private mutating func countMissing(behind done: Checkpoint) async throws(ErrandFailure) {
        let group = errand.group
        let extent = extent
        let missing = try await asking { () async throws(RedisError) in try await group.missing(after: done) }
        guard let first = missing.first, let last = missing.last else { return }
        let range = try await asking { () async throws(RedisError) in try await group.missing(in: extent, after: done) }
        if let range {
            let before = plan.entries
            try await walk(behind: done.lastID, through: range.last) { !done.ahead.contains($0) }
            plan.missing = plan.entries - before
        } else if extent.table == nil, extent.first > done.lastID, extent.first <= last {
            throw .usage(
                "the database has gone back to an older state and lacks what came before \(extent.first), too: "
                    + "give --from checkpoint"
            )
        } else if extent.end.map({ $0 > done.lastID }) ?? true {
            plan.notes.append(
                "\(counted(missing.count, "entry", "entries")) from \(first) to \(last) were acknowledged and are not in "
                    + "the database, which has gone back to an older state: a running drainer writes them, or "
                    + "replay --from checkpoint"
            )
        }
    }

    private mutating func walk(
        behind first: StreamID,
        through last: StreamID,
        where isWanted: (StreamID) -> Bool
    ) async throws(ErrandFailure) {
        var position = first
        while position < last {
            let page = try await page(behind: position, through: last, where: isWanted)
            guard let end = page.last else { return }
            position = end
            try await note(page.window)
        }
    }

    private mutating func page(
        behind first: StreamID,
        through last: StreamID,
        where isWanted: (StreamID) -> Bool
    ) async throws(ErrandFailure) -> RangeReader.Page {
        do throws(RedisError) {
            return try await reader.page(behind: first, through: last, over: errand.redis, where: isWanted)
        } catch {
            throw .redis(error)
        }
    }

    /// Counts entries that would be written, and notes their rows.
    private mutating func note(_ window: Window) async throws(ErrandFailure) {
        var window = window
        if let table = extent.table {
            let all = window.entries.count
            reader.keep(table, of: &window)
            plan.leftOut.otherTables += all - window.entries.count
        }
        plan.count(window)
        guard leavesOut else { return }
        let names = try await rowNames(of: window)
        for command in window.commands {
            let signature = window.signatures[command.signature]
            if let row = names.row(of: command) {
                rows.insert(row)
                touched[signature.table] = touched[signature.table] ?? false
            } else {
                // A create without a key makes a row that no other command means.
                let isUntold = signature.operation != .create
                touched[signature.table] = touched[signature.table] == true || isUntold
            }
        }
    }

    private mutating func countLater(
        behind first: StreamID,
        through last: StreamID,
        where isWanted: (StreamID) -> Bool
    ) async throws(ErrandFailure) {
        var position = first
        var back: Set<UInt64> = []
        while position < last {
            let page = try await page(behind: position, through: last, where: isWanted)
            guard let end = page.last else { break }
            position = end
            let names = try await rowNames(of: page.window)
            for command in page.window.commands {
                let signature = page.window.signatures[command.signature]
                guard let isUntold = touched[signature.table] else { continue }
                let row = names.row(of: command)
                if let row, rows.contains(row) {
                    back.insert(row)
                    plan.leftOut.laterCommands += 1
                } else if isUntold || (row == nil && signature.operation != .create) {
                    plan.leftOut.untold += 1
                }
            }
        }
        plan.leftOut.rows = back.count
    }

    private mutating func rowNames(of window: Window) async throws(ErrandFailure) -> RowNames {
        let unseen = window.tables.subtracting(seen)
        if !unseen.isEmpty {
            do throws(SinkFailure) {
                facts.merge(try await errand.sink.facts(of: unseen, fresh: false)) { $1 }
            } catch {
                throw ErrandFailure(error)
            }
            seen.formUnion(unseen)
        }
        return RowNames(window, facts: facts)
    }

    /// Dead letters whose entries would be written.
    private mutating func countDeadLetters(_ done: Checkpoint) async throws(ErrandFailure) {
        guard let first = plan.first.flatMap({ StreamID($0) }), let last = plan.last.flatMap({ StreamID($0) }) else {
            return
        }
        var place = StreamID.zero
        while true {
            let page = try await asking { [place] () async throws(RedisError) in
                try await errand.letters.page(behind: place)
            }
            plan.deadLetters += page.letters.count {
                (first...last).contains($0.id) && (extent.table == nil || $0.table == extent.table?.description)
            }
            guard let next = page.last else { return }
            place = next
        }
    }
}
