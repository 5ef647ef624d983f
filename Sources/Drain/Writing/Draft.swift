import Entries

/// A window on its way into the database: what of it is to be written, how, and what earlier tries taught.
///
/// It takes one transaction; two where forced entries go ahead of others: those are committed first; and more where an
/// entry is tried in one of its own, behind one of all before it.
struct Draft {
    /// What is written and committed together.
    struct Part {
        /// Indices into `Window.entries`, ascending.
        let entries: [Int]
        /// In the order of their execution.
        let statements: [Statement]
        /// Nothing of the window is left behind it.
        let isLast: Bool
        /// What the checkpoint will be; nil where none is kept.
        let checkpoint: Checkpoint?
    }

    let window: Window
    private var rules: DrainRules
    /// Only the first `limit` entries are written.
    private var limit: Int
    /// Entries that are tried in a transaction of their own, behind all before them.
    private var apart: Set<Int> = []
    private var halt: HaltReason?
    /// The halt is for an entry that cannot be read, which is counted although it becomes no dead letter.
    private(set) var stopsAtParseFailure = false

    /// Of each entry, whether it has taken effect: before this window came, or in a part of it.
    private var isDone: [Bool]
    /// Entries that are no duplicates though their IDs are covered: Redis went back and gave their IDs again.
    private var reused: Set<Int> = []
    /// Entries that were dropped without a look at what is recorded of them.
    private(set) var dropped: [Int] = []
    /// Dropped entries that are dead letters.
    private var recorded: [DeadLetter] = []
    private var hasBeenJudged = false
    /// What committed parts leave.
    private var standing = Totals()
    private var letters: [DeadLetter] = []

    private var plan = Plan()
    /// What the plan was made with; nil before the first.
    private(set) var facts: [TableName: TableFacts]?
    /// Tables whose creates may be copied, as far as their keys allow; nil where this window copies none.
    private var copyRoad: CopyRoad?
    /// Savepoints, since a try without them was refused.
    private(set) var isCareful = false
    /// The statement at which the try without savepoints ended, and its refusal, if its rows were to blame.
    private(set) var knownBad: (statement: Int, refusal: Refusal)?
    /// The window has waited for what another writer might bring.
    private(set) var hadGrace = false
    /// Facts from memory may no longer hold.
    private(set) var wantsFreshFacts = false
    /// Statements sent by all tries.
    var sent = 0
    /// Batches refused that the window as a whole was written again for.
    private var fallbacks = 0

    init(window: Window, rules: DrainRules) {
        self.window = window
        self.rules = rules
        limit = window.entries.count
        isDone = Array(repeating: false, count: window.entries.count)
    }

    /// Its turn to be written has come.
    ///
    /// - Parameter rules: of now.
    mutating func setOut(under rules: DrainRules, _ copyRoad: CopyRoad) {
        if rules != self.rules { forgetPlan() }
        self.rules = rules
        self.copyRoad = copyRoad
    }

    /// Leaves the first entry that cannot be read, and all behind it, in the stream where the policy says so; one that was
    /// set aside before stops nobody.
    private mutating func stopAtParseFailure() {
        guard rules.onParseFailure == .stop, !window.parseFailures.isEmpty else { return }
        for (index, entry) in window.entries.prefix(limit).enumerated() where !isDone[index] {
            guard case .parseFailure(let number) = entry.content else { continue }
            limit = index
            forgetPlan()
            stopsAtParseFailure = true
            halt = HaltReason("parse failure at \(entry.id) of \(window.stream): \(window.parseFailures[number])")
            return
        }
    }

    // MARK: What is left

    /// Drops what has taken effect by now. Judged when the window is about to be written, against all that was committed
    /// before it.
    mutating func drop(coveredBy checkpoint: Checkpoint?) {
        let isFirst = !hasBeenJudged
        hasBeenJudged = true
        defer { if isFirst { stopAtParseFailure() } }
        guard let checkpoint else { return }
        // They are in stream order.
        if window.standing == .next, checkpoint.ahead.isEmpty, let first = window.entries.first,
            first.id > checkpoint.lastID
        {
            return
        }
        for index in 0..<limit
        where !isDone[index] && !reused.contains(index) && checkpoint.covers(window.entries[index].id) {
            isDone[index] = true
            standing.duplicatesSkipped += 1
            forgetPlan()
            // Other windows' IDs are not those that dead letters are recorded under.
            if window.standing == .next { dropped.append(index) }
        }
    }

    /// Sees to it that a dropped entry which is a dead letter stands where it belongs, and takes one that came under an ID of
    /// another for what it is, unless that was recorded: its process may have died with it in hand.
    mutating func judgeDropped(by records: [RecordedDeadLetter]) {
        let records = Dictionary(records.map { ($0.id, $0) }) { $1 }
        for index in dropped {
            let entry = window.entries[index]
            let record = records[entry.id].flatMap { window.holds($0, in: entry) ? $0 : nil }
            if let record {
                recorded.append(DeadLetter(entry: index, record))
            } else if window.reusedIDs?.contains(entry.id) == true {
                isDone[index] = false
                standing.duplicatesSkipped -= 1
                reused.insert(index)
            }
        }
        dropped = []
    }

    /// Whether entries are left to be written or recorded.
    var isOpen: Bool { isDone.prefix(limit).contains(false) }

    /// Whether commands are left to be written before the next cut.
    var hasCommands: Bool {
        let end = end
        return window.commands.contains { isToBeWritten($0, before: end) }
    }

    private func isToBeWritten(_ command: Command, before end: Int) -> Bool {
        command.entry < end && !isDone[command.entry] && !reused.contains(command.entry) && window.standing != .skipped
    }

    /// Where the window is cut in stream order: nothing from here on is written before all else is committed.
    private var end: Int {
        if apart.isEmpty { return limit }
        guard let first = (0..<limit).first(where: { !isDone[$0] }) else { return limit }
        if apart.contains(first) { return first + 1 }
        return apart.filter { $0 > first && $0 < limit }.min() ?? limit
    }

    /// The tables of the commands that are left.
    var tables: Set<TableName> { window.tables }

    mutating func plan(with facts: [TableName: TableFacts]) {
        guard facts != self.facts else { return }
        self.facts = facts
        let end = end
        plan = Planner(window, facts: facts, only: { [self] in isToBeWritten($0, before: end) }) { [rules] in
            rules.batchRule(for: $0)
        }.plan()
        knownBad = nil
    }

    /// Other commands are left than those that were planned.
    private mutating func forgetPlan() {
        facts = nil
        plan = Plan()
    }

    /// What is to be written next.
    func nextPart(after checkpoint: Checkpoint?) -> Part {
        let end = end
        let open = (0..<end).filter { !isDone[$0] }
        // Where a refusal stops the fleet, nothing behind it is to be written: forced entries wait for its word, too.
        let mayGoAhead = rules.onWriteFailure == .deadLetter
        if mayGoAhead, plan.urgentCount > 0, plan.urgentCount < plan.batches.count {
            let urgent = Plan(batches: Array(plan.batches[..<plan.urgentCount]))
            let entries = urgent.batches.flatMap { $0.commands.map { window.commands[$0].entry } }.sorted()
            return Part(
                entries: entries,
                statements: statements(of: urgent),
                isLast: false,
                checkpoint: checkpoint.map { naming(entries, after: $0) }
            )
        }
        return Part(
            entries: open,
            statements: statements(of: plan),
            isLast: end == limit,
            checkpoint: checkpoint.map {
                window.standing == .next ? passing(end, after: $0) : naming(open, after: $0)
            }
        )
    }

    /// The checkpoint that also names these entries.
    private func naming(_ entries: [Int], after checkpoint: Checkpoint) -> Checkpoint {
        var next = checkpoint
        // Dead letters of windows before this one are gone from where they were kept.
        if window.standing == .retried { next.ahead.formIntersection(window.entries.map(\.id)) }
        next.ahead.formUnion(entries.map { window.entries[$0].id })
        return next
    }

    /// The checkpoint once everything before a cut or the limit is done.
    private func passing(_ end: Int, after checkpoint: Checkpoint) -> Checkpoint {
        guard end > 0 else { return checkpoint }
        var next = checkpoint
        next.lastID = max(checkpoint.lastID, window.entries[end - 1].id)
        next.ahead = checkpoint.ahead.filter { $0 > next.lastID }
        var passed = (0..<end).count { window.entries[$0].id > checkpoint.lastID }
        let named = checkpoint.ahead.subtracting(next.ahead)
        // One that was skipped may have been acknowledged, so that it comes in no window.
        if !named.isEmpty { passed += named.subtracting(window.entries.prefix(end).map(\.id)).count }
        let lost = end == limit ? window.lost : 0
        next.entriesRead = checkpoint.entriesRead.map { $0 + passed + lost }
        return next
    }

    private func statements(of plan: Plan) -> [Statement] {
        plan.statements(of: window, rules: rules) { [window, facts, copyRoad] index in
            let signature = window.signatures[index]
            return copyRoad?.isOpen(to: signature.table) == true && facts?[signature.table]?.canCopy(signature) == true
        }
    }

    // MARK: What tries teach

    /// Copies nothing of this window from here on, since a copy met a key.
    mutating func leaveCopyRoad() {
        fallbacks += 1
        copyRoad = nil
    }

    mutating func beCareful(afterRefusalOf knownBad: (statement: Int, refusal: Refusal)?) {
        isCareful = true
        wantsFreshFacts = true
        self.knownBad = knownBad
    }

    /// Forgets what the last try taught: the world may have changed.
    mutating func startAgain() {
        isCareful = false
        wantsFreshFacts = false
        knownBad = nil
    }

    /// The same, and what was missing may be there now: the wait was for that.
    mutating func startAgainAfterGrace() {
        startAgain()
        hadGrace = true
        wantsFreshFacts = true
    }

    /// Leaves the first refused entry and all behind it in the stream.
    mutating func stop(before refusals: [Int: Refusal]) {
        guard let first = refusals.min(by: { $0.key < $1.key }) else { return }
        let command = window.commands[first.key]
        limit = command.entry
        stopsAtParseFailure = false
        let entry = window.entries[command.entry]
        halt = HaltReason(
            "\(first.value.sqlState) at \(entry.id) of \(window.stream), table \(window.signatures[command.signature].table)"
        )
        forgetPlan()
        startAgain()
    }

    /// Tries entries again, each in a transaction of its own, that the company of others in theirs may have had refused.
    ///
    /// A row that was made in the same transaction has all its foreign keys checked whenever it is changed, also those that
    /// the change leaves alone (PostgreSQL's `RI_FKey_fk_upd_check_required`). So a row that hangs on a deleted one by two
    /// roads of cascades is refused on the first, unless it was committed before.
    ///
    /// - Returns: whether there were such; the part is to be rolled back then.
    mutating func setApart(_ refusals: [Int: Refusal], of part: Part) -> Bool {
        guard part.entries.count > 1 else { return false }
        let suspects = refusals.filter { command, refusal in
            let signature = window.signatures[window.commands[command].signature]
            guard refusal.sqlState == "23503", let facts = facts?[signature.table] else { return false }
            let reachesFurther = facts.isBarrier || facts.reachesEverything
            return reachesFurther || signature.operation != .create && !facts.cascades.isEmpty
        }
        let entries = suspects.keys.map { window.commands[$0].entry }
        guard !apart.isSuperset(of: entries) else { return false }
        apart.formUnion(entries)
        forgetPlan()
        startAgain()
        return true
    }

    /// The part was committed.
    mutating func commit(_ part: Part, _ standing: Totals, _ letters: [DeadLetter]) {
        for index in part.entries { isDone[index] = true }
        self.standing += standing
        self.letters += letters
        forgetPlan()
        startAgain()
    }

    // MARK: What comes of it

    /// The dead letters among a part's entries, in stream order.
    func deadLetters(of part: Part, with refusals: [Int: Refusal]) -> [DeadLetter] {
        // As almost every window is: without a look at each entry.
        if refusals.isEmpty, reused.isEmpty, window.standing != .skipped, window.parseFailures.isEmpty { return [] }
        return part.entries.compactMap { index in
            switch window.entries[index].content {
            case let content where window.standing == .skipped:
                return skippedLetter(index, content)
            case _ where reused.contains(index):
                let message = "Redis gave this ID again after it had lost entries: not written"
                return DeadLetter(entry: index, error: "id-reused", message: message, table: nil)
            case .parseFailure(let number):
                let message = window.parseFailures[number].description
                return DeadLetter(entry: index, error: "parse", message: message, table: nil)
            case .command(let command):
                guard let refusal = refusals[command] else { return nil }
                let table = window.signatures[window.commands[command].signature].table
                return DeadLetter(
                    entry: index,
                    error: refusal.sqlState,
                    message: refusal.message,
                    table: table,
                    words: refusal.words
                )
            }
        }
    }

    private func skippedLetter(_ index: Int, _ content: Entry.Content) -> DeadLetter {
        let message = "set aside by drainer dead-letters skip"
        switch content {
        case .parseFailure(let number):
            let failure = window.parseFailures[number]
            return DeadLetter(entry: index, error: "skipped", message: "\(message); \(failure)", table: nil)
        case .command(let command):
            let table = window.signatures[window.commands[command].signature].table
            return DeadLetter(entry: index, error: "skipped", message: message, table: table)
        }
    }

    /// Of each of a part's entries, whether it is a dead letter.
    func isDead(_ letters: [DeadLetter], of part: Part) -> [Bool] {
        if letters.isEmpty { return Array(repeating: false, count: part.entries.count) }
        let dead = Set(letters.map(\.entry))
        return part.entries.map(dead.contains)
    }

    /// `, most of them 23503 in table a.b`; empty where there are none.
    func mostFrequentReason(among letters: [DeadLetter]) -> String {
        var counts: [String: Int] = [:]
        for letter in letters {
            counts[letter.error + (letter.table.map { " in table \($0)" } ?? ""), default: 0] += 1
        }
        guard let most = counts.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }) else { return "" }
        return ", most of them \(most.key)"
    }

    /// A stream that is lost: what was committed before is another's to acknowledge.
    func outcome<S>(losing loss: WindowWriter<S>.Loss) -> WindowWriter<S>.Outcome {
        var totals = standing
        totals.statements = sent
        totals.deadLetters = letters.count
        return WindowWriter<S>.Outcome(loss: loss, totals: totals)
    }

    /// What became of the window by now.
    ///
    /// - Parameter other: a reason to halt that is not the draft's own.
    func outcome<S>(haltedBy other: HaltReason? = nil) -> WindowWriter<S>.Outcome {
        let settled = (0..<limit).filter { isDone[$0] }
        var totals = standing
        totals.statements = sent
        totals.fallbacks += fallbacks
        totals.entries = settled.count
        totals.deadLetters = letters.count
        return WindowWriter<S>.Outcome(
            settled: settled,
            deadLetters: (letters + recorded).sorted { $0.entry < $1.entry },
            halt: other ?? halt,
            totals: totals
        )
    }
}

extension Window {
    /// Whether the record is of this very entry.
    fileprivate func holds(_ record: RecordedDeadLetter, in entry: Entry) -> Bool {
        fields[entry.fields].elementsEqual(record.fields) { field, recorded in
            arena[field.name.range].elementsEqual(recorded.name)
                && arena[field.value.range].elementsEqual(recorded.value)
        }
    }
}
