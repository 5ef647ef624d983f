/// Reads the value of an entry's `command` field. See `wire-format` in the README for the shapes.
///
/// A decoder serves one window at a time, from the window's first entry to its last, and keeps the shapes it has met for
/// the next window. A `where` is plain equality, so that commands can share a statement, where it is an AND of bare
/// values on distinct columns, none of them null; else it becomes a predicate.
package struct EntryDecoder: Sendable {
    private static let noMembers = Members()

    private var envelope = Envelope()
    private var signatures: SignatureIndex

    package init(defaultSchema: String) {
        signatures = SignatureIndex(defaultSchema: defaultSchema)
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
        do throws(ParseFailure) {
            try read(window.arena.span.extracting(0..<range.upperBound), from: range.lowerBound)
            return try command(range, into: &window, entry: entry)
        } catch {
            throw error.moved(by: -range.lowerBound)
        }
    }

    private mutating func read(_ bytes: Span<UInt8>, from start: Int) throws(ParseFailure) {
        if bytes.byte(start) == 0x28, bytes.byte(start &+ 1) == 0xB5, bytes.byte(start &+ 2) == 0x2F,
            bytes.byte(start &+ 3) == 0xFD
        {
            throw ParseFailure("zstd frames are not read yet", at: start)
        }
        try envelope.read(bytes, at: start)
    }

    /// What the envelope says. Nothing is appended before all is known to be right.
    @inline(__always)
    private mutating func command(
        _ range: Range<Int>,
        into window: inout Window,
        entry: Int
    ) throws(ParseFailure) -> Command {
        guard let operation = envelope.operation else {
            throw ParseFailure(envelope.isKV ? "the KV format is not read yet" : "the entry has no `op`")
        }
        guard !envelope.table.isEmpty else { throw ParseFailure("the entry has no `table`") }
        try envelope.checkMembers(for: operation)
        let firstCell = window.cells.count
        guard operation == .create || envelope.condition.isPlain else {
            return try unplainCommand(operation, range, into: &window, entry: entry)
        }
        let signature =
            switch operation {
            case .create:
                try signatures.append(.create, envelope.table, envelope.row, Self.noMembers, to: &window)
            case .update:
                try signatures.append(.update, envelope.table, envelope.set, envelope.condition, to: &window)
            case .delete:
                try signatures.append(.delete, envelope.table, Self.noMembers, envelope.condition, to: &window)
            }
        guard let signature else { throw NameList.duplicate(at: envelope.condition.start ?? range.lowerBound) }
        return Command(entry: entry, signature: signature, firstCell: firstCell, isForced: envelope.isForced)
    }

    /// An update or delete whose `where` has operators or nulls: equality all the same where it is an `$and` of it.
    @inline(never)
    private mutating func unplainCommand(
        _ operation: Operation,
        _ range: Range<Int>,
        into window: inout Window,
        entry: Int
    ) throws(ParseFailure) -> Command {
        try envelope.condition.checkDistinct()
        let start = envelope.condition.start ?? range.lowerBound
        let columns = operation == .update ? envelope.set : Self.noMembers
        let firstCell = window.cells.count
        var reader = WhereReader()
        if try reader.flatten(window.arena.span.extracting(0..<range.upperBound), at: start),
            let signature = try signatures.append(operation, envelope.table, columns, reader.terms, to: &window)
        {
            return Command(entry: entry, signature: signature, firstCell: firstCell, isForced: envelope.isForced)
        }
        let predicate = try reader.predicate(window.arena.span.extracting(0..<range.upperBound), at: start)
        let signature = try signatures.append(
            operation,
            envelope.table,
            columns,
            reader.terms,
            isEquality: false,
            to: &window
        )
        guard let signature else { throw NameList.duplicate(at: start) }
        window.predicates.append(predicate)
        return Command(
            entry: entry,
            signature: signature,
            firstCell: firstCell,
            predicate: window.predicates.count - 1,
            isForced: envelope.isForced
        )
    }
}

extension ParseFailure {
    fileprivate func moved(by distance: Int) -> ParseFailure {
        ParseFailure(reason, at: offset.map { $0 + distance })
    }
}
