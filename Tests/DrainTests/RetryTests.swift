import Drain
import Entries
import TestSupport
import Testing

/// While the world is bad a window is tried again, and no row is blamed.
@Suite struct RetryTests {
    private static let deadlock = SinkFailure.unavailable(
        Unavailability(kind: .transient, isConnection: false, sqlState: "40P01", message: "deadlock detected")
    )
    private static let cut = SinkFailure.unavailable(
        Unavailability(kind: .transient, isConnection: true, sqlState: "08006", message: "server closed the connection")
    )
    private static let denied = SinkFailure.unavailable(
        Unavailability(kind: .lasting, isConnection: false, sqlState: "42501", message: "permission denied")
    )

    private let sink = MemorySink(Atlas.database)
    private let clock = TestClock()
    private let health = SinkHealth()

    private func write(_ entries: [String], attempts: Int = 3) async throws -> WindowWriter<MemorySink>.Outcome {
        var writer = WindowWriter(sink, attempts: attempts, clock: clock, health: health)
        return try await writer.write(Window(entries))
    }

    @Test(arguments: [1, 2, 3])
    func `a statement that meets a deadlock or a cut connection is tried again with its window`(number: Int)
        async throws
    {
        let entries = (0..<3).map { Atlas.createPerson($0) }
        await sink.failStatement(number, number == 2 ? Self.cut : Self.deadlock)
        let outcome = try await write(entries)
        #expect(outcome.deadLetters.isEmpty)
        #expect(outcome.settled.count == 3)
        #expect(outcome.totals.rows == 3)
        #expect(outcome.totals.sequential == 3)
        // Those that were sent in vain too.
        #expect(outcome.totals.statements == 3 + number)
        #expect(clock.sleeps.count == 1)
        #expect(await sink.database.rows(of: Atlas.person).count == 3)
        #expect(await sink.misuses == [])
    }

    @Test func `a commit that fails is tried again with its window`() async throws {
        await sink.failCommit(Self.cut, Self.deadlock)
        let outcome = try await write((0..<12).map { Atlas.createPerson($0) })
        #expect(outcome.totals.rows == 12)
        #expect(outcome.totals.statements == 3)
        #expect(outcome.totals.bulkStatements == 1)
        #expect(await sink.commits == 1)
        #expect(await sink.database.rows(of: Atlas.person).count == 12)
    }

    @Test func `a table that changed before the commit has its window planned again at once`() async throws {
        await sink.failCommit(.stale, .stale)
        let outcome = try await write((0..<12).map { Atlas.createPerson($0) })
        #expect(outcome.totals.rows == 12 && outcome.deadLetters.isEmpty)
        #expect(clock.sleeps.isEmpty && health.outage == nil)
        #expect(await sink.commits == 1)
        #expect(await sink.factReads.all == 3)
        #expect(await sink.misuses == [])
    }

    @Test func `a refusal of the commit blames no row`() async throws {
        await sink.failCommit(.refused(Refusal(sqlState: "23503", message: "a deferred constraint")))
        let outcome = try await write([Atlas.createPerson(1)])
        #expect(outcome.deadLetters.isEmpty)
        #expect(health.outage == nil)
        #expect(clock.sleeps.count == 1)
    }

    @Test func `a database that cannot be reached is waited for`() async throws {
        let failures = Array(repeating: Self.cut, count: 40)
        for failure in failures { await sink.failBegin(failure) }
        let outcome = try await write([Atlas.createPerson(1)])
        #expect(outcome.settled.count == 1)
        #expect(outcome.deadLetters.isEmpty)
        #expect(outcome.totals.statements == 1)
        #expect(clock.sleeps.count == 40)
        #expect(clock.sleeps.dropFirst(2).allSatisfy { $0 <= .seconds(2) })
    }

    @Test func `an outage in the middle of isolating bad rows takes no row with it`() async throws {
        let entries = (0..<20).map { Atlas.createPerson($0, name: $0 == 7 ? Atlas.badName : "John") }
        await sink.failStatement(3, Self.deadlock)
        let outcome = try await write(entries)
        #expect(outcome.deadLetters.map(\.entry) == [7])
        #expect(outcome.totals.rows == 19)
        // Only of the try that stood.
        #expect(outcome.totals.fallbacks == 1)
        #expect(outcome.totals.statements == (await sink.sent.count))
    }

    @Test func `a failure is an outage once it has been tried enough, and over with the commit`() async throws {
        let health = health
        let clock = TestClock { [sink] _ in
            let tries = await sink.begins
            #expect((health.outage != nil) == (tries >= 3))
        }
        for _ in 0..<5 { await sink.failBegin(Self.cut) }
        var writer = WindowWriter(sink, attempts: 3, clock: clock, health: health)
        _ = try await writer.write(Window([Atlas.createPerson(1)]))
        #expect(clock.sleeps.count == 5)
        #expect(health.outage == nil)
    }

    @Test func `a missing permission is an outage at once`() async throws {
        let health = health
        let clock = TestClock { _ in #expect(health.outage?.sqlState == "42501") }
        await sink.failStatement(1, Self.denied)
        var writer = WindowWriter(sink, clock: clock, health: health)
        let outcome = try await writer.write(Window([Atlas.createPerson(1)]))
        #expect(outcome.deadLetters.isEmpty)
        #expect(clock.sleeps.count == 1)
    }

    @Test func `a writer that is cancelled while it waits has written nothing`() async throws {
        await sink.failBegin(Self.cut, Self.cut)
        let sink = sink
        let task = Task {
            let clock = TestClock { _ in withUnsafeCurrentTask { $0?.cancel() } }
            var writer = WindowWriter(sink, clock: clock)
            return try await writer.write(Window([Atlas.createPerson(1)])).settled.count
        }
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(await sink.begins == 1)
        #expect(await sink.commits == 0)
    }

    // MARK: The schedule

    @Test func `waits double until they are an outage`() {
        var schedule = RetrySchedule(attempts: 4, delay: .seconds(1))
        let deadlock = Unavailability(kind: .transient, isConnection: false, message: "")
        let quick = (0..<3).map { _ in schedule.wait(after: deadlock, jitter: 1) }
        #expect(quick == [.seconds(1), .seconds(2), .seconds(4)])
        #expect(!schedule.isOutage)
        let last = schedule.wait(after: deadlock, jitter: 1)
        #expect(last == .seconds(8))
        #expect(schedule.isOutage)
    }

    @Test(arguments: [(true, 2), (false, 30)], [0.0, 0.5, 1.0])
    func `no wait of an outage is longer than its bound, and none is nothing`(
        bound: (isConnection: Bool, seconds: Int),
        jitter: Double
    ) {
        for delay in [Duration.zero, .milliseconds(1), .seconds(1), .seconds(3600)] {
            var schedule = RetrySchedule(attempts: 3, delay: delay)
            let failure = Unavailability(kind: .lasting, isConnection: bound.isConnection, message: "")
            for _ in 0..<100 {
                let wait = schedule.wait(after: failure, jitter: jitter)
                #expect(wait >= .milliseconds(50))
                #expect(wait <= .seconds(bound.seconds))
            }
        }
    }

    @Test func `the same is said once a minute`() {
        var complaint = Complaint()
        let start = ContinuousClock.now
        let said = [0, 59, 60, 61, 120].map { complaint.isDue(now: start + .seconds($0)) }
        #expect(said == [true, false, true, false, true])
    }
}
