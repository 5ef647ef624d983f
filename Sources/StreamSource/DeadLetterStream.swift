import Drain
package import Entries
import Foundation
package import Redis

/// The entries of a stream that could not be written, kept in a stream of their own.
package struct DeadLetterStream: Sendable {
    /// What is said of each, in fields behind its own.
    static let fieldNames = ["drainer-id", "drainer-error", "drainer-message", "drainer-table", "drainer-at"]

    package static func key(of stream: String) -> String { stream + ":dead" }

    /// The stream whose entries they were.
    package let stream: String
    private let connection: RedisConnection

    package init(connection: RedisConnection, stream: String) {
        self.connection = connection
        self.stream = stream
    }

    package var key: String { Self.key(of: stream) }

    /// One dead letter as it is kept.
    package struct Letter: Sendable {
        /// The ID that it has among dead letters.
        package let place: StreamID
        /// The ID that it had in its stream.
        package let id: StreamID
        /// By the names of `fieldNames`.
        private let facts: [String: String]
        /// The entry's own fields.
        package let fields: [(name: [UInt8], value: [UInt8])]

        package var error: String { facts["drainer-error"] ?? "" }
        /// Can quote a value.
        package var message: String { facts["drainer-message"] ?? "" }
        package var table: String { facts["drainer-table"] ?? "" }
        package var at: String { facts["drainer-at"] ?? "" }

        /// nil for an entry that is no dead letter.
        init?(_ reply: RedisReply) {
            guard let parts = reply.elements, parts.count == 2, let place = parts[0].text.flatMap({ StreamID($0) })
            else { return nil }
            var fields: [(name: [UInt8], value: [UInt8])] = []
            var elements = (parts[1].elements ?? [])[...]
            while case .string(let name)? = elements.popFirst(), case .string(let value)? = elements.popFirst() {
                fields.append((name, value))
            }
            // An entry may have fields of these names, too: those behind all others are the drainer's.
            var facts: [String: String] = [:]
            while let last = fields.last {
                let name = String(decoding: last.name, as: UTF8.self)
                guard DeadLetterStream.fieldNames.contains(name), facts[name] == nil else { break }
                facts[name] = String(decoding: last.value, as: UTF8.self)
                fields.removeLast()
            }
            guard let id = facts["drainer-id"].flatMap({ StreamID($0) }) else { return nil }
            self.place = place
            self.id = id
            self.facts = facts
            self.fields = fields
        }
    }

    /// Some dead letters, and where to read on.
    package struct Page: Sendable {
        package var letters: [Letter] = []
        /// Entries that no drainer wrote.
        package var strangers = 0
        /// Where the next page begins; nil at the end.
        package var last: StreamID?
    }

    /// Reads the dead letters behind a place.
    package func page(behind place: StreamID, count: Int = 200) async throws(RedisError) -> Page {
        let reply = try await connection.send(["XRANGE", key, "(\(place)", "+", "COUNT", String(count)])
        let entries = reply.elements ?? []
        var page = Page(letters: entries.compactMap { Letter($0) })
        page.strangers = entries.count - page.letters.count
        page.last = entries.count < count ? nil : entries.last?.elements?.first?.text.flatMap { StreamID($0) }
        return page
    }

    /// Reads these dead letters, in one round trip; those that are gone are missing.
    package func letters(at places: some Sequence<StreamID>) async throws(RedisError) -> [Letter] {
        let replies = try await connection.send(
            places.map { ["XRANGE", key, $0.description, $0.description, "COUNT", "1"] },
            timeout: .seconds(30)
        ).all()
        var letters: [Letter] = []
        for reply in replies {
            if let letter = try (reply.orThrow().elements?.first).flatMap({ Letter($0) }) { letters.append(letter) }
        }
        return letters
    }

    /// Removes dead letters; answers how many were there.
    @discardableResult
    package func remove(_ places: some Sequence<StreamID>) async throws(RedisError) -> Int {
        var rest = Array(places)[...]
        var removed = 0
        while !rest.isEmpty {
            let page = rest.prefix(1000)
            rest = rest.dropFirst(1000)
            let reply = try await connection.send(RedisCommand(["XDEL", key] + page.map(\.description)))
            removed += reply.integer.map { Int($0) } ?? 0
        }
        return removed
    }

    /// Puts a new dead letter in the place of one that was refused again, for a new reason; one that is gone stays so.
    func replace(_ place: StreamID, error: String, message: String, table: String) async throws(RedisError) {
        let arguments = [place.description, error, message, table, Date.now.formatted(.iso8601)]
        _ = try await connection.run(StreamScripts.replaceDeadLetter, keys: [key], arguments)
    }
}
