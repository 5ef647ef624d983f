package import Entries

/// Turns a window's commands into batches whose execution in order gives the state that one-by-one execution in stream
/// order would have given. Pure.
///
/// Every command *claims* what it touches: rows by their key, values of unique keys, referenced rows, or a whole table
/// where its effect cannot be judged. A command joins the first batch of its signature that stands behind every batch
/// it conflicts with, and opens one at the end where there is none.
package struct Planner {
    private let window: Window
    private let isPlanned: (Command) -> Bool
    private let facts: [TableName: TableFacts]
    private let rule: (TableName) -> BatchRule

    private let tableCount: Int
    private let claims: [SignatureClaims]
    private let roads: [Batch.Road]

    /// - Parameters:
    ///   - facts: of the window's tables; a table without facts is a barrier.
    ///   - isPlanned: whether a command is planned; those that have taken effect are not.
    package init(
        _ window: Window,
        facts: [TableName: TableFacts],
        only isPlanned: @escaping (Command) -> Bool = { _ in true },
        rule: @escaping (TableName) -> BatchRule
    ) {
        self.window = window
        self.isPlanned = isPlanned
        self.facts = facts
        self.rule = rule
        let tables = Self.meetingPlaces(of: window, facts)
        tableCount = tables.count
        claims = window.signatures.map { SignatureClaims($0, tables: tables, facts: facts) }
        roads = Self.roads(of: window, only: isPlanned, facts: facts, rule: rule)
    }

    package func plan() -> Plan {
        let commands = window.commands.indices.filter { isPlanned(window.commands[$0]) }
        var plan = Plan()
        guard commands.contains(where: { window.commands[$0].isForced }) else {
            if let batch = onlyBatch(commands) { plan.batches = [batch] } else { arrange(commands, into: &plan) }
            return plan
        }
        let urgent = urgentCommands(among: commands)
        arrange(commands.filter { urgent[$0] }, into: &plan)
        plan.urgentCount = plan.batches.count
        arrange(commands.filter { !urgent[$0] }, into: &plan)
        return plan
    }

    /// The tables on which commands of the window can meet, numbered: their own, and those that at least two of them lead
    /// to, by a foreign key or otherwise.
    private static func meetingPlaces(of window: Window, _ facts: [TableName: TableFacts]) -> [TableName: Int] {
        var tables: [TableName: Int] = [:]
        for signature in window.signatures where tables[signature.table] == nil {
            tables[signature.table] = tables.count
        }
        var reachedOnce: Set<TableName> = []
        for table in tables.keys {
            guard let facts = facts[table] else { continue }
            let reached = facts.cascades.union(facts.foreignKeys.map(\.parent)).union(facts.references.map(\.child))
                .union(facts.ancestors).union(facts.reaches)
            for other in reached where tables[other] == nil && !reachedOnce.insert(other).inserted {
                tables[other] = tables.count
            }
        }
        return tables
    }

    /// The road of each signature, by its count in the window before conflicts divide it.
    private static func roads(
        of window: Window,
        only isPlanned: (Command) -> Bool,
        facts: [TableName: TableFacts],
        rule: (TableName) -> BatchRule
    ) -> [Batch.Road] {
        var counts = [Int](repeating: 0, count: window.signatures.count)
        for command in window.commands where !command.isForced && isPlanned(command) {
            counts[command.signature] += 1
        }
        return window.signatures.indices.map { index in
            let signature = window.signatures[index]
            let (rule, facts) = (rule(signature.table), facts[signature.table])
            return RoadReason(signature, count: counts[index], rule: rule, facts: facts).road
        }
    }

    /// The forced commands, and every earlier one that they conflict with, directly or through others.
    private func urgentCommands(among commands: [Int]) -> [Bool] {
        var urgent = [Bool](repeating: false, count: window.commands.count)
        var needed: [Resource: UseSet] = [:]
        for index in commands.reversed() {
            var isUrgent = window.commands[index].isForced
            if !isUrgent, !needed.isEmpty {
                forEachClaim(of: index) {
                    isUrgent =
                        isUrgent || !$0.resource.isNumbers && needed[$0.resource]?.conflicts(with: $0.use) == true
                }
            }
            guard isUrgent else { continue }
            urgent[index] = true
            forEachClaim(of: index) { needed[$0.resource, default: UseSet()].insert($0.use) }
        }
        return urgent
    }

    /// All of the commands, where they are creates of one signature that nothing parts: what `arrange` would find.
    private func onlyBatch(_ commands: [Int]) -> Batch? {
        guard claims.count == 1, roads[0] == .bulk, window.signatures[0].operation == .create,
            claims[0].areAlikeInOrder, !commands.isEmpty
        else { return nil }
        return Batch(signature: 0, road: .bulk, commands: commands)
    }

    private func arrange(_ commands: some Collection<Int>, into plan: inout Plan) {
        var arrangement = Arrangement(tables: tableCount, signatures: window.signatures.count)
        for index in commands {
            let command = window.commands[index]
            let candidate = Arrangement.Candidate(
                index: index,
                signature: command.signature,
                road: command.isForced ? .forced : roads[command.signature],
                isCreate: window.signatures[command.signature].operation == .create,
                ownRows: ownRowsHash(of: index),
                ownTable: claims[command.signature].ownTable
            )
            var position = 0
            forEachClaim(of: index) { position = max(position, arrangement.firstPosition(for: $0, of: candidate)) }
            let place = arrangement.place(candidate, from: position)
            forEachClaim(of: index) { arrangement.note($0, at: place) }
            if let ownRows = candidate.ownRows { arrangement.noteOwnRows(ownRows, at: place) }
        }
        plan.batches += arrangement.batches
    }

    /// Hash of the values that a command without a key compares; nil where it cannot share a batch with its like.
    private func ownRowsHash(of index: Int) -> UInt64? {
        let command = window.commands[index]
        guard let parts = claims[command.signature].ownRows else { return nil }
        var hash = KeyHash(table: command.signature, key: 0)
        let cells = window.cells(of: command)
        for part in parts
        where !hash.add(cells[cells.startIndex + part.cell], of: window, comparedAs: part.comparison) {
            return nil
        }
        return hash.value
    }

    private func forEachClaim(of index: Int, _ body: (Claim) -> Void) {
        let command = window.commands[index]
        let signature = claims[command.signature]
        for claim in signature.fixed { body(claim) }
        guard !signature.values.isEmpty else { return }
        let cells = window.cells(of: command)
        for claim in signature.values {
            var hash = KeyHash(table: claim.table, key: claim.key)
            var isReadable = true
            var isNull = false
            for part in claim.parts {
                let cell = cells[cells.startIndex + part.cell]
                isNull = isNull || cell.isNull
                isReadable = isReadable && hash.add(cell, of: window, comparedAs: part.comparison)
            }
            if isNull, claim.ignoresNull { continue }
            if isReadable {
                body(Claim(resource: .value(hash.value), use: claim.use))
            } else {
                for claim in claim.otherwise { body(claim) }
            }
        }
    }
}
