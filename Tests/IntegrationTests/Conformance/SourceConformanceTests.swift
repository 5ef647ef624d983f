import Drain
import Entries
import TestSupport
import Testing

/// What every `Source` promises.
@Suite struct SourceConformanceTests {
    @Test(arguments: SourceKind.allCases)
    func everyEntryComesOnceAndInOrderAndThenTheSourceIsFinished(kind: SourceKind) async throws {
        try await SourceSubject.with(kind, entries: 13) { subject in
            var seen: [StreamID] = []
            var current = await subject.source.next()
            while case .window(let window) = current {
                #expect((1...SourceSubject.windowSize).contains(window.entries.count))
                seen += window.entries.map(\.id)
                // While the next is awaited, this one may be settled; the last waits for that.
                async let following = subject.source.next()
                await subject.source.settle(window, entries: Array(window.entries.indices), deadLetters: [])
                current = await following
            }
            guard case .finished = current else { throw ServerFailure("not finished: \(current)") }
            #expect(seen == subject.ids)
            #expect(try await subject.left() == 0)
            #expect(try await subject.deadLetters().isEmpty)
        }
    }

    @Test(arguments: SourceKind.allCases)
    func nothingIsAcknowledgedUnsettled(kind: SourceKind) async throws {
        try await SourceSubject.with(kind, entries: 10) { subject in
            let first = try await subject.window()
            let second = try await subject.window()
            #expect(try await subject.left() == 10)
            await subject.source.settle(first, entries: Array(0..<5), deadLetters: [])
            #expect(try await subject.left() == 5)
            await subject.source.settle(second, entries: Array(0..<5), deadLetters: [])
            #expect(try await subject.left() == 0)
        }
    }

    @Test(arguments: SourceKind.allCases)
    func deadLettersAreAcknowledgedAndSetAside(kind: SourceKind) async throws {
        try await SourceSubject.with(kind, entries: 5) { subject in
            let window = try await subject.window()
            let letters = [1, 4].map { DeadLetter(entry: $0, error: "22P02", message: "no number", table: nil) }
            await subject.source.settle(window, entries: Array(0..<5), deadLetters: letters)
            #expect(try await subject.left() == 0)
            #expect(
                try await subject.deadLetters() == [
                    subject.ids[1].description: "22P02", subject.ids[4].description: "22P02",
                ]
            )
        }
    }

    @Test(arguments: SourceKind.allCases)
    func afterAHaltEverythingUnsettledComesAgainInOrder(kind: SourceKind) async throws {
        try await SourceSubject.with(kind, entries: 13) { subject in
            let window = try await subject.window()
            // Read ahead, and dropped by the halt.
            _ = try await subject.window()
            await subject.source.settle(window, entries: Array(0..<2), deadLetters: [])
            await subject.source.halt(HaltReason("a test"))
            #expect(try await subject.left() == 11)
            try await subject.resume()
            var seen: [StreamID] = []
            while seen.count < 11 {
                let window = try await subject.window()
                seen += window.entries.map(\.id)
                await subject.source.settle(window, entries: Array(window.entries.indices), deadLetters: [])
            }
            #expect(seen == Array(subject.ids[2...]))
            guard case .finished = await subject.source.next() else { throw ServerFailure("not finished") }
            #expect(try await subject.left() == 0)
        }
    }
}

extension SourceSubject {
    /// The next window, also behind a halt.
    fileprivate func window() async throws -> Window {
        while true {
            switch await source.next() {
            case .window(let window): return window
            case .interrupted: continue
            case .claimed(let claim): throw ServerFailure("a claim without a lease: \(claim)")
            case .finished: throw ServerFailure("the source is finished")
            }
        }
    }
}
