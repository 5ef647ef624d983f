package import Entries
import Redis
import StreamSource

/// Tries dead letters once more, in the order that their stream had them in.
package struct Retry: Sendable {
    package struct Report: Sendable, Encodable {
        package let stream: String
        /// Letters that were to be tried.
        package let letters: Int
        /// Written, and letters no more.
        package let written: Int
        package let refused: [RefusedReason]
        package let seconds: Double
        /// `complete`, `stopped` or `lost`.
        package let ending: String

        package var isComplete: Bool { ending == "complete" }

        /// For people.
        package var text: String {
            var page = Paragraphs()
            page.append("\(written) of \(counted(letters, "dead letter", "dead letters")) of \(stream) written")
            for reason in refused { page.append(reason.text) }
            return page.text
        }
    }

    private let errand: Errand
    private let choice: LetterChoice
    private let source: RetrySource

    /// Looks for the letters.
    package init(_ errand: Errand, _ ids: [StreamID]) async throws(ErrandFailure) {
        self.errand = errand
        choice = try await LetterChoice(ids, in: errand.letters)
        try choice.requireAll(of: errand.letters)
        source = RetrySource(
            errand.letters,
            at: choice.places,
            group: errand.group,
            configuration: errand.configuration,
            logger: errand.logger
        )
    }

    /// How many are to be tried.
    package var count: Int { choice.letters.count }

    package func run() async throws(ErrandFailure) -> Report {
        let start = ContinuousClock.now
        try await errand.prepare()
        try await errand.noteStanding(choice.letters.map(\.id))
        // Also where there are none: a run before may have left some to be removed.
        await errand.carry(source)
        let isComplete = await source.isComplete
        if isComplete { await errand.forget(await source.ownClaim) }
        let duration = start.duration(to: .now)
        return Report(
            stream: errand.stream,
            letters: count,
            written: await source.removed,
            refused: await source.refused.reasons,
            seconds: ((duration / .seconds(1)) * 1000).rounded() / 1000,
            ending: await source.wasLost ? "lost" : isComplete ? "complete" : "stopped"
        )
    }

    /// Has it end after the window in hand.
    package func stop() async { await source.stop() }
}
