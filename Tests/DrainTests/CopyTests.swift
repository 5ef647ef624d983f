import Drain
import Entries
import TestSupport
import Testing

/// Which creates are copied, and what becomes of them when a copy is refused.
@Suite struct CopyTests {
    private static let rules = DrainRules.batching(copySize: 10)

    private static func persons(_ numbers: some Sequence<Int>, bad: Set<Int> = []) -> [String] {
        numbers.map { Atlas.createPerson($0, name: bad.contains($0) ? Atlas.badName : "John") }
    }

    private static func forms(_ sent: some Sequence<MemorySink.Sent>) -> [Statement.Form] { sent.map(\.form) }

    @Test(arguments: [(9, 10, 1000), (10, 10, 1000), (25, 10, 10), (25, 0, 1000), (25, 10, 9)])
    func `creates are copied from a size on`(count: Int, size: Int, chunk: Int) async throws {
        let batching = BatchRule(batchSize: 1, chunkSize: chunk, copySize: size)
        let written = try await Written(Self.persons(0..<count), rules: DrainRules(batching: batching))
        let sizes = stride(from: 0, to: count, by: chunk).map { min(chunk, count - $0) }
        #expect(written.sent.map(\.commands.count) == sizes)
        #expect(Self.forms(written.sent) == sizes.map { size > 0 && $0 >= size ? .copy : .bulk })
        #expect(written.totals.statements == sizes.count && written.totals.bulkStatements == sizes.count)
        #expect(written.totals.rows == count)
    }

    @Test func `updates and deletes are not`() async throws {
        let entries = (0..<20).map { Atlas.updatePerson($0) } + (0..<20).map { Atlas.deletePerson($0) }
        let written = try await Written(entries, rules: Self.rules)
        #expect(Self.forms(written.sent) == [.bulk, .bulk])
    }

    @Test func `creates that name a column which a copy reads otherwise are not`() async throws {
        var database = Atlas.database
        database.define(
            TableDefinition(
                Atlas.person,
                ["id", "name", "phone"].map { TableDefinition.Column($0) },
                primaryKey: ["id"],
                uncopiedColumns: ["phone"]
            )
        )
        let named = try await Written(Self.persons(0..<20), into: database, rules: Self.rules)
        #expect(Self.forms(named.sent) == [.bulk])
        let others = (0..<20).map { CommandText.create(Atlas.person.description, ["id": .text("\($0)")]) }
        let unnamed = try await Written(others, into: database, rules: Self.rules)
        #expect(Self.forms(unnamed.sent) == [.copy])
    }

    // MARK: A key that exists

    @Test func `a key that exists sends the whole window by INSERT, with no savepoint and nothing read afresh`()
        async throws
    {
        let sink = MemorySink(Atlas.database)
        var writer = WindowWriter(sink, rules: Self.rules)
        _ = try await writer.write(Window(Self.persons([7])))
        let legs = (0..<20).map { Atlas.createLeg($0, forced: false) }
        let outcome = try await writer.write(Window(legs + Self.persons(0..<20)))
        #expect(outcome.totals.rows == 39 && outcome.totals.unmatched == 1)
        #expect(outcome.totals.statements == 4 && outcome.totals.bulkStatements == 2)
        #expect(outcome.totals.fallbacks == 1)
        #expect(outcome.deadLetters.isEmpty)
        let sent = await sink.sent.dropFirst()
        #expect(Self.forms(sent) == [.copy, .copy, .bulk, .bulk])
        #expect(sent.allSatisfy { !$0.isGuarded })
        #expect(await sink.factReads.fresh == 0)
    }

    @Test func `two creates of one key in a window are no bad row either`() async throws {
        let written = try await Written(Self.persons(Array(0..<20) + [3]), rules: Self.rules)
        #expect(written.totals.rows == 20 && written.totals.unmatched == 1)
        #expect(written.outcome.deadLetters.isEmpty)
    }

    @Test func `a table that meets keys again and again leaves the road for longer each time, and comes back`()
        async throws
    {
        let sink = MemorySink(Atlas.database)
        var writer = WindowWriter(sink, rules: Self.rules)
        var next = 0
        func window(meetingKey: Bool) async throws -> [Statement.Form] {
            let before = await sink.sent.count
            let new = next..<(next + 20)
            next += 20
            _ = try await writer.write(Window(Self.persons(meetingKey ? [0] + new.dropFirst() : Array(new))))
            return Self.forms(await sink.sent.dropFirst(before))
        }
        #expect(try await window(meetingKey: false) == [.copy])
        #expect(try await window(meetingKey: true) == [.copy, .bulk])
        // Away for a window that meets none.
        #expect(try await window(meetingKey: true) == [.bulk])
        #expect(try await window(meetingKey: false) == [.bulk])
        #expect(try await window(meetingKey: true) == [.copy, .bulk])
        // Then for two.
        #expect(try await window(meetingKey: false) == [.bulk])
        #expect(try await window(meetingKey: false) == [.bulk])
        #expect(try await window(meetingKey: false) == [.copy])
        #expect(try await window(meetingKey: true) == [.copy, .bulk])
        // What stood in between counts for something.
        #expect(try await window(meetingKey: false) == [.bulk])
    }

    // MARK: Bad rows

    @Test func `a row that the database names is tried alone between copies of the others`() async throws {
        let written = try await Written(Self.persons(0..<100, bad: [30]), rules: Self.rules)
        #expect(written.outcome.deadLetters.map(\.entry) == [30])
        #expect(Self.forms(written.sent) == [.copy, .copy, .single, .copy])
        #expect(written.sent.map(\.commands) == [Array(0..<100), Array(0..<30), [30], Array(31..<100)])
        #expect(written.totals.fallbacks == 1 && written.totals.bulkStatements == 2)
        #expect(await written.sink.factReads.fresh == 1)
    }

    @Test func `neighbours, the first and the last are found as well`() async throws {
        let written = try await Written(Self.persons(0..<50, bad: [0, 20, 21, 49]), rules: Self.rules)
        #expect(written.outcome.deadLetters.map(\.entry) == [0, 20, 21, 49])
        #expect(written.totals.rows == 46)
        #expect(written.sent.allSatisfy { $0.form != .bulk })
    }

    @Test func `beyond eight, INSERTs are halved`() async throws {
        let eight = try await Written(Self.persons(0..<400, bad: Set((0..<8).map { $0 * 50 })), rules: Self.rules)
        #expect(eight.outcome.deadLetters.count == 8)
        #expect(!Self.forms(eight.sent).contains(.bulk))
        let nine = try await Written(Self.persons(0..<450, bad: Set((0..<9).map { $0 * 50 })), rules: Self.rules)
        #expect(nine.outcome.deadLetters.count == 9)
        #expect(Self.forms(nine.sent).contains(.bulk))
        #expect(nine.totals.rows == 441)
    }

    @Test func `what is refused at a statement's end names no row and is halved`() async throws {
        let entries = (0..<32).map { Atlas.createLocation($0, of: $0 == 5 ? 99 : nil) }
        let written = try await Written(entries, rules: Self.rules)
        #expect(written.outcome.deadLetters.map(\.entry) == [5])
        #expect(written.outcome.deadLetters.map(\.error) == ["23503"])
        #expect(Self.forms(written.sent.prefix(3)) == [.copy, .bulk, .bulk])
    }

    @Test func `a row that is accepted alone was not to blame, and the table is not copied next`() async throws {
        let sink = MemorySink(Atlas.database)
        var writer = WindowWriter(sink, rules: Self.rules)
        let tooLarge = SinkFailure.refused(Refusal(sqlState: "54000", message: "row is too big", row: 11))
        await sink.failStatement(1, tooLarge)
        let outcome = try await writer.write(Window(Self.persons(0..<30)))
        #expect(outcome.deadLetters.isEmpty && outcome.totals.rows == 30)
        let sent = await sink.sent
        #expect(Self.forms(sent) == [.copy, .copy, .single, .bulk])
        #expect(sent.map(\.commands).dropFirst() == [Array(0..<11), [11], Array(12..<30)])
        _ = try await writer.write(Window(Self.persons(30..<50)))
        #expect(await sink.sent.last?.form == .bulk)
    }

    @Test func `a copy that is refused before it takes a row gives way to an INSERT`() async throws {
        let sink = MemorySink(Atlas.database)
        var writer = WindowWriter(sink, rules: Self.rules)
        let secured = SinkFailure.refused(
            Refusal(sqlState: "0A000", message: "COPY FROM not supported", concernsStatement: true)
        )
        await sink.failStatement(1, secured)
        await sink.failStatement(2, secured)
        let outcome = try await writer.write(Window(Self.persons(0..<30)))
        #expect(outcome.deadLetters.isEmpty && outcome.totals.rows == 30)
        #expect(Self.forms(await sink.sent) == [.copy, .copy, .bulk])
    }
}
