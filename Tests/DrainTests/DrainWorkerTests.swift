import Drain
import Entries
import Synchronization
import TestSupport
import Testing

/// The loop between a source and a sink.
@Suite(.timeLimit(.minutes(1))) struct DrainWorkerTests {
    private static let broken = #"{"op":"create""#

    private let journal = Journal()
    private let totals = RunTotals()

    private func run(_ source: MemorySource, _ sink: MemorySink, rules: DrainRules = DrainRules()) async throws {
        let writer = WindowWriter(sink, rules: rules)
        try await DrainWorker(source: source, writer: writer, totals: totals, logger: .silent).run()
    }

    @Test func `windows are settled in order, each after its commit`() async throws {
        let source = MemorySource((0..<25).map { Atlas.createPerson($0) }, windowSize: 10, journal: journal)
        let sink = MemorySink(Atlas.database, journal: journal)
        try await run(source, sink)
        #expect(await source.settled == 25)
        let events = journal.entries.filter { !$0.hasPrefix("next") }
        #expect(
            events == [
                "begin", "commit", "settle 0..<10", "begin", "commit", "settle 10..<20", "begin", "commit",
                "settle 20..<25",
            ]
        )
        #expect(totals.current.entries == 25)
        #expect(await sink.database.rows(of: Atlas.person).count == 25)
    }

    @Test func `the next window is read while one is written, and no further one`() async throws {
        let source = MemorySource((0..<6).map { Atlas.createPerson($0) }, windowSize: 1, journal: journal)
        let committing = Mutex(0)
        // Hangs where nothing is read ahead.
        let sink = MemorySink(Atlas.database, journal: journal) {
            let window = committing.withLock { number in
                number += 1
                return number
            }
            await source.handedOut(min(window + 1, 6))
        }
        try await run(source, sink)
        var ahead = 0
        for event in journal.entries {
            if event.hasPrefix("next") { ahead += 1 }
            if event.hasPrefix("settle") { ahead -= 1 }
            #expect(ahead <= 2)
        }
        #expect(await source.settled == 6)
    }

    @Test func `an empty source ends the run`() async throws {
        let sink = MemorySink(Atlas.database)
        try await run(MemorySource([], windowSize: 10), sink)
        #expect(await sink.begins == 0)
        #expect(totals.current == Totals())
    }

    @Test func `a halt drops what was read ahead`() async throws {
        let entries = (0..<5).map { Atlas.createPerson($0) } + [Self.broken] + (6..<20).map { Atlas.createPerson($0) }
        let source = MemorySource(entries, windowSize: 10, journal: journal)
        let sink = MemorySink(Atlas.database, journal: journal)
        try await run(source, sink)
        #expect(await source.settled == 5)
        #expect(await source.halts.count == 1)
        #expect(await sink.database.rows(of: Atlas.person).count == 5)
        #expect(journal.entries.filter { !$0.hasPrefix("next") } == ["begin", "commit", "settle 0..<5", "halt"])
        #expect(totals.current.entries == 5)
    }

    @Test func `what a halt dropped is written in order once the fleet goes on`() async throws {
        let entries =
            (0..<105).map { Atlas.createPerson($0, name: $0 < 60 ? Atlas.badName : "John") }
            + (0..<105).map { Atlas.updatePerson($0, name: "later") }
        let source = MemorySource(entries, windowSize: 105, goesOnAfterHalt: true, journal: journal)
        let sink = MemorySink(Atlas.database, journal: journal)
        // The operator has looked and lets the rows go.
        let journal = journal
        let writer = WindowWriter(
            sink: sink,
            configuration: .init(refusalGrace: .zero),
            rules: { _ in journal.entries.contains("halt") ? DrainRules(breakerPercent: 0) : DrainRules() },
            health: SinkHealth(),
            logger: .silent,
            clock: TestClock()
        )
        try await DrainWorker(source: source, writer: writer, totals: totals, logger: .silent).run()
        #expect(await source.halts.map(\.description).first?.hasPrefix("breaker: 60 of the last 105") == true)
        #expect(await source.settled == 210)
        #expect(await source.deadLetters.keys.sorted() == Array(0..<60))
        let names = await sink.database.rows(of: Atlas.person).map { $0[1] }
        #expect(names == Array(repeating: "later", count: 45))
        #expect(totals.current.unmatched == 60)
    }

    @Test func `nothing is settled where nothing could be written`() async throws {
        let source = MemorySource([Self.broken, Atlas.createPerson(1)], windowSize: 10, journal: journal)
        try await run(source, MemorySink(Atlas.database, journal: journal))
        #expect(!journal.entries.contains { $0.hasPrefix("settle") })
        #expect(await source.halts.count == 1)
    }

    @Test func `dead letters are settled with their window`() async throws {
        let entries = (0..<30).map { Atlas.createPerson($0, name: $0 % 10 == 3 ? Atlas.badName : "John") }
        let source = MemorySource(entries, windowSize: 15)
        try await run(source, MemorySink(Atlas.database))
        #expect(await source.settled == 30)
        #expect(await source.deadLetters.mapValues(\.error) == [3: "22P02", 13: "22P02", 23: "22P02"])
        #expect(totals.current.deadLetters == 3)
        #expect(totals.current.entries == 30)
        #expect(totals.current.rows == 27)
    }

    @Test func `a cancelled run settles nothing that is not committed`() async throws {
        let source = MemorySource((0..<3).map { Atlas.createPerson($0) }, windowSize: 3, journal: journal)
        let sink = MemorySink(Atlas.database, journal: journal)
        await sink.failCommit(
            .unavailable(Unavailability(kind: .transient, isConnection: true, message: "server closed the connection"))
        )
        let totals = totals
        let task = Task {
            let clock = TestClock { _ in withUnsafeCurrentTask { $0?.cancel() } }
            let writer = WindowWriter(sink, clock: clock)
            try await DrainWorker(source: source, writer: writer, totals: totals, logger: .silent).run()
        }
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(await source.settled == 0)
        #expect(totals.current.entries == 0)
    }
}
