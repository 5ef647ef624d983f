package import Entries
import Redis
package import StreamSource

/// Dead letters with all that is in them.
package struct ShownLetters: Sendable, Encodable {
    package struct Letter: Sendable, Encodable {
        package let id: String
        package let error: String
        package let message: String
        package let table: String
        package let at: String
        package let place: String
        package let fields: [Field]
    }

    package struct Field: Sendable, Encodable {
        package let name: String
        /// As text; bytes that are none are replaced.
        package let value: String
    }

    package let stream: String
    package private(set) var letters: [Letter] = []

    package init(of stream: DeadLetterStream, _ ids: [StreamID]) async throws(ErrandFailure) {
        self.stream = stream.stream
        let choice = try await LetterChoice(ids, in: stream)
        try choice.requireAll(of: stream)
        var places = choice.places[...]
        while !places.isEmpty {
            let page = places.prefix(100)
            places = places.dropFirst(100)
            letters += try await asking { () async throws(RedisError) in try await stream.letters(at: page) }
                .map { letter in
                    Letter(
                        id: letter.id.description,
                        error: letter.error,
                        message: letter.message,
                        table: letter.table,
                        at: letter.at,
                        place: letter.place.description,
                        fields: letter.fields.map { field in
                            Field(
                                name: String(decoding: field.name, as: UTF8.self),
                                value: String(decoding: field.value, as: UTF8.self)
                            )
                        }
                    )
                }
        }
    }

    /// For people.
    package var text: String {
        var page = Paragraphs()
        for (number, letter) in letters.enumerated() {
            if number > 0 { page.append() }
            page.append("id       \(letter.id)")
            page.append("error    \(letter.error)")
            page.append("message  \(letter.message)")
            page.append("table    \(letter.table.isEmpty ? "-" : letter.table)")
            page.append("at       \(letter.at)")
            for field in letter.fields {
                page.append("field \(field.name)")
                for line in JSONLayout.lines(of: field.value) { page.append(verbatim: "  " + line) }
            }
        }
        if letters.isEmpty { page.append("\(stream) has no dead letters") }
        return page.text
    }
}
