import Drain
import Entries
import TestSupport
import Testing

/// What every `Sink` promises.
@Suite struct SinkConformanceTests {
    private static func item(_ id: CommandValue, note: CommandValue = "x") -> String {
        CommandText.create("item", ["id": id, "size": 1, "note": note])
    }

    /// Three rows, of which the second is refused.
    private static let oneBad = Window([item(1), item("no number"), item(3)])

    private func refusal(_ body: () async throws -> Void) async throws -> Refusal {
        do { try await body() } catch SinkFailure.refused(let refusal) { return refusal }
        throw ServerFailure("nothing was refused")
    }

    /// What `item` holds from the start.
    private func seed(_ subject: SinkSubject, _ ids: Int...) async throws {
        let window = Window(ids.map { Self.item(.number($0), note: "seed") })
        try await subject.sink.begin(window)
        for place in ids.indices {
            _ = try await subject.sink.execute(window.statement(.single, place), of: window, guarded: false)
        }
        try await subject.sink.commit(recording: [], of: window)
    }

    @Test(arguments: SinkKind.allCases)
    func whatIsCommittedIsSeenAndNotBefore(kind: SinkKind) async throws {
        try await SinkSubject.with(kind) { subject in
            let window = Window([Self.item(1), Self.item(2)])
            try await subject.sink.begin(window)
            let effect = try await subject.sink.execute(window.statement(.bulk, 0, 1), of: window, guarded: false)
            #expect(effect == Effect(rows: 2, unmatched: 0))
            #expect(try await subject.rows() == [])
            try await subject.sink.commit(recording: [], of: window)
            #expect(try await subject.rows() == [["1", "1", "x"], ["2", "1", "x"]])
        }
    }

    @Test(arguments: SinkKind.allCases)
    func aRollbackLeavesNothingAndNeedsNoTransaction(kind: SinkKind) async throws {
        try await SinkSubject.with(kind) { subject in
            await subject.sink.rollback()
            let window = Window([Self.item(1)])
            try await subject.sink.begin(window)
            _ = try await subject.sink.execute(window.statement(.single, 0), of: window, guarded: false)
            await subject.sink.rollback()
            await subject.sink.rollback()
            try await seed(subject, 7)
            #expect(try await subject.rows() == [["7", "1", "seed"]])
        }
    }

    @Test(arguments: SinkKind.allCases)
    func aGuardedRefusalKeepsTheTransaction(kind: SinkKind) async throws {
        try await SinkSubject.with(kind) { subject in
            let window = Self.oneBad
            try await subject.sink.begin(window)
            let batch = window.statement(.bulk, 0, 1, 2)
            let refusal = try await refusal {
                _ = try await subject.sink.execute(batch, of: window, guarded: true)
            }
            #expect(refusal.sqlState == "22P02" && !refusal.concernsStatement && !refusal.message.isEmpty)
            for place in [0, 2] {
                _ = try await subject.sink.execute(window.statement(.single, place), of: window, guarded: true)
            }
            try await subject.sink.commit(recording: [], of: window)
            #expect(try await subject.rows().map { $0[0] } == ["1", "3"])
        }
    }

    @Test(arguments: SinkKind.allCases)
    func afterAnUnguardedRefusalARollbackHelps(kind: SinkKind) async throws {
        try await SinkSubject.with(kind) { subject in
            let window = Self.oneBad
            try await subject.sink.begin(window)
            _ = try await subject.sink.execute(window.statement(.single, 0), of: window, guarded: false)
            _ = try await refusal {
                _ = try await subject.sink.execute(window.statement(.single, 1), of: window, guarded: false)
            }
            await subject.sink.rollback()
            try await seed(subject, 7)
            #expect(try await subject.rows().map { $0[0] } == ["7"])
        }
    }

    @Test(arguments: SinkKind.allCases)
    func executingInOrderEndsAtTheFirstThatFails(kind: SinkKind) async throws {
        try await SinkSubject.with(kind) { subject in
            let window = Self.oneBad
            try await subject.sink.begin(window)
            let statements = (0..<3).map { window.statement(.single, $0) }
            let progress = await subject.sink.executeInOrder(statements, of: window)
            #expect(progress.effects == [Effect(rows: 1, unmatched: 0)] && progress.failedStatement == 1)
            guard case .refused(let refusal) = progress.failure else { throw ServerFailure("not refused") }
            #expect(refusal.sqlState == "22P02")
            await subject.sink.rollback()
            try await subject.sink.begin(window)
            let good = await subject.sink.executeInOrder([statements[2], statements[0]], of: window)
            #expect(good.effects.count == 2 && good.failure == nil && good.failedStatement == nil)
            try await subject.sink.commit(recording: [], of: window)
            #expect(try await subject.rows().map { $0[0] } == ["1", "3"])
        }
    }

    @Test(arguments: SinkKind.allCases, [Statement.Form.bulk, .single])
    func effectsAreCounted(kind: SinkKind, form: Statement.Form) async throws {
        try await SinkSubject.with(kind) { subject in
            try await seed(subject, 1, 2)
            let window = Window([
                Self.item(1), Self.item(3),
                CommandText.update("item", set: ["note": "new"], where: ["id": 2]),
                CommandText.update("item", set: ["note": "new"], where: ["id": 99]),
                CommandText.delete("item", where: ["id": 1]), CommandText.delete("item", where: ["id": 98]),
            ])
            try await subject.sink.begin(window)
            for first in [0, 2, 4] {
                var sum = Effect(rows: 0, unmatched: 0)
                let statements =
                    form == .bulk
                    ? [window.statement(.bulk, first, first + 1)]
                    : [window.statement(.single, first), window.statement(.single, first + 1)]
                for statement in statements {
                    let effect = try await subject.sink.execute(statement, of: window, guarded: false)
                    sum.rows += effect.rows
                    sum.unmatched += effect.unmatched
                }
                #expect(sum == Effect(rows: 1, unmatched: 1), "\(first)")
            }
            try await subject.sink.commit(recording: [], of: window)
            #expect(try await subject.rows() == [["2", "1", "new"], ["3", "1", "x"]])
        }
    }

    @Test(arguments: SinkKind.allCases)
    func factsNameKeysAndFreshOnesWhatIsNew(kind: SinkKind) async throws {
        try await SinkSubject.with(kind) { subject in
            let late = TableName(schema: "public", name: "late")
            let window = Window([CommandText.create("late", ["id": 1])])
            _ = try await subject.sink.checkpoint(of: window.stream)
            let facts = try await subject.sink.facts(of: [SinkSubject.item, late], fresh: false)
            #expect(Set(facts.keys) == [SinkSubject.item])
            #expect(facts[SinkSubject.item]?.uniqueKeys.map(\.columns) == [["id"]])
            try await subject.sink.begin(window.stream, movingTo: nil)
            let refusal = try await refusal {
                _ = try await subject.sink.execute(window.statement(.single, 0), of: window, guarded: true)
            }
            #expect(refusal.sqlState == "42P01" && refusal.concernsStatement)
            await subject.sink.rollback()
            try await subject.makeLateTable()
            #expect(try await subject.sink.facts(of: [late], fresh: true).keys.map(\.name) == ["late"])
            try await subject.sink.begin(window.stream, movingTo: nil)
            _ = try await subject.sink.execute(window.statement(.single, 0), of: window, guarded: false)
            try await subject.sink.commit(recording: [], of: window)
        }
    }

    private static let claim = StreamClaim(
        stream: "stream",
        source: "redis",
        group: "workers",
        start: Checkpoint(lastID: .zero, entriesRead: 0)
    )

    @Test(arguments: SinkKind.allCases)
    func aCheckpointMovesWithTheCommitAndNotWithoutIt(kind: SinkKind) async throws {
        try await SinkSubject.with(kind, keepsLedger: true) { subject in
            let window = Window([Self.item(1), Self.item(2)])
            let taken = try await subject.sink.take(Self.claim)
            #expect(taken.checkpoint == Self.claim.start && taken.unmoved.isEmpty)
            let next = Checkpoint(
                lastID: StreamID(milliseconds: 1, sequence: 1),
                ahead: [StreamID(milliseconds: 1, sequence: 7)],
                entriesRead: 2
            )
            _ = try await subject.sink.facts(of: window.tables, fresh: false)
            for commits in [false, true] {
                #expect(try await subject.sink.checkpoint(of: "stream") == Self.claim.start)
                try await subject.sink.begin("stream", movingTo: next)
                _ = try await subject.sink.execute(window.statement(.bulk, 0, 1), of: window, guarded: false)
                if commits {
                    try await subject.sink.commit(recording: [], of: window)
                } else {
                    await subject.sink.rollback()
                }
            }
            #expect(try await subject.sink.checkpoint(of: "stream") == next)
            let again = try await subject.sink.take(Self.claim)
            #expect(again.checkpoint == next && again.epoch > taken.epoch)
        }
    }

    @Test(arguments: SinkKind.allCases)
    func afterALostConnectionTheNextTransactionIsANewOne(kind: SinkKind) async throws {
        try await SinkSubject.with(kind) { subject in
            let window = Window([Self.item(1), Self.item(2)])
            try await subject.sink.begin(window)
            _ = try await subject.sink.execute(window.statement(.single, 0), of: window, guarded: false)
            try await subject.cut()
            let progress = await subject.sink.executeInOrder([window.statement(.single, 1)], of: window)
            guard case .unavailable(let unavailability) = progress.failure else {
                throw ServerFailure("not unavailable: \(progress)")
            }
            #expect(unavailability.isConnection && progress.effects.isEmpty)
            await subject.sink.rollback()
            try await seed(subject, 7)
            #expect(try await subject.rows().map { $0[0] } == ["7"])
        }
    }
}

extension Sink {
    /// As a writer does, asks for the facts of a window's tables and opens a transaction that moves no checkpoint.
    fileprivate func begin(_ window: Window) async throws {
        _ = try await checkpoint(of: window.stream)
        _ = try await facts(of: window.tables, fresh: false)
        try await begin(window.stream, movingTo: nil)
    }
}
