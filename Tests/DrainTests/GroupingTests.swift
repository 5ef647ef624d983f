import Drain
import Entries
import TestSupport
import Testing

/// Which entries share a statement.
@Suite struct GroupingTests {
    @Test(arguments: [(15, 10, 1), (5, 10, 5), (9, 10, 9), (10, 10, 1), (11, 10, 1), (1, 1, 1), (1, 2, 1), (0, 10, 0)])
    func `a signature is written in bulk from the threshold on`(count: Int, size: Int, statements: Int) async throws {
        let written = try await Written((0..<count).map { Atlas.createPerson($0) }, rules: DrainRules(batchSize: size))
        let isBulk = count >= size
        #expect(written.totals.statements == statements)
        #expect(written.totals.bulkStatements == (isBulk && count > 0 ? 1 : 0))
        #expect(written.totals.sequential == (isBulk ? 0 : count))
        #expect(written.totals.rows == count)
        #expect(written.totals.entries == count)
    }

    @Test(arguments: [(500, 50, 10), (501, 50, 11), (49, 50, 1), (50, 50, 1), (12, 1, 12)])
    func `a batch is cut into chunks`(count: Int, chunk: Int, statements: Int) async throws {
        let rules = DrainRules(batchSize: 10, chunkSize: chunk)
        let written = try await Written((0..<count).map { Atlas.createPerson($0) }, rules: rules)
        #expect(written.totals.statements == statements)
        #expect(written.bulkSizes.allSatisfy { $0 <= chunk })
        #expect(written.sent.flatMap(\.commands) == Array(0..<count))
    }

    @Test func `thirty rows of three columns and twenty with a fourth are two batches`() async throws {
        var entries: [String] = []
        for number in 0..<50 {
            entries.append(number % 5 < 3 ? Atlas.createPerson(number) : Atlas.createPersonWithEmail(number))
        }
        let written = try await Written(entries)
        #expect(written.bulkSizes.sorted() == [20, 30])
        #expect(written.totals.statements == 2)
    }

    @Test func `forty plain entries and ten forced ones are one batch and ten single statements`() async throws {
        let entries = (0..<50).map { Atlas.createPerson($0, forced: $0 % 5 == 4) }
        let written = try await Written(entries)
        #expect(written.bulkSizes == [40])
        #expect(written.singles == 10)
        #expect(written.totals.sequential == 10)
        // Urgent ones do not wait for the batch.
        #expect(written.sent.prefix(10).allSatisfy { $0.form == .single })
        #expect(written.sent.prefix(10).flatMap(\.commands) == (0..<10).map { $0 * 5 + 4 })
    }

    @Test func `three persons, two locations and a forced leg are four statements for six entries`() async throws {
        let entries = [
            Atlas.createPerson(1), Atlas.createLocation(1), Atlas.createPerson(2), Atlas.createLeg(1),
            Atlas.createPerson(3), Atlas.createLocation(2),
        ]
        let written = try await Written(entries, rules: DrainRules(batchSize: 3))
        #expect(written.totals.statements == 4)
        #expect(written.totals.bulkStatements == 1)
        #expect(written.totals.sequential == 3)
        #expect(written.totals.rows == 6)
    }

    @Test func `the order of columns in an entry does not matter`() async throws {
        let entries = (0..<10).map { number in
            let id = CommandValue.text("p-\(number)")
            return number % 2 == 0
                ? CommandText.create("atlas_app.person", ["id": id, "name": "a", "phone": "1"])
                : CommandText.create("atlas_app.person", ["phone": "1", "id": id, "name": "a"])
        }
        let written = try await Written(entries)
        #expect(written.bulkSizes == [10])
        let window = Window(entries)
        #expect(window.signatures.map(\.columns) == [["id", "name", "phone"]])
    }

    @Test func `one more column makes another signature`() async throws {
        let entries = (0..<9).map { Atlas.createPerson($0) } + [Atlas.createPersonWithEmail(9)]
        let written = try await Written(entries)
        #expect(written.totals.bulkStatements == 0)
        #expect(written.totals.sequential == 10)
    }

    @Test func `of twenty five entries with a bad one twenty four are written`() async throws {
        let entries = (1...25).map { Atlas.createPerson($0, name: $0 == 15 ? Atlas.badName : "John") }
        let written = try await Written(entries)
        #expect(written.totals.rows == 24)
        #expect(written.outcome.settled.count == 25)
        #expect(written.outcome.deadLetters.map(\.entry) == [14])
        #expect(written.outcome.deadLetters.map(\.error) == ["22P02"])
        #expect(written.outcome.deadLetters.map(\.table) == [Atlas.person])
        #expect(written.totals.fallbacks == 1)
        #expect(written.totals.sequential == 0)
        #expect(await written.rows(of: Atlas.person).count == 24)
    }

    @Test func `ten thousand mixed operations take about four hundred bulk statements and the forced ones`()
        async throws
    {
        let pattern = Array("PPLPPJPLPPLPJPLPPJLP")
        let entries = (0..<10_000).map { number in
            switch pattern[number % pattern.count] {
            case "P": Atlas.createPerson(number)
            case "L": Atlas.createLocation(number)
            default: Atlas.createLeg(number)
            }
        }
        let source = MemorySource(entries, windowSize: 50)
        let sink = MemorySink(Atlas.database)
        let totals = RunTotals()
        try await DrainWorker(source: source, writer: WindowWriter(sink), totals: totals, logger: .silent).run()
        #expect(totals.current.entries == 10_000)
        #expect(totals.current.rows == 10_000)
        #expect(totals.current.bulkStatements == 400)
        #expect(totals.current.sequential == 1_500)
        #expect(totals.current.statements == 1_900)
    }

    @Test func `updates and deletes share statements by the same rule`() async throws {
        var entries = (0..<12).map { Atlas.createPerson($0) }
        entries += (0..<12).map { Atlas.updatePerson($0, name: "Jane \($0)") }
        entries += (2..<12).map { Atlas.deletePerson($0) }
        let written = try await Written(entries)
        #expect(written.bulkSizes == [12, 12, 10])
        #expect(await written.rows(of: Atlas.person).map { $0[1] } == ["Jane 0", "Jane 1"])
        let few = try await Written((0..<9).map { Atlas.updatePerson($0) } + (0..<9).map { Atlas.deletePerson($0) })
        #expect(few.totals.sequential == 18)
        #expect(few.totals.unmatched == 18)
    }

    @Test func `a signature is counted before conflicts divide it`() async throws {
        let entries = [Atlas.createPerson(1)] + (0..<10).map { Atlas.updatePerson(1, name: "name \($0)") }
        let written = try await Written(entries)
        #expect(written.bulkSizes == Array(repeating: 1, count: 10))
        #expect(written.totals.sequential == 1)
        #expect(await written.rows(of: Atlas.person).map { $0[1] } == ["name 9"])
    }

    @Test func `forced entries do not count for the threshold`() async throws {
        let written = try await Written((0..<12).map { Atlas.createPerson($0, forced: $0 < 3) })
        #expect(written.totals.bulkStatements == 0)
        #expect(written.totals.sequential == 12)
    }

    @Test func `a where that is more than equality never shares a statement`() async throws {
        let entries = (0..<12).map {
            #"{"op":"update","table":"atlas_app.person","set":{"phone":"\#($0)"},"where":{"id":{"$gt":"p-\#($0)"}}}"#
        }
        let written = try await Written(entries)
        #expect(written.totals.bulkStatements == 0)
        #expect(written.totals.sequential == 12)
    }

    @Test func `with batching off every command goes alone`() async throws {
        let rules = DrainRules(batching: BatchRule(isEnabled: false))
        let written = try await Written((0..<20).map { Atlas.createPerson($0) }, rules: rules)
        #expect(written.totals.statements == 20)
        #expect(written.totals.sequential == 20)
    }

    @Test func `a table's own rule beats the general one`() async throws {
        let rules = DrainRules(
            batching: BatchRule(batchSize: 50),
            tables: [Atlas.person: BatchRule(batchSize: 4, chunkSize: 2)]
        )
        let entries = (0..<4).map { Atlas.createPerson($0) } + (0..<4).map { Atlas.createLocation($0) }
        let written = try await Written(entries, rules: rules)
        #expect(written.bulkSizes == [2, 2])
        #expect(written.totals.sequential == 4)
    }

    @Test func `creates that meet a key and changes that meet no row are counted`() async throws {
        var entries = (0..<10).map { Atlas.createPerson($0) } + (5..<15).map { Atlas.createPerson($0) }
        entries += (10..<20).map { Atlas.updatePerson($0) } + (18..<28).map { Atlas.deletePerson($0) }
        let written = try await Written(entries)
        #expect(written.totals.unmatched == 5 + 5 + 10)
        #expect(written.totals.rows == 15 + 5)
    }

    /// A ride service's minute: 60 % persons, 25 % locations, 15 % legs, of which some are forced; updates of a few hot
    /// rows and now and then a delete among the creates.
    @Test func hotUpdatesLeaveAlmostEverythingInBulk() async throws {
        var generator = SeededGenerator(seed: 7)
        var (unforced, bulk) = (0, 0)
        for window in 0..<10 {
            let entries = (0..<1000).map { place -> String in
                let number = window * 1000 + place
                switch Int.random(in: 0..<100, using: &generator) {
                case 0..<20: return Atlas.updatePerson(Int.random(in: 0..<20, using: &generator), name: "J\(number)")
                case 20..<21: return Atlas.deletePerson(number - 1)
                case 21..<60: return Atlas.createPerson(number)
                case 60..<85: return Atlas.createLocation(number)
                default:
                    let isForced = generator.chance(50)
                    unforced -= isForced ? 1 : 0
                    return Atlas.createLeg(number, forced: isForced)
                }
            }
            unforced += entries.count
            let written = try await Written(entries)
            #expect(written.totals.deadLetters == 0)
            bulk += written.bulkSizes.reduce(0, +)
        }
        #expect(Double(bulk) / Double(unforced) >= 0.95, "\(bulk) of \(unforced)")
    }
}
