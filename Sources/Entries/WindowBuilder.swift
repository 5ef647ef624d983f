/// Gathers entries of one stream into a window, decoding each as it comes.
package struct WindowBuilder: Sendable {
    /// The most bytes one window can hold: offsets into its arena have 32 bits.
    package static let largestArena = Int(UInt32.max)

    package private(set) var window: Window
    /// Whether a forced entry is among them: such a window does not wait for more.
    package private(set) var hasForced = false
    private var decoder: EntryDecoder
    /// Entries that room was made for.
    private var expected = 0

    /// - Parameters:
    ///   - decoder: handed from window to window, since it remembers the shapes of entries.
    ///   - room: of a window that is done with.
    package init(stream: String, decoder: EntryDecoder, in room: consuming WindowRoom = WindowRoom()) {
        window = Window(stream: stream, repairsJSON: decoder.repairsJSON)
        var room = room
        swap(&window.arena, &room.arena)
        window.arena.removeAll(keepingCapacity: true)
        window.entries = room.entries
        window.fields = room.fields
        window.commands = room.commands
        window.cells = room.cells
        self.decoder = decoder
    }

    package var isEmpty: Bool { window.entries.isEmpty }
    package var count: Int { window.entries.count }
    package var byteCount: Int { window.arena.count }

    /// Makes room for so many entries at once.
    package mutating func reserve(entries: Int) {
        expected = window.entries.count + entries
        window.entries.reserveCapacity(window.entries.count + entries)
        window.fields.reserveCapacity(window.fields.count + entries)
        window.commands.reserveCapacity(window.commands.count + entries)
    }

    /// Appends an entry of one field, as every entry is that is a command.
    ///
    /// An entry that is no command becomes a parse failure of the window, never an error here.
    package mutating func append(id: StreamID, name: ArraySlice<UInt8>, value: ArraySlice<UInt8>) {
        let firstField = window.fields.count
        window.fields.append(Field(name: keep(name), value: keep(value)))
        appendEntry(id: id, fields: firstField..<window.fields.count)
    }

    /// Takes bytes among which entries lie that are to be appended; answers where in the arena they begin.
    package mutating func take(_ bytes: consuming [UInt8]) -> Int {
        let base = window.arena.count
        if base == 0 { window.arena = bytes } else { window.arena.append(contentsOf: bytes) }
        return base
    }

    /// The ID whose ASCII lies in the arena; nil where none does.
    package func id(at range: Range<Int>) -> StreamID? {
        StreamID(ascii: window.arena.span.extracting(range))
    }

    /// Appends an entry of one field whose bytes were taken before.
    package mutating func append(id: StreamID, nameAt name: Range<Int>, valueAt value: Range<Int>) {
        let firstField = window.fields.count
        window.fields.append(Field(nameAt: name, valueAt: value))
        appendEntry(id: id, fields: firstField..<(firstField + 1))
    }

    /// Appends an entry of any number of fields whose bytes were taken before.
    package mutating func append(id: StreamID, fieldsAt places: [(name: Range<Int>, value: Range<Int>)]) {
        let firstField = window.fields.count
        for (name, value) in places { window.fields.append(Field(nameAt: name, valueAt: value)) }
        appendEntry(id: id, fields: firstField..<window.fields.count)
    }

    /// Appends one entry; `fields` are names and values as the stream holds them.
    ///
    /// An entry that is no command becomes a parse failure of the window, never an error here.
    package mutating func append(
        id: StreamID,
        fields: some Collection<(name: ArraySlice<UInt8>, value: ArraySlice<UInt8>)>
    ) {
        let firstField = window.fields.count
        for field in fields {
            window.fields.append(Field(name: keep(field.name), value: keep(field.value)))
        }
        appendEntry(id: id, fields: firstField..<window.fields.count)
    }

    private mutating func appendEntry(id: StreamID, fields: Range<Int>) {
        let content: Entry.Content
        do throws(ParseFailure) {
            let command = try decode(fields)
            hasForced = hasForced || command.isForced
            content = .command(window.commands.count)
            window.commands.append(command)
        } catch {
            content = .parseFailure(window.parseFailures.count)
            window.parseFailures.append(error)
        }
        window.entries.append(Entry(id: id, fields: fields, content: content))
        if expected > 1, window.entries.count == 1 {
            // Most streams hold one kind of entry; a strange one is not to claim all memory.
            window.cells.reserveCapacity(min(expected * window.cells.count, 1 << 20))
        }
    }

    /// The finished window, and the decoder for the next one.
    package consuming func finish() -> (window: Window, decoder: EntryDecoder) {
        (window, decoder)
    }

    private mutating func keep(_ bytes: ArraySlice<UInt8>) -> Slice {
        let start = window.arena.count
        window.arena.append(contentsOf: bytes)
        return Slice(start: start, length: bytes.count)
    }

    private mutating func decode(_ fields: Range<Int>) throws(ParseFailure) -> Command {
        guard let first = fields.first else { throw ParseFailure("the entry has no field") }
        guard fields.count == 1, window.arena.span.isCommandName(window.fields[first].name.range) else {
            throw ParseFailure("the entry's only field must be \"command\"")
        }
        return try decoder.decode(window.fields[first].value, into: &window, entry: window.entries.count)
    }
}

extension Field {
    fileprivate init(nameAt name: Range<Int>, valueAt value: Range<Int>) {
        self.init(
            name: Slice(start: name.lowerBound, length: name.count),
            value: Slice(start: value.lowerBound, length: value.count)
        )
    }
}

extension Span<UInt8> {
    /// Whether the bytes are the name of the one field that an entry has.
    fileprivate func isCommandName(_ range: Range<Int>) -> Bool {
        guard range.count == 7 else { return false }
        var name: UInt64 = 0
        for index in range { name = name &<< 8 | UInt64(self[index]) }
        // `command`
        return name == 0x63_6F6D_6D61_6E64
    }
}
