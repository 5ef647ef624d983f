import Entries
import Redis
import StreamSource

/// The dead letters that a command is about: all of a stream, or those of some entries.
struct LetterChoice {
    /// Of every letter: where it is kept, and which entry it was.
    private(set) var letters: [(place: StreamID, id: StreamID)] = []
    /// IDs that were asked for and are no dead letter's.
    private(set) var unknown: [StreamID] = []

    /// - Parameter ids: of the entries, or of the letters themselves; none for all.
    init(_ ids: [StreamID], in stream: DeadLetterStream) async throws(ErrandFailure) {
        var all: [(place: StreamID, id: StreamID)] = []
        try await stream.forEach { all.append(($0.place, $0.id)) }
        guard !ids.isEmpty else {
            letters = all
            return
        }
        for id in ids {
            var found = all.filter { $0.id == id }
            if found.isEmpty { found = all.filter { $0.place == id } }
            if found.isEmpty { unknown.append(id) }
            for letter in found where !letters.contains(where: { $0.place == letter.place }) { letters.append(letter) }
        }
    }

    /// In the order that their stream had them in.
    var places: [StreamID] { letters.sorted { ($0.id, $0.place) < ($1.id, $1.place) }.map(\.place) }

    /// - Throws: where an ID is no dead letter's.
    func requireAll(of stream: DeadLetterStream) throws(ErrandFailure) {
        guard let first = unknown.first else { return }
        throw .usage("\(first) is no dead letter of \(stream.stream): see 'drainer dead-letters list \(stream.stream)'")
    }
}

extension DeadLetterStream {
    /// Reads all, page by page; entries that are no dead letters are passed over, and counted.
    @discardableResult
    func forEach(_ body: (Letter) -> Void) async throws(ErrandFailure) -> Int {
        var place = StreamID.zero
        var strangers = 0
        while true {
            let page: Page
            do throws(RedisError) { page = try await self.page(behind: place) } catch {
                guard error.code == .wrongType else { throw .redis(error) }
                throw .usage("\(key) is no stream: rename that key, dead letters belong there")
            }
            for letter in page.letters { body(letter) }
            strangers += page.strangers
            guard let next = page.last else { return strangers }
            place = next
        }
    }
}
