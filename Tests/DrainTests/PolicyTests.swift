import Drain
import Entries
import TestSupport
import Testing

/// What is done about entries that can never be written.
@Suite struct PolicyTests {
    private static let broken = #"{"op":"create""#

    // MARK: Parse failures

    @Test func `a parse failure stops the fleet, what came before it is written and the rest stays`() async throws {
        let entries = (0..<12).map { Atlas.createPerson($0) } + [Self.broken] + [Atlas.createPerson(20)]
        let written = try await Written(entries, keepsCheckpoint: true)
        #expect(written.outcome.settled.count == 12)
        #expect(written.outcome.deadLetters.isEmpty)
        #expect(written.outcome.halt?.description.contains("parse failure at 1-12") == true)
        #expect(await written.rows(of: Atlas.person).count == 12)
        #expect(written.totals.entries == 12)
        #expect(await written.sink.checkpoints["stream"]?.lastID == StreamID(milliseconds: 1, sequence: 11))
    }

    @Test func `only entries before a parse failure count for the threshold`() async throws {
        let entries = (0..<6).map { Atlas.createPerson($0) } + [Self.broken] + (6..<12).map { Atlas.createPerson($0) }
        let written = try await Written(entries)
        #expect(written.totals.bulkStatements == 0)
        #expect(written.totals.sequential == 6)
    }

    @Test func `a parse failure at the start writes nothing`() async throws {
        let written = try await Written([Self.broken, Atlas.createPerson(1, forced: true)])
        #expect(written.outcome.settled.count == 0)
        #expect(written.outcome.halt != nil)
        #expect(await written.sink.begins == 0)
    }

    @Test func `a parse failure becomes a dead letter where the policy says so`() async throws {
        var rules = DrainRules()
        rules.onParseFailure = .deadLetter
        let entries = [Atlas.createPerson(1), Self.broken, Atlas.createPerson(2)]
        let written = try await Written(entries, rules: rules, keepsCheckpoint: true)
        #expect(written.outcome.settled.count == 3)
        #expect(written.outcome.halt == nil)
        #expect(written.outcome.deadLetters.map(\.entry) == [1])
        #expect(written.outcome.deadLetters.map(\.error) == ["parse"])
        #expect(await written.rows(of: Atlas.person).count == 2)
        #expect(await written.sink.checkpoints["stream"]?.lastID == StreamID(milliseconds: 1, sequence: 2))
    }

    @Test func `a window of parse failures alone needs no database`() async throws {
        var rules = DrainRules()
        rules.onParseFailure = .deadLetter
        let written = try await Written([Self.broken, Self.broken], rules: rules)
        #expect(written.outcome.settled.count == 2)
        #expect(written.totals.deadLetters == 2)
        #expect(await written.sink.begins == 0)
    }

    // MARK: Write failures

    @Test func `a refused entry stops the fleet where the policy says so`() async throws {
        var rules = DrainRules()
        rules.onWriteFailure = .stop
        let entries = (0..<30).map { Atlas.createPerson($0, name: $0 == 17 || $0 == 25 ? Atlas.badName : "John") }
        let written = try await Written(entries, rules: rules)
        #expect(written.outcome.settled.count == 17)
        #expect(written.outcome.deadLetters.isEmpty)
        #expect(written.outcome.halt?.description == "22P02 at 1-17 of stream, table atlas_app.person")
        #expect(await written.rows(of: Atlas.person).count == 17)
        #expect(written.totals.rows == 17)
    }

    @Test(.timeLimit(.minutes(1)))
    func `a refused entry behind nothing but parse failures stops the fleet, too`() async throws {
        var rules = DrainRules()
        rules.onWriteFailure = .stop
        rules.onParseFailure = .deadLetter
        let entries = [Self.broken, Atlas.createPerson(1, name: Atlas.badName), Atlas.createPerson(2)]
        let written = try await Written(entries, rules: rules, keepsCheckpoint: true)
        #expect(written.outcome.settled == [0])
        #expect(written.outcome.deadLetters.map(\.error) == ["parse"])
        #expect(written.outcome.halt?.description == "22P02 at 1-1 of stream, table atlas_app.person")
        #expect(await written.rows(of: Atlas.person) == [])
    }

    @Test func `a forced entry behind the stop is not written either`() async throws {
        var rules = DrainRules()
        rules.onWriteFailure = .stop
        let entries = [Atlas.createPerson(0), Atlas.createPerson(1, name: Atlas.badName), Atlas.createLeg(2)]
        let written = try await Written(entries, rules: rules)
        #expect(written.outcome.settled.count == 1)
        #expect(await written.rows(of: Atlas.leg) == [])
    }

    @Test func `a draining by force writes everything alone and sets all that is bad aside`() async throws {
        let rules = DrainRules(
            tables: [Atlas.person: BatchRule(batchSize: 1)],
            onWriteFailure: .stop
        ).forced
        let entries =
            (0..<120).map { Atlas.createPerson($0, name: $0 < 100 ? Atlas.badName : "John") } + [Self.broken]
        let written = try await Written(entries, rules: rules)
        #expect(written.outcome.settled.count == 121)
        #expect(written.outcome.halt == nil)
        #expect(written.outcome.deadLetters.count == 101)
        #expect(written.totals.bulkStatements == 0)
        #expect(written.totals.sequential == 120)
    }

    // MARK: The breaker

    @Test(arguments: [(100, 51, true), (100, 50, false), (99, 99, false), (1000, 501, true), (1000, 500, false)])
    func `the breaker trips above its share of enough entries`(count: Int, bad: Int, isTripped: Bool) async throws {
        let entries = (0..<count).map { Atlas.createPerson($0, name: $0 < bad ? Atlas.badName : "John") }
        let written = try await Written(entries)
        #expect((written.outcome.halt != nil) == isTripped)
        #expect(written.outcome.settled.count == (isTripped ? 0 : count))
        #expect(written.outcome.deadLetters.count == (isTripped ? 0 : bad))
        #expect(await written.rows(of: Atlas.person).count == (isTripped ? 0 : count - bad))
        #expect(written.totals.rows == (isTripped ? 0 : count - bad))
        #expect(written.totals.statements == written.sent.count)
        if let halt = written.outcome.halt {
            let reason = "breaker: \(bad) of the last \(count) entries would be dead letters"
            #expect(halt.description == reason + ", most of them 22P02 in table atlas_app.person")
        }
    }

    @Test func `the breaker at zero is off`() async throws {
        let rules = DrainRules(breakerPercent: 0)
        let written = try await Written((0..<200).map { Atlas.createPerson($0, name: Atlas.badName) }, rules: rules)
        #expect(written.outcome.deadLetters.count == 200)
        #expect(written.outcome.halt == nil)
    }

    @Test func `the breaker looks back over windows and forgets once it has tripped`() async throws {
        let sink = MemorySink(Atlas.database)
        var writer = WindowWriter(sink)
        func window(_ number: Int, bad: Int) -> Window {
            Window((0..<60).map { Atlas.createPerson(number * 60 + $0, name: $0 < bad ? Atlas.badName : "John") })
        }
        #expect(try await writer.write(window(0, bad: 40)).halt == nil)
        #expect(try await writer.write(window(1, bad: 40)).halt != nil)
        // As after a resume: sixty entries are too few to judge.
        #expect(try await writer.write(window(1, bad: 40)).settled.count == 60)
    }

    @Test func `what became a dead letter while the breaker was off is not held against later windows`() async throws {
        let sink = MemorySink(Atlas.database)
        let rules = SwitchedRules(DrainRules().forced)
        var writer = WindowWriter(
            sink: sink,
            configuration: .init(refusalGrace: .zero),
            rules: { _ in rules.current },
            health: SinkHealth(),
            logger: .silent,
            clock: TestClock()
        )
        let bad = Window((0..<200).map { Atlas.createPerson($0, name: Atlas.badName) })
        #expect(try await writer.write(bad).deadLetters.count == 200)
        rules.set(DrainRules())
        #expect(try await writer.write(Window((0..<10).map { Atlas.createPerson($0) })).settled.count == 10)
    }

    @Test func `rules are asked for anew for every window`() async throws {
        let sink = MemorySink(Atlas.database)
        let rules = SwitchedRules(DrainRules(batchSize: 10))
        var writer = WindowWriter(
            sink: sink,
            configuration: .init(refusalGrace: .zero),
            rules: { _ in rules.current },
            health: SinkHealth(),
            logger: .silent,
            clock: TestClock()
        )
        #expect(try await writer.write(Window((0..<5).map { Atlas.createPerson($0) })).totals.sequential == 5)
        rules.set(DrainRules(batchSize: 5))
        #expect(try await writer.write(Window((0..<5).map { Atlas.createPerson($0) })).totals.bulkStatements == 1)
    }

    @Test func `the breaker forgets what lies further back than a thousand entries`() {
        var breaker = Breaker().after(Array(repeating: true, count: 1000))
        #expect(breaker.share == (1000, 1000))
        breaker = breaker.after(Array(repeating: false, count: 500))
        #expect(breaker.share == (500, 1000))
        #expect(!breaker.isTripped(at: 50))
        #expect(breaker.isTripped(at: 49))
        #expect(!breaker.isTripped(at: 0))
    }
}
