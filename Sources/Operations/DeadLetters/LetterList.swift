package import Entries
package import StreamSource

/// The dead letters of a stream, without any value of theirs.
package struct LetterList: Sendable, Encodable {
    package struct Line: Sendable, Encodable {
        /// Of the entry.
        package let id: String
        package let error: String
        package let table: String
        package let at: String
        /// Among dead letters.
        package let place: String
    }

    package let stream: String
    package private(set) var letters: [Line] = []
    /// Entries in the dead-letter stream that no drainer wrote.
    package private(set) var strangers = 0

    package init(of stream: DeadLetterStream, _ ids: [StreamID] = []) async throws(ErrandFailure) {
        self.stream = stream.stream
        var lines: [Line] = []
        let wanted = Set(ids)
        var found: Set<StreamID> = []
        strangers = try await stream.forEach { letter in
            guard ids.isEmpty || wanted.contains(letter.id) || wanted.contains(letter.place) else { return }
            found.formUnion([letter.id, letter.place])
            lines.append(
                Line(
                    id: letter.id.description,
                    error: letter.error,
                    table: letter.table,
                    at: letter.at,
                    place: letter.place.description
                )
            )
        }
        letters = lines
        if let missing = ids.first(where: { !found.contains($0) }) {
            throw .usage("\(missing) is no dead letter of \(self.stream): leave the ID out to list all")
        }
    }

    /// For people.
    package var text: String {
        var page = Paragraphs()
        if letters.isEmpty {
            page.append("\(stream) has no dead letters")
        } else {
            let rows = letters.map { [$0.id, $0.error, $0.table.isEmpty ? "-" : $0.table, $0.at] }
            page.append(table: [["id", "error", "table", "at"]] + rows)
            page.append("\(counted(letters.count, "dead letter", "dead letters"))")
        }
        if strangers > 0 {
            page.append("\(counted(strangers, "entry", "entries")) of \(stream):dead were not written by a drainer")
        }
        return page.text
    }
}
