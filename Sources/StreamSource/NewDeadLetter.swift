import Drain
import Entries
import Foundation
import Redis

/// An entry on its way into the dead-letter stream: its own fields, then what is said of it.
struct NewDeadLetter {
    /// Most fields of an entry that are kept: Lua cannot hand more on. No entry with two is valid.
    private static let mostFields = 3000

    private let stream: String
    private let id: StreamID
    private let fields: [(name: ArraySlice<UInt8>, value: ArraySlice<UInt8>)]
    private let error: String
    private let message: String
    private let table: String

    init(_ letter: DeadLetter, of window: Window) {
        let entry = window.entries[letter.entry]
        stream = window.stream
        id = entry.id
        fields = window.fields(of: entry)
        error = letter.error
        message = letter.message
        table = letter.table?.description ?? ""
    }

    init(_ letter: RecordedDeadLetter, of stream: String) {
        self.stream = stream
        id = letter.id
        fields = letter.fields.map { (name: $0.name[...], value: $0.value[...]) }
        error = letter.error
        message = letter.message
        table = letter.table
    }

    /// `deadLetter` or `ensureDeadLetter` for it.
    func command(_ script: String, group: String, version: (major: Int, minor: Int)) -> RedisCommand {
        var command = StreamScripts.command(
            script,
            keys: [stream, DeadLetterStream.key(of: stream)],
            arguments: [group, id.description],
            version: version
        )
        for field in fields.prefix(Self.mostFields) {
            command.append(contentsOf: field.name)
            command.append(contentsOf: field.value)
        }
        let cut = fields.count - Self.mostFields
        let words = message + (cut > 0 ? " (\(cut) more fields are not kept)" : "")
        let values = [id.description, error, words, table, Date.now.formatted(.iso8601)]
        for (name, value) in zip(DeadLetterStream.fieldNames, values) {
            command.append(name)
            command.append(value)
        }
        return command
    }
}

extension Window {
    /// The fields of an entry exactly as they lay in the stream.
    func fields(of entry: Entry) -> [(name: ArraySlice<UInt8>, value: ArraySlice<UInt8>)] {
        fields[entry.fields].map { (name: arena[$0.name.range], value: arena[$0.value.range]) }
    }
}
