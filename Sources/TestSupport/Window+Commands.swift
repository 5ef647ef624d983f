package import Entries

extension Window {
    /// A window of these entries, each the JSON of a `command` field, read as a stream's are: ID `1-0`, `1-1`, ….
    package init(
        _ commands: some Sequence<String>,
        stream: String = "stream",
        firstSequence: Int = 0,
        defaultSchema: String = "public"
    ) {
        var builder = WindowBuilder(stream: stream, decoder: EntryDecoder(defaultSchema: defaultSchema))
        let name = Array("command".utf8)
        for (index, command) in commands.enumerated() {
            builder.append(
                id: StreamID(milliseconds: 1, sequence: UInt64(firstSequence + index)),
                name: name[...],
                value: Array(command.utf8)[...]
            )
        }
        self = builder.finish().window
    }
}
