package import Drain
package import Entries
import TableSink

/// Works out what would become of entries, with the planner and the SQL of the drain itself.
package struct Explainer: Sendable {
    private let lines: [EntryLines.Line]
    private let window: Window
    private let rules: DrainRules
    /// Entries from here on stay in the stream, since one cannot be read.
    private let limit: Int

    /// - Parameter defaultSchema: of a table named without one.
    package init(_ entries: EntryLines, rules: DrainRules, defaultSchema: String) {
        lines = entries.lines
        window = entries.window(defaultSchema: defaultSchema)
        self.rules = rules
        let isFailure = { (entry: Entries.Entry) in
            if case .parseFailure = entry.content { true } else { false }
        }
        let firstFailure = window.entries.firstIndex(where: isFailure)
        limit = rules.onParseFailure == .stop ? firstFailure ?? window.entries.count : window.entries.count
    }

    /// Those that the entries name.
    package var tables: Set<TableName> { window.tables }

    /// - Parameter catalog: what the catalog says of the tables; nil where it was not asked.
    package func explanation(_ catalog: CatalogFindings? = nil) -> Explanation {
        let facts = catalog?.facts ?? TableFacts.assumed(for: window)
        let plan = Planner(window, facts: facts, only: { $0.entry < limit }) { [rules] in rules.batchRule(for: $0) }
            .plan()
        var explanation = Explanation(
            entries: entries(),
            statements: [],
            signatures: [],
            settings: settings,
            assumptions: catalog == nil ? assumptions(facts) : []
        )
        add(plan, facts, to: &explanation)
        explanation.signatures = window.signatures.indices.map { index in
            group(index, plan, facts, catalog)
        }
        return explanation
    }

    private var settings: [String: String] {
        [
            "BATCHED_CREATE_ENABLED": "\(rules.batching.isEnabled)",
            "INSERT_BATCH_SIZE": "\(rules.batching.batchSize)",
            "BATCH_CHUNK_SIZE": "\(rules.batching.chunkSize)",
            "COPY_BATCH_SIZE": "\(rules.batching.copySize)",
            "ON_PARSE_FAILURE": rules.onParseFailure.rawValue,
        ]
    }

    private func assumptions(_ facts: [TableName: TableFacts]) -> [String] {
        facts.sorted { $0.key < $1.key }.map { table, facts in
            let key = facts.uniqueKeys.first.map { "rows named by (\($0.columns.joined(separator: ", ")))" }
            return "\(table): a plain table, \(key ?? "no key"), no foreign keys, no triggers"
        }
    }

    private func entries() -> [Explanation.Entry] {
        zip(window.entries, lines).enumerated().map { index, pair in
            let (entry, line) = pair
            var explained = Explanation.Entry(number: index + 1, line: line.number)
            switch entry.content {
            case .command(let command): explained.signature = SignatureName(window.commands[command].signature).text
            case .parseFailure(let number):
                let failure = window.parseFailures[number]
                explained.failure = Explanation.Failure(
                    reason: failure.reason,
                    offset: failure.offset,
                    outcome: rules.onParseFailure == .stop
                        ? "what came before it is written, it and what follows stay, the fleet stops"
                        : "it becomes a dead letter, the rest goes on"
                )
            }
            return explained
        }
    }

    private func add(_ plan: Plan, _ facts: [TableName: TableFacts], to explanation: inout Explanation) {
        let statements = statements(of: plan, facts)
        var roads: [Int: Batch.Road] = [:]
        for batch in plan.batches { for command in batch.commands { roads[command] = batch.road } }
        for (index, statement) in statements.enumerated() {
            let entries = statement.commands.map { window.commands[$0].entry }
            let road = "\(statement.commands.first.flatMap { roads[$0] } ?? .single)"
            for entry in entries {
                explanation.entries[entry].road = road
                explanation.entries[entry].statement = index + 1
            }
            explanation.statements.append(
                Explanation.PlannedStatement(
                    number: index + 1,
                    road: road,
                    signature: SignatureName(statement.signature).text,
                    entries: entries.map { $0 + 1 }
                )
            )
        }
    }
}

extension Explainer {
    private func statements(of plan: Plan, _ facts: [TableName: TableFacts]) -> [Statement] {
        plan.statements(of: window, rules: rules) { index in
            let signature = window.signatures[index]
            return facts[signature.table]?.canCopy(signature) == true
        }
    }

    private func group(
        _ index: Int,
        _ plan: Plan,
        _ facts: [TableName: TableFacts],
        _ catalog: CatalogFindings?
    ) -> Explanation.Group {
        let signature = window.signatures[index]
        let words = ReasonWords(signature, rule: rules.batchRule(for: signature.table))
        let reasons = signature.barrierReasons(among: facts)
        return Explanation.Group(
            name: SignatureName(index).text,
            table: signature.table.description,
            operation: signature.operation.rawValue,
            columns: signature.columns,
            whereColumns: signature.whereColumns,
            roads: roads(index, facts[signature.table], words),
            forms: forms(index, statements(of: plan, facts), description(of: signature.table, facts, catalog)),
            barrier: reasons.map(words.text),
            wouldBeBarrier: reasons.isEmpty ? words.wouldBeBarrier : [],
            notes: notes(index, plan, facts),
            catalog: catalog?.answer(for: signature)
        )
    }

    /// Without a catalog, what is assumed: then no cell is cast.
    private func description(of table: TableName, _ facts: [TableName: TableFacts], _ catalog: CatalogFindings?)
        -> TableDescription?
    {
        guard let catalog else { return facts[table].map { TableDescription(facts: $0, types: [:]) } }
        return catalog.descriptions[table] ?? nil
    }

    /// The commands of a signature that are written.
    private func commands(_ signature: Int) -> [Int] {
        window.commands.indices.filter {
            window.commands[$0].signature == signature && window.commands[$0].entry < limit
        }
    }

    private func numbers(_ commands: some Sequence<Int>) -> [Int] { commands.map { window.commands[$0].entry + 1 } }

    private func roads(_ index: Int, _ facts: TableFacts?, _ words: ReasonWords) -> [Explanation.Road] {
        let commands = commands(index)
        let forced = commands.filter { window.commands[$0].isForced }
        let others = commands.filter { !window.commands[$0].isForced }
        var roads: [Explanation.Road] = []
        if !forced.isEmpty {
            roads.append(
                Explanation.Road(road: "forced", why: words.text(of: .forced, count: 0), entries: numbers(forced))
            )
        }
        if !others.isEmpty {
            let rule = rules.batchRule(for: window.signatures[index].table)
            let reason = RoadReason(window.signatures[index], count: others.count, rule: rule, facts: facts)
            roads.append(
                Explanation.Road(
                    road: "\(reason.road)",
                    why: words.text(of: reason, count: others.count),
                    entries: numbers(others)
                )
            )
        }
        return roads
    }

    private func forms(_ index: Int, _ statements: [Statement], _ table: TableDescription?) -> [Explanation.Form] {
        let signature = window.signatures[index]
        let text = StatementText(signature: signature, table: table)
        let all = window.commands.indices.filter { window.commands[$0].signature == index }
        var isSent: [Statement.Form: Bool] = [:]
        for statement in statements where statement.signature == index {
            isSent[statement.form] = true
        }
        var forms: [Explanation.Form] = []
        // Nothing that PostgreSQL could prepare, so it is shown only where it is sent.
        if isSent[.copy] == true {
            forms.append(Explanation.Form(form: "copy", sql: text.copy, entries: numbers(all), isSent: true))
        }
        if signature.isEquality, !(signature.operation == .create && signature.columns.isEmpty) {
            forms.append(
                Explanation.Form(form: "bulk", sql: text.bulk, entries: numbers(all), isSent: isSent[.bulk] ?? false)
            )
        }
        // Only a `where` that is more than equality has another text for each command.
        var texts: [(sql: String, commands: [Int])] = []
        for command in all {
            let sql = text.single(window.commands[command].predicate.map { window.predicates[$0] })
            if let known = texts.firstIndex(where: { $0.sql == sql }) {
                texts[known].commands.append(command)
            } else {
                texts.append((sql, [command]))
            }
        }
        for (sql, commands) in texts {
            forms.append(
                Explanation.Form(form: "single", sql: sql, entries: numbers(commands), isSent: isSent[.single] ?? false)
            )
        }
        return forms
    }

    private func notes(_ index: Int, _ plan: Plan, _ facts: [TableName: TableFacts]) -> [String] {
        let signature = window.signatures[index]
        var notes: [String] = []
        if let refusal = signature.refusalOfNames { notes.append("becomes a dead letter: \(refusal.message)") }
        let divided = plan.batches.filter { $0.signature == index && $0.road == .bulk }
        if divided.count > 1 {
            notes.append("divided into \(divided.count) batches: a command between them conflicts, so order is kept")
        }
        if let lastForced = plan.batches.lastIndex(where: { $0.road == .forced }) {
            let ahead = plan.batches[..<lastForced].filter { $0.signature == index && $0.road != .forced }
            let entries = numbers(ahead.flatMap(\.commands)).map(String.init).joined(separator: ", ")
            if !ahead.isEmpty { notes.append("entry \(entries) goes first: a forced entry conflicts with it") }
        }
        guard let own = facts[signature.table] else { return notes }
        if own.hasUnjudgeableKey {
            notes.append(
                "a unique key that planning cannot judge (partial, on an expression, an exclusion): keeps its order"
            )
        }
        let reached = own.cascades.sorted().map(\.description).joined(separator: ", ")
        if signature.operation == .delete, !reached.isEmpty {
            notes.append("a barrier for \(reached), which it cascades to")
        }
        return notes
    }
}

/// `A` to `Z`, then `AA` and so on: what a signature is called on the screen.
struct SignatureName {
    let text: String

    init(_ index: Int) {
        var (rest, text) = (index, "")
        repeat {
            text = String(UnicodeScalar(UInt8(65 + rest % 26))) + text
            rest = rest / 26 - 1
        } while rest >= 0
        self.text = text
    }
}
