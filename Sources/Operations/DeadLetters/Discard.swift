import Drain
package import Entries
import Postgres
import Redis
import StreamSource
import TableSink

/// Throws dead letters away.
package struct Discard: Sendable {
    /// What was done, or would be.
    package struct Report: Sendable, Encodable {
        package let stream: String
        package let discarded: Int

        package var text: String {
            "\(counted(discarded, "dead letter", "dead letters")) of \(stream) discarded"
        }
    }

    private let errand: Errand
    private let letters: [(place: StreamID, id: StreamID)]

    /// Looks for the letters.
    package init(_ errand: Errand, _ ids: [StreamID]) async throws(ErrandFailure) {
        self.errand = errand
        let choice = try await LetterChoice(ids, in: errand.letters)
        try choice.requireAll(of: errand.letters)
        letters = choice.letters
    }

    /// How many would go.
    package var count: Int { letters.count }

    package func run() async throws(ErrandFailure) -> Report {
        try await errand.noteStanding(letters.map(\.id))
        let places = letters.map(\.place)
        let removed = try await asking { () async throws(RedisError) in try await errand.letters.remove(places) }
        return Report(stream: errand.stream, discarded: removed)
    }
}

extension Errand {
    /// Notes in the database that these entries stand among the dead letters, before they are taken from there: a process
    /// that was killed before it could note it would have them moved there again.
    func noteStanding(_ ids: [StreamID]) async throws(ErrandFailure) {
        guard configuration.keepsLedger, !ids.isEmpty else { return }
        let source = try await asking { () async throws(RedisError) in try await group.knownSource() }
        guard let source else { return }
        let claim = StreamClaim(stream: stream, source: source, group: group.name, start: Checkpoint(lastID: .zero))
        try await asking { () async throws(PostgresError) in try await sink.noteStanding(ids, of: claim) }
    }
}
