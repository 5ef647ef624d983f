import Entries
import TestSupport
import Testing

@testable import Drain

/// What is planned of a window while those ahead of it are written holds when its turn comes, or is planned again.
@Suite struct DraftTests {
    private let sink = MemorySink(Atlas.database)
    private let rules = SwitchedRules(DrainRules())
    private let writer: WindowWriter<MemorySink>

    init() {
        writer = WindowWriter(
            sink: sink,
            configuration: .init(refusalGrace: .zero),
            rules: { [rules] _ in rules.current },
            health: SinkHealth(),
            logger: .silent,
            clock: TestClock()
        )
    }

    private func window(_ numbers: Range<Int>, broken: Int? = nil) -> Window {
        Window(
            numbers.map { $0 == broken ? #"{"op":"create""# : Atlas.createPerson($0) },
            firstSequence: numbers.lowerBound
        )
    }

    @Test func `a table that was written to is not planned again`() async throws {
        var writer = writer
        #expect(await writer.draft(of: window(0..<20)).facts == nil)
        _ = try await writer.write(window(0..<20))
        let draft = await writer.draft(of: window(20..<40))
        #expect(draft.facts?.keys.sorted() == [Atlas.person])
        #expect(try await writer.write(draft).totals.bulkStatements == 1)
        #expect(await sink.database.rows(of: Atlas.person).count == 40)
    }

    @Test func `rules that have changed since count`() async throws {
        var writer = writer
        _ = try await writer.write(window(0..<20))
        let draft = await writer.draft(of: window(20..<40))
        rules.set(DrainRules().forced)
        let totals = try await writer.write(draft).totals
        #expect(totals.sequential == 20)
        #expect(totals.bulkStatements == 0)
    }

    @Test func `a table that has changed since is planned by what it is`() async throws {
        var writer = writer
        _ = try await writer.write(window(0..<60))
        let draft = await writer.draft(of: window(60..<120))
        let columns = ["id", "name", "phone", "email", "created_at"].map { TableDefinition.Column($0) }
        await sink.define(TableDefinition(Atlas.person, columns, primaryKey: ["id"], uncopiedColumns: ["name"]))
        // As whoever finds a table changed: it is read afresh.
        _ = try await sink.facts(of: [Atlas.person], fresh: true)
        _ = try await writer.write(draft)
        #expect(await sink.sent.map(\.form) == [.copy, .bulk])
    }

    @Test func `nothing behind an entry that cannot be read is written`() async throws {
        var writer = writer
        _ = try await writer.write(window(0..<20))
        let draft = await writer.draft(of: window(20..<40, broken: 35))
        let outcome = try await writer.write(draft)
        #expect(outcome.settled == Array(0..<15))
        #expect(outcome.halt != nil)
        #expect(await sink.database.rows(of: Atlas.person).count == 35)
    }

    @Test(arguments: [0, 19, 30, 39])
    func `what has taken effect by then is not written`(last: Int) async throws {
        var writer = writer
        _ = try await writer.write(window(0..<20))
        let draft = await writer.draft(of: window(20..<40))
        let id = draft.window.entries[0].id
        let reached = StreamID(milliseconds: id.milliseconds, sequence: UInt64(last))
        _ = try await sink.take(
            StreamClaim(
                stream: draft.window.stream,
                source: "a",
                group: "g",
                start: Checkpoint(lastID: reached, ahead: [draft.window.entries[15].id])
            )
        )
        let outcome = try await writer.write(draft)
        let written = (20..<40).count { $0 > last && $0 != 35 }
        #expect(outcome.settled.count == 20)
        #expect(outcome.totals.rows == written)
        #expect(outcome.totals.duplicatesSkipped == 20 - written)
        #expect(await sink.database.rows(of: Atlas.person).count == 20 + written)
    }
}
