/// Commands over tables that are empty at first, to be executed by a drainer on one side and one by one on the other:
/// the same rows and the same refusals must come of both.
package struct Trial: Sendable {
    package var schema: TrialSchema
    package var commands: [TrialCommand]
    package var lane: TrialLane.Kind

    package init(_ schema: TrialSchema, lane: TrialLane.Kind = .everythingInBulk, _ commands: [TrialCommand]) {
        self.schema = schema
        self.commands = commands
        self.lane = lane
    }

    /// As a test that can be kept.
    package var source: String {
        let refusing = schema.refusingOnConflict.filter { name in commands.contains { $0.table == name } }.sorted()
        var lines = ["let schema = TrialSchema(", "    \"\"\""]
        lines += schema.sql.split(separator: "\n").map { "    \($0)" }
        lines += ["    \"\"\"\(refusing.isEmpty ? "" : ", refusingOnConflict: \(refusing)")", ")"]
        lines += ["try await expectSame(schema, lane: .\(lane), ["]
        lines += commands.map { "    \($0.source)," }
        return (lines + ["])"]).joined(separator: "\n")
    }
}

/// What a trial left on one side.
struct TrialOutcome: Sendable {
    /// By table, its rows.
    var rows: [String: [String]] = [:]
    /// By command, what it was refused with.
    var refusals: [Int: String] = [:]

    /// Nothing where both are alike; else a line for each difference.
    static func differences(drained: TrialOutcome, oneByOne: TrialOutcome, _ commands: [TrialCommand]) -> [String] {
        var lines: [String] = []
        for table in Set(drained.rows.keys).union(oneByOne.rows.keys).sorted() {
            let (left, right) = (drained.rows[table] ?? [], oneByOne.rows[table] ?? [])
            guard left != right else { continue }
            let extra = left.filter { !right.contains($0) }
            let missing = right.filter { !left.contains($0) }
            lines.append("\(table): drained \(left.count) rows, one by one \(right.count)")
            lines += extra.prefix(5).map { "  only drained: \($0)" }
            lines += missing.prefix(5).map { "  only one by one: \($0)" }
            if extra.isEmpty, missing.isEmpty { lines.append("  the same rows in another order or number") }
        }
        for index in Set(drained.refusals.keys).union(oneByOne.refusals.keys).sorted()
        where drained.refusals[index] != oneByOne.refusals[index] {
            lines.append(
                "command \(index) \(commands[index].source): drained \(drained.refusals[index] ?? "taken"),"
                    + " one by one \(oneByOne.refusals[index] ?? "taken")"
            )
        }
        return lines
    }
}
