import Entries

/// A window on its way into the database: what of it is to be written, how, and what earlier tries taught.
struct Draft {
    private let window: Window
    private let rules: DrainRules
    /// Only the first `limit` entries are written.
    private var limit: Int
    private var halt: HaltReason?
    /// The halt is for an entry that cannot be read, which is counted although it becomes no dead letter.
    private(set) var stopsAtParseFailure = false

    private(set) var plan = Plan()
    /// What the plan was made with; nil before the first.
    private(set) var facts: [TableName: TableFacts]?
    /// Savepoints, since a try without them was refused.
    private(set) var isCareful = false
    /// The statement of this plan at which the try without savepoints ended, if its rows were to blame.
    private(set) var knownBad: Int?
    /// The window has waited for what another writer might bring.
    private(set) var hadGrace = false
    /// Facts from memory may no longer hold.
    private(set) var wantsFreshFacts = false
    /// Statements sent by all tries.
    var sent = 0

    init(window: Window, rules: DrainRules) {
        self.window = window
        self.rules = rules
        limit = window.entries.count
        guard rules.onParseFailure == .stop else { return }
        for (index, entry) in window.entries.enumerated() {
            guard case .parseFailure(let failure) = entry.content else { continue }
            limit = index
            stopsAtParseFailure = true
            halt = HaltReason("parse failure at \(entry.id) of \(window.stream): \(failure)")
            return
        }
    }

    var tables: Set<TableName> { window.tables }

    var hasCommands: Bool { window.commands.first.map { $0.entry < limit } ?? false }

    /// The entries that are written.
    var count: Int { limit }

    /// The last entry that is written; nil where none is.
    var lastID: StreamID? { limit > 0 ? window.entries[limit - 1].id : nil }

    mutating func replan(with facts: [TableName: TableFacts]) {
        self.facts = facts
        plan = Planner(window, limit: limit, facts: facts) { [rules] in rules.batchRule(for: $0) }.plan()
        knownBad = nil
    }

    mutating func beCareful(afterRefusalOf statement: Int?) {
        isCareful = true
        wantsFreshFacts = true
        knownBad = statement
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
        facts = nil
        startAgain()
    }

    /// The dead letters among the entries written, in stream order.
    func deadLetters(with refusals: [Int: Refusal]) -> [DeadLetter] {
        var letters: [DeadLetter] = []
        for (index, entry) in window.entries.prefix(limit).enumerated() {
            switch entry.content {
            case .parseFailure(let failure):
                letters.append(DeadLetter(entry: index, error: "parse", message: failure.description, table: nil))
            case .command(let command):
                guard let refusal = refusals[command] else { continue }
                let table = window.signatures[window.commands[command].signature].table
                letters.append(
                    DeadLetter(
                        entry: index,
                        error: refusal.sqlState,
                        message: refusal.message,
                        table: table,
                        words: refusal.words
                    )
                )
            }
        }
        return letters
    }

    /// Of each entry written, whether it is a dead letter.
    func isDead(_ letters: [DeadLetter]) -> [Bool] {
        var result = [Bool](repeating: false, count: limit)
        for letter in letters { result[letter.entry] = true }
        return result
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

    /// What stays on record of tries that were rolled back.
    var refusedTotals: Totals {
        var totals = Totals()
        totals.statements = sent
        return totals
    }

    func outcome<S>(_ standing: Totals, _ letters: [DeadLetter]) -> WindowWriter<S>.Outcome {
        var totals = standing
        totals.statements = sent
        totals.entries = limit
        totals.deadLetters = letters.count
        return WindowWriter<S>.Outcome(count: limit, deadLetters: letters, halt: halt, totals: totals)
    }
}
