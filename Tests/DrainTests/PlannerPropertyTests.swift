import Drain
import Entries
import TestSupport
import Testing

/// Whatever the window: written by its plan, it leaves what one-by-one execution leaves, and refuses the same.
@Suite struct PlannerPropertyTests {
    private static let seedsPerChunk = 250

    @Test(arguments: 0..<8)
    func `a planned window leaves what one by one execution leaves`(chunk: Int) async throws {
        let first = UInt64(chunk * Self.seedsPerChunk)
        for seed in first..<(first + UInt64(Self.seedsPerChunk)) {
            guard let difference = try await Case(seed: seed).difference() else { continue }
            let smallest = try await Case(seed: seed).shrunk()
            Issue.record("seed \(seed): \(difference)\n\(try await smallest.story())")
            return
        }
    }

    /// One window over tables that already hold rows.
    private struct Case {
        var entries: [String]
        let before: MemoryDatabase
        let rules: DrainRules

        init(seed: UInt64) throws {
            var generator = SeededGenerator(seed: seed &* 31 &+ 7)
            var database = MemoryDatabase(World.definitions)
            var filling = RandomWindow(seed: seed &+ 1_000_000, tables: World.definitions)
            _ = database.executeOneByOne(Window(filling.entries(Int.random(in: 0...40, using: &generator))))
            before = database
            var drawing = RandomWindow(seed: seed)
            entries = drawing.entries(Int.random(in: 2...30, using: &generator))
            let batching = BatchRule(
                batchSize: Int.random(in: 1...4, using: &generator),
                chunkSize: [1000, 1000, 2, 3].randomElement(using: &generator) ?? 1000,
                copySize: [0, 1, 3].randomElement(using: &generator) ?? 0
            )
            rules = DrainRules(batching: batching, breakerPercent: 0)
        }

        func difference() async throws -> String? {
            let window = Window(entries)
            var expected = before
            let (refused, rows, unmatched) = expected.executeOneByOne(window)
            let sink = MemorySink(before)
            var writer = WindowWriter(sink, rules: rules)
            let outcome = try await writer.write(window)
            let actual = await sink.database
            for (table, rows) in expected.contents where actual.rows(of: table) != rows {
                return "\(table) holds \(actual.rows(of: table)) and not \(rows)"
            }
            let dead = Dictionary(uniqueKeysWithValues: outcome.deadLetters.map { ($0.entry, $0.error) })
            if dead != refused { return "refused \(dead) and not \(refused)" }
            if outcome.totals.rows != rows { return "\(outcome.totals.rows) rows and not \(rows)" }
            if outcome.totals.unmatched != unmatched {
                return "\(outcome.totals.unmatched) unmatched and not \(unmatched)"
            }
            let misuses = await sink.misuses
            return misuses.isEmpty ? nil : "\(misuses)"
        }

        /// Leaves out entries for as long as something still differs.
        func shrunk() async throws -> Case {
            var smallest = self
            var index = 0
            while index < smallest.entries.count {
                var smaller = smallest
                smaller.entries.remove(at: index)
                if try await smaller.difference() == nil { index += 1 } else { smallest = smaller }
            }
            return smallest
        }

        func story() async throws -> String {
            let window = Window(entries)
            let facts = before.facts(of: Set(window.signatures.map(\.table)))
            let plan = Planner(window, facts: facts) { [rules] in rules.batchRule(for: $0) }.plan()
            var lines = [try await difference() ?? "no difference", "before:"]
            lines += before.contents.filter { !$0.value.isEmpty }.map { "  \($0.key): \($0.value)" }.sorted()
            lines += ["entries:"] + entries.enumerated().map { "  \($0) \($1)" }
            lines += ["plan:"] + plan.lines.map { "  \($0)" }
            return lines.joined(separator: "\n")
        }
    }
}
