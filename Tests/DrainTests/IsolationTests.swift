import Drain
import Entries
import TestSupport
import Testing

/// A refused window: bad rows end up alone, with few statements, and the rest is written in order.
@Suite struct IsolationTests {
    /// What isolating `bad` rows of `count` may cost, the refused try included.
    private static func bound(bad: Int, of count: Int) -> Int {
        guard bad > 0 else { return 1 }
        var halvings = 0
        while bad << halvings < count { halvings += 1 }
        return 2 * bad * (1 + halvings) + bad
    }

    /// From one row on by copy, or never.
    private static let copySizes = [0, 1]

    @Test(
        arguments: [
            (10, [0]), (10, [9]), (1000, [499]), (155, [3, 20, 21, 60, 90, 91, 120, 154]), (16, Array(0..<16)),
        ],
        copySizes
    )
    func `bad rows are isolated in few statements`(rows: (count: Int, bad: [Int]), copySize: Int) async throws {
        try await check(count: rows.count, bad: Set(rows.bad), copySize)
    }

    @Test(arguments: 0..<6 as Range<UInt64>, copySizes)
    func `however many rows are bad and wherever they stand`(seed: UInt64, copySize: Int) async throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<12 {
            let count = Int.random(in: 10...120, using: &generator)
            let most = generator.chance(70) ? min(8, count) : count
            var bad: Set<Int> = []
            let wanted = Int.random(in: 0...most, using: &generator)
            let isClustered = generator.chance(30)
            while bad.count < wanted {
                bad.insert(isClustered ? bad.count : Int.random(in: 0..<count, using: &generator))
            }
            try await check(count: count, bad: bad, copySize)
        }
    }

    private func check(count: Int, bad: Set<Int>, _ copySize: Int) async throws {
        let entries = (0..<count).map { Atlas.createPerson($0, name: bad.contains($0) ? Atlas.badName : "John") }
        let written = try await Written(entries, rules: .batching(copySize: copySize))
        #expect(Set(written.outcome.deadLetters.map(\.entry)) == bad)
        #expect(written.totals.rows == count - bad.count)
        #expect(written.totals.statements == written.sent.count)
        #expect(
            written.totals.statements <= Self.bound(bad: bad.count, of: count),
            "\(bad.sorted()) of \(count) took \(written.totals.statements) statements"
        )
        #expect(written.totals.bulkStatements == written.bulkSizes.count)
        #expect(written.totals.fallbacks == (bad.isEmpty ? 0 : 1))
        #expect(written.totals.sequential == 0)
        #expect(await written.sink.misuses == [])
    }

    @Test func `a half that must be bad is not tried whole`() async throws {
        let entries = (0..<1024).map { Atlas.createPerson($0, name: $0 == 1023 ? Atlas.badName : "John") }
        let rules = DrainRules(batching: BatchRule(chunkSize: 1024, copySize: 0))
        let written = try await Written(entries, rules: rules)
        // The refused whole, ten good left halves, the row alone.
        #expect(written.totals.statements == 12)
    }

    @Test func `no savepoint is made before something is refused`() async throws {
        let good = try await Written((0..<20).map { Atlas.createPerson($0) })
        #expect(good.sent.allSatisfy { !$0.isGuarded })
        #expect(await good.sink.rollbacks == 0)
        #expect(await good.sink.factReads.fresh == 0)

        let bad = try await Written((0..<20).map { Atlas.createPerson($0, name: $0 == 3 ? Atlas.badName : "John") })
        #expect(bad.sent.first?.isGuarded == false)
        #expect(bad.sent.dropFirst().allSatisfy { $0.isGuarded })
        // The catalog is read afresh before a row becomes a dead letter.
        #expect(await bad.sink.factReads.fresh == 1)
        #expect(await bad.sink.begins == 2)
        #expect(await bad.sink.commits == 1)
    }

    @Test func `a bad row is tried alone before it is a dead letter`() async throws {
        let written = try await Written((0..<10).map { Atlas.createPerson($0, name: $0 == 3 ? Atlas.badName : "John") })
        let last = try #require(written.sent.last { $0.isRefused })
        #expect(last.form == .single)
        #expect(last.commands == [3])
    }

    @Test func `later commands on the row of a refused one are still executed, in order`() async throws {
        var entries = (0..<10).map { Atlas.createPerson($0, name: $0 == 4 ? Atlas.badName : "John") }
        entries += (0..<10).map { Atlas.updatePerson($0, name: "first") }
        entries += [Atlas.createPerson(4, name: "second"), Atlas.updatePerson(4, name: "third")]
        let written = try await Written(entries)
        #expect(written.outcome.deadLetters.map(\.entry) == [4])
        let names = await written.rows(of: Atlas.person).map { $0[1] }
        #expect(names.count == 10)
        #expect(names[4] == "third")
        #expect(names.count { $0 == "first" } == 9)
        // The update found no row 4.
        #expect(written.totals.unmatched == 1)
    }

    @Test func `each dead letter carries its own SQLSTATE`() async throws {
        var entries = (0..<10).map { Atlas.createLocation($0, of: $0 == 2 ? 99 : nil) }
        entries += (0..<10).map { Atlas.createPerson($0, name: $0 == 7 ? Atlas.badName : "John") }
        let written = try await Written(entries)
        #expect(written.outcome.deadLetters.map(\.entry) == [2, 17])
        #expect(written.outcome.deadLetters.map(\.error) == ["23503", "22P02"])
        #expect(written.outcome.deadLetters.map(\.table) == [Atlas.location, Atlas.person])
        #expect(written.totals.fallbacks == 2)
        #expect(written.totals.deadLetters == 2)
        #expect(written.totals.entries == 20)
    }

    @Test func `a child whose parent is refused is refused with it`() async throws {
        let written = try await Written([
            Atlas.createPerson(1, name: Atlas.badName), Atlas.createLocation(1, of: 1), Atlas.createPerson(2),
            Atlas.createLocation(2, of: 2),
        ])
        #expect(written.outcome.deadLetters.map(\.entry) == [0, 1])
        #expect(written.outcome.deadLetters.map(\.error) == ["22P02", "23503"])
        #expect(await written.rows(of: Atlas.location).count == 1)
    }

    @Test func `a delete that cascades is tried behind a commit before it is a dead letter`() async throws {
        func person(_ id: CommandValue) -> String { CommandText.create("s.person", ["id": id, "email": .null]) }
        func delete(_ id: CommandValue) -> String { CommandText.delete("s.person", where: ["id": id]) }
        let ride = CommandText.create("s.ride", ["id": "r", "person": 1])
        let entries = [person(1), ride, delete(1), person(2), person(3), delete(2)]
        let written = try await Written(entries, into: MemoryDatabase(World.definitions), keepsCheckpoint: true)
        #expect(written.outcome.deadLetters.map(\.entry) == [2])
        #expect(written.outcome.deadLetters.map(\.error) == ["23503"])
        #expect(written.outcome.settled == Array(0..<6))
        #expect(await written.rows(of: World.person).map { $0[0] } == ["1", "3"])
        // What stands before it, itself, and what stands behind it.
        #expect(await written.sink.commits == 3)
        #expect(await written.sink.checkpoints["stream"]?.lastID == StreamID(milliseconds: 1, sequence: 5))
        #expect(await written.sink.checkpoints["stream"]?.entriesRead == 6)
        #expect(written.totals.deadLetters == 1)
    }

    @Test(arguments: [1, 40])
    func `what the database refuses before it sees a row costs no statement for each row`(chunk: Int) async throws {
        let entries = (0..<400).map { CommandText.create("atlas_app.person", ["id": .text("\($0)"), "shoe": 43]) }
        let rules = DrainRules(
            batching: BatchRule(batchSize: 10, chunkSize: 400 / chunk),
            breakerPercent: 0
        )
        let written = try await Written(entries + [Atlas.createPerson(1)], rules: rules)
        #expect(written.outcome.deadLetters.count == 400)
        #expect(written.outcome.deadLetters.allSatisfy { $0.error == "42703" })
        #expect(written.totals.statements <= 5)
        #expect(await written.rows(of: Atlas.person).count == 1)
    }

    @Test func `a table that is not there costs no statement for each row`() async throws {
        let entries = (0..<400).map { CommandText.create("atlas_app.absent", ["id": .number($0)]) }
        let rules = DrainRules(batching: BatchRule(), breakerPercent: 0)
        let written = try await Written(entries + [Atlas.createPerson(1)], rules: rules)
        #expect(written.outcome.deadLetters.count == 400)
        #expect(written.outcome.deadLetters.allSatisfy { $0.error == "42P01" })
        #expect(written.totals.statements <= 3)
        #expect(written.totals.rows == 1)
    }

    @Test func `a refused command of the sequential path is no fallback`() async throws {
        let entries = (0..<5).map { Atlas.createPerson($0, name: $0 == 2 ? Atlas.badName : "John", forced: $0 == 2) }
        let written = try await Written(entries)
        #expect(written.totals.fallbacks == 0)
        #expect(written.totals.sequential == 5)
        // The refused one was the first, and again the first of the careful try.
        #expect(written.totals.statements == 6)
        #expect(written.outcome.deadLetters.map(\.entry) == [2])
    }

    @Test func `a plan made with facts that no longer hold is made anew`() async throws {
        let facts = TableDefinition.ForeignKey(["phone"], Atlas.leg, ["id"])
        let sink = MemorySink(Atlas.database)
        var writer = WindowWriter(sink)
        _ = try await writer.write(Window((0..<10).map { Atlas.createPerson($0) }))
        let columns = ["id", "name", "phone", "email", "created_at"].map { TableDefinition.Column($0) }
        let changed = TableDefinition(Atlas.person, columns, primaryKey: ["id"], foreignKeys: [facts])
        await sink.define(changed)
        let leg = CommandText.create(Atlas.leg.description, ["id": "98450"])
        let outcome = try await writer.write(Window([leg] + (0..<10).map { Atlas.createPerson($0) }))
        #expect(outcome.deadLetters.isEmpty)
        #expect(await sink.database.rows(of: Atlas.person).count == 10)
    }
}
