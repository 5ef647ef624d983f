/// Reads the value of an entry's `command` field. See `wire-format` in the README for the shapes.
///
/// A decoder serves one window at a time, from the window's first entry to its last, and keeps the shapes it has met for
/// the next window. A `where` is plain equality, so that commands can share a statement, where it is an AND of bare
/// values on distinct columns, none of them null; else it becomes a predicate.
package struct EntryDecoder: Sendable {
    private static let noMembers = Members()
    private static let noMappings = PackedNames()

    private var envelope = Envelope()
    private var kvEnvelope = KVEnvelope()
    private var signatures: SignatureIndex
    /// See `Window.repairsJSON`.
    let repairsJSON: Bool

    /// - Parameters:
    ///   - defaultSchema: of a table named without one, and of every KV table.
    ///   - repairsJSON: see `Window.repairsJSON`.
    package init(defaultSchema: String, repairsJSON: Bool = true) {
        signatures = SignatureIndex(defaultSchema: defaultSchema)
        self.repairsJSON = repairsJSON
    }

    /// Appends the command's cells, its signature (where new) and its predicate to `window`, and returns the command.
    /// After a failure the window is as it was.
    ///
    /// - Parameter body: bytes of the window's arena.
    package mutating func decode(_ body: Slice, into window: inout Window, entry: Int) throws(ParseFailure) -> Command {
        let range = body.range
        guard range.upperBound <= min(window.arena.count, WindowBuilder.largestArena) else {
            throw ParseFailure("the entry lies outside of its window")
        }
        if ZstdFrame.starts(window.arena.span.extracting(0..<range.upperBound), at: range.lowerBound) {
            return try unpackAndDecode(range, into: &window, entry: entry)
        }
        return try decode(range, into: &window, entry: entry)
    }

    /// An entry that is a zstd frame: its JSON is put into the arena, where its cells lie.
    @inline(never)
    private mutating func unpackAndDecode(
        _ frame: Range<Int>,
        into window: inout Window,
        entry: Int
    ) throws(ParseFailure) -> Command {
        let start = window.arena.count
        do throws(ParseFailure) {
            try ZstdFrame.unpack(frame, in: &window.arena)
        } catch {
            throw error.moved(by: -frame.lowerBound)
        }
        do throws(ParseFailure) {
            return try decode(start..<window.arena.count, into: &window, entry: entry)
        } catch {
            window.arena.removeLast(window.arena.count - start)
            throw ParseFailure("in the unpacked frame: \(error.reason)", at: error.offset)
        }
    }

    @inline(__always)
    private mutating func decode(
        _ range: Range<Int>,
        into window: inout Window,
        entry: Int
    ) throws(ParseFailure) -> Command {
        let firstCell = window.cells.count
        if let known = signatures.appendKnown(range, to: &window) {
            return Command(entry: entry, signature: known.signature, firstCell: firstCell, isForced: known.isForced)
        }
        do throws(ParseFailure) {
            switch try read(window.arena.span.extracting(0..<range.upperBound), from: range.lowerBound) {
            case .native: return try nativeCommand(range, into: &window, entry: entry)
            case .kv: return try kvCommand(range, into: &window, entry: entry)
            }
        } catch {
            throw error.moved(by: -range.lowerBound)
        }
    }

    /// Reads the entry's own object in the format that it turns out to have.
    private mutating func read(_ bytes: Span<UInt8>, from start: Int) throws(ParseFailure) -> WireFormat {
        // Its first key tells, almost always; only one of the other format makes a second look necessary.
        if KVEnvelope.seems(bytes, at: start) {
            do throws(ParseFailure) {
                try kvEnvelope.read(bytes, at: start)
                if !kvEnvelope.isNative { return .kv }
            } catch {
                guard envelope.canRead(bytes, at: start) else { throw error }
                return .native
            }
            try envelope.read(bytes, at: start)
            return .native
        }
        do throws(ParseFailure) {
            try envelope.read(bytes, at: start)
            if envelope.operation != nil || !envelope.isKV { return .native }
        } catch {
            guard kvEnvelope.canRead(bytes, at: start) else { throw error }
            return .kv
        }
        try kvEnvelope.read(bytes, at: start)
        return .kv
    }

    /// What the envelope says. Nothing is appended before all is known to be right.
    @inline(__always)
    private mutating func nativeCommand(
        _ range: Range<Int>,
        into window: inout Window,
        entry: Int
    ) throws(ParseFailure) -> Command {
        guard let operation = envelope.operation else {
            throw ParseFailure("the entry has neither `op` nor `contents_v2`")
        }
        guard !envelope.table.isEmpty else { throw ParseFailure("the entry has no `table`") }
        try envelope.checkMembers(for: operation)
        let form = Shape.Form(format: .native, operation: operation, isEquality: true)
        let start = envelope.condition.start ?? range.lowerBound
        guard operation == .create || envelope.condition.isPlain else {
            try envelope.condition.checkDistinct()
            return try command(
                form,
                envelope.table,
                Self.noMappings,
                operation == .update ? envelope.set : Self.noMembers,
                clause: start..<range.upperBound,
                into: &window,
                entry: entry,
                isForced: envelope.isForced
            )
        }
        let firstCell = window.cells.count
        let signature =
            switch operation {
            case .create: try append(form, envelope.row, Self.noMembers, to: &window)
            case .update: try append(form, envelope.set, envelope.condition, to: &window)
            case .delete: try append(form, Self.noMembers, envelope.condition, to: &window)
            }
        guard let signature else { throw NameList.duplicate(at: start) }
        signatures.learn(range, firstCell: firstCell, isForced: envelope.isForced, of: window)
        return Command(entry: entry, signature: signature, firstCell: firstCell, isForced: envelope.isForced)
    }

    @inline(__always)
    private mutating func append(
        _ form: Shape.Form,
        _ columns: Members,
        _ terms: Members,
        to window: inout Window
    ) throws(ParseFailure) -> Int? {
        try signatures.append(form, envelope.table, Self.noMappings, columns, terms, to: &window)
    }

    private mutating func kvCommand(
        _ range: Range<Int>,
        into window: inout Window,
        entry: Int
    ) throws(ParseFailure) -> Command {
        let form = Shape.Form(format: .kv, operation: kvEnvelope.operation, isEquality: true)
        let firstCell = window.cells.count
        if form.operation == .create || kvEnvelope.contents.terms.count > 0,
            let signature = try signatures.append(
                form,
                kvEnvelope.table,
                kvEnvelope.mappings,
                kvEnvelope.contents.columns,
                kvEnvelope.contents.terms,
                mergesTerms: true,
                to: &window
            )
        {
            return Command(entry: entry, signature: signature, firstCell: firstCell, isForced: kvEnvelope.isForced)
        }
        return try command(
            form,
            kvEnvelope.table,
            kvEnvelope.mappings,
            kvEnvelope.contents.columns,
            clause: kvEnvelope.contents.clause..<range.upperBound,
            into: &window,
            entry: entry,
            isForced: kvEnvelope.isForced
        )
    }

    /// An update or delete whose `where` has operators, nulls or more clauses than one: equality all the same where it
    /// is an AND of it.
    ///
    /// - Parameter clause: from its start to the end of the entry.
    @inline(never)
    private mutating func command(
        _ form: Shape.Form,
        _ table: PackedNames,
        _ mappings: PackedNames,
        _ columns: Members,
        clause: Range<Int>,
        into window: inout Window,
        entry: Int,
        isForced: Bool
    ) throws(ParseFailure) -> Command {
        let firstCell = window.cells.count
        let start = clause.lowerBound
        var reader = WhereReader(format: form.format)
        if try reader.flatten(window.arena.span.extracting(0..<clause.upperBound), at: start),
            let signature = try signatures.append(
                form,
                table,
                mappings,
                columns,
                reader.terms,
                mergesTerms: true,
                to: &window
            )
        {
            return Command(entry: entry, signature: signature, firstCell: firstCell, isForced: isForced)
        }
        let predicate = try reader.predicate(
            window.arena.span.extracting(0..<clause.upperBound),
            at: start,
            try ColumnNaming(form.format, mappings)
        )
        let signature = try signatures.append(
            Shape.Form(format: form.format, operation: form.operation, isEquality: false),
            table,
            mappings,
            columns,
            reader.terms,
            to: &window
        )
        guard let signature else { throw NameList.duplicate(at: start) }
        window.predicates.append(predicate)
        return Command(
            entry: entry,
            signature: signature,
            firstCell: firstCell,
            predicate: window.predicates.count - 1,
            isForced: isForced
        )
    }
}

extension ParseFailure {
    fileprivate func moved(by distance: Int) -> ParseFailure {
        ParseFailure(reason, at: offset.map { $0 + distance })
    }
}
