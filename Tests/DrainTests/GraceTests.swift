import Drain
import Entries
import TestSupport
import Testing

/// An entry that is refused for what another writer may be about to bring gets some time, once.
@Suite struct GraceTests {
    private static let late = TableName(schema: "atlas_app", name: "late")

    private static let lateTable = TableDefinition(late, [.init("id", .integer)], primaryKey: ["id"])

    private static func createLate(_ number: Int) -> String {
        CommandText.create(late.description, ["id": .number(number)])
    }

    private let sink = MemorySink(Atlas.database)

    private func writer(_ clock: TestClock) -> WindowWriter<MemorySink> {
        WindowWriter(sink, grace: .seconds(5), clock: clock)
    }

    @Test func `what arrives while the window waits makes it whole`() async throws {
        let clock = TestClock { [sink] _ in await sink.define(Self.lateTable) }
        var writer = writer(clock)
        let outcome = try await writer.write(Window((0..<12).map(Self.createLate)))
        #expect(outcome.deadLetters.isEmpty)
        #expect(outcome.totals.rows == 12)
        // Planned with what the catalog says now.
        #expect(outcome.totals.bulkStatements == 1)
        #expect(clock.sleeps == [.seconds(5)])
        #expect(await sink.database.rows(of: Self.late).count == 12)
    }

    @Test func `a parent that another writer brings is waited for`() async throws {
        let clock = TestClock { [sink] _ in
            await sink.changeDatabase { _ = $0.executeOneByOne(Window([Atlas.createPerson(7)])) }
        }
        var writer = writer(clock)
        let outcome = try await writer.write(Window([Atlas.createLocation(1, of: 7)]))
        #expect(outcome.deadLetters.isEmpty)
        #expect(clock.sleeps == [.seconds(5)])
    }

    @Test func `nothing is open in the database while the window waits`() async throws {
        let clock = TestClock { [sink] _ in
            #expect(await sink.rollbacks == 2)
            #expect(await sink.commits == 0)
        }
        var writer = writer(clock)
        _ = try await writer.write(Window([Self.createLate(1), Atlas.createPerson(1)]))
        #expect(await sink.misuses == [])
    }

    @Test func `a window waits once, and a table in vain once a minute`() async throws {
        let clock = TestClock()
        var writer = writer(clock)
        for round in 0..<3 {
            let outcome = try await writer.write(Window([Self.createLate(round), Atlas.createPerson(round)]))
            #expect(outcome.deadLetters.map(\.error) == ["42P01"])
            #expect(outcome.settled.count == 2)
        }
        #expect(clock.sleeps == [.seconds(5)])
        clock.advance(by: .seconds(59))
        _ = try await writer.write(Window([Self.createLate(3)]))
        #expect(clock.sleeps.count == 1)
        clock.advance(by: .seconds(1))
        _ = try await writer.write(Window([Self.createLate(4)]))
        #expect(clock.sleeps.count == 2)
    }

    @Test func `one table's vain wait is not another's`() async throws {
        let clock = TestClock()
        var writer = writer(clock)
        _ = try await writer.write(Window([Self.createLate(1)]))
        _ = try await writer.write(Window([Atlas.createLocation(1, of: 99)]))
        #expect(clock.sleeps.count == 2)
    }

    @Test func `a row that no wait mends is not waited for`() async throws {
        let clock = TestClock()
        var writer = writer(clock)
        let outcome = try await writer.write(Window([Atlas.createPerson(1, name: Atlas.badName)]))
        #expect(outcome.deadLetters.count == 1)
        #expect(clock.sleeps.isEmpty)
    }

    @Test func `a stop on refusal waits too, and stops only then`() async throws {
        let clock = TestClock()
        var writer = WindowWriter(sink, rules: DrainRules(onWriteFailure: .stop), grace: .seconds(5), clock: clock)
        let outcome = try await writer.write(Window([Atlas.createPerson(1), Self.createLate(1)]))
        #expect(clock.sleeps == [.seconds(5)])
        #expect(outcome.settled.count == 1)
        #expect(outcome.halt != nil)
    }
}
