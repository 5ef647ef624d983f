/// What one entry shares with the next of its kind: all bytes but those of its values. An entry is read by a template
/// where it holds the same bytes between values; only the values are scanned, as they always are, and so it is known to
/// say what the entry said from which the template was made.
///
/// A class, because an array of arrays is counted at every look at it.
final class EntryTemplate: Sendable {
    /// A value, and the literal bytes before it.
    private struct Value: Sendable {
        let literal: Literal
        /// Where its cell stands among the command's.
        let cell: Int
        /// Whether the cell is a term of a `where`, which is plain equality only where none is null or an object.
        let isTerm: Bool
    }

    /// Bytes that are compared: whole words, then a word that ends where they end.
    private struct Literal: Sendable {
        let length: Int
        /// How many of the template's words they are; the last one may overlap the one before.
        let wordCount: Int
        /// How many bits of the last word's load lie before the first byte.
        let shift: UInt64

        /// Appends the bytes of `range` to `words`; nil where they cannot be compared by words.
        init?(_ bytes: Span<UInt8>, _ range: Range<Int>, to words: inout [UInt64]) {
            guard range.upperBound >= 8, !range.isEmpty else { return nil }
            length = range.count
            wordCount = (range.count + 7) / 8
            shift = UInt64(max(0, 8 - range.count) * 8)
            for word in 0..<(wordCount - 1) { words.append(bytes.word(range.lowerBound + word * 8)) }
            words.append(bytes.word(range.upperBound - 8) >> shift)
        }
    }

    /// What was found in the entry that it was made from.
    struct Origin: Sendable {
        /// Index in the cache of shapes.
        let shape: Int
        let isForced: Bool
    }

    /// Templates are for small entries, of which there are many.
    private static let longest = 4096
    private static let mostValues = 256

    let origin: Origin
    /// Of all literals, one after the other.
    private let words: [UInt64]
    private let values: [Value]
    /// Behind the last value.
    private let end: Literal
    /// As many as a command has.
    private let blankCells: [Cell]

    /// Of an entry that was read in full as a command of this shape, a create or one whose `where` is plain equality; nil
    /// where it is no good as a template.
    ///
    /// - Parameters:
    ///   - bytes: of the window's arena, up to the entry's end.
    ///   - cells: the command's, those of its columns first.
    init?(_ bytes: Span<UInt8>, at start: Int, cells: ArraySlice<Cell>, columnCount: Int, _ origin: Origin) {
        guard bytes.count - start <= Self.longest, cells.count <= Self.mostValues else { return nil }
        var words: [UInt64] = []
        var values: [Value] = []
        var index = start
        for (place, cell) in zip(0..., cells).sorted(by: { $0.1.bytes.start < $1.1.bytes.start }) {
            let quote = cell.kind == .string || cell.kind == .escapedString ? 1 : 0
            let value = (cell.bytes.range.lowerBound - quote)..<(cell.bytes.range.upperBound + quote)
            guard let literal = Literal(bytes, index..<value.lowerBound, to: &words) else { return nil }
            values.append(Value(literal: literal, cell: place, isTerm: place >= columnCount))
            index = value.upperBound
        }
        guard let end = Literal(bytes, index..<bytes.count, to: &words) else { return nil }
        self.origin = origin
        self.words = words
        self.values = values
        self.end = end
        blankCells = Array(repeating: Cell(kind: .null, bytes: Slice(start: 0, length: 0)), count: cells.count)
    }

    /// Reads the entry's cells and appends them; false, and nothing is appended, where it is another kind of entry, or a
    /// broken one.
    ///
    /// - Parameter bytes: of the window's arena, up to the entry's end.
    @inline(__always)
    func read(_ bytes: Span<UInt8>, at start: Int, with scanner: inout JSONScanner, to cells: inout [Cell]) -> Bool {
        let first = cells.count
        cells.append(contentsOf: blankCells)
        do throws(ParseFailure) {
            if try Self.read(bytes, at: start, values, end, words, with: &scanner, &cells, from: first) { return true }
        } catch {
            // Read in full, it says what is wrong with it.
            scanner.removeAll()
        }
        cells.removeLast(blankCells.count)
        return false
    }

    @inline(__always)
    private static func read(
        _ bytes: Span<UInt8>,
        at start: Int,
        _ values: borrowing [Value],
        _ end: Literal,
        _ words: borrowing [UInt64],
        with scanner: inout JSONScanner,
        _ cells: inout [Cell],
        from first: Int
    ) throws(ParseFailure) -> Bool {
        var cells = cells.mutableSpan
        let values = values.span
        let words = words.span
        var index = start
        var word = 0
        for place in 0..<values.count {
            let literal = values[place].literal
            guard holds(bytes, at: index, literal, words, from: word) else { return false }
            word &+= literal.wordCount
            // In the entry's own object, and in one of that.
            let value = try scanner.value(bytes, at: index &+ literal.length, depth: 2)
            if values[place].isTerm, value.kind == .null || value.kind == .object { return false }
            cells[first &+ values[place].cell] = value.cell
            index = value.next
        }
        return bytes.count &- index == end.length && holds(bytes, at: index, end, words, from: word)
    }

    @inline(__always)
    private static func holds(
        _ bytes: Span<UInt8>,
        at start: Int,
        _ literal: Literal,
        _ words: Span<UInt64>,
        from first: Int
    ) -> Bool {
        let end = start &+ literal.length
        guard end <= bytes.count, end >= 8 else { return false }
        var index = start
        for word in first..<(first &+ literal.wordCount &- 1) {
            guard bytes.word(index) == words[word] else { return false }
            index &+= 8
        }
        return bytes.word(end &- 8) &>> literal.shift == words[first &+ literal.wordCount &- 1]
    }
}

/// Remembers a template for each beginning of an entry, which names its operation and table, almost always.
struct TemplateCache: Sendable {
    private static let slotCount = 64
    private static let patience = 16
    /// Bytes of an entry's beginning that tell where its template is.
    private static let sampled = 40

    private var templates = [EntryTemplate?](repeating: nil, count: slotCount)
    /// Of each, the entries in a row that it does not read before one of them takes its place: where kinds take turns,
    /// none is learned again and again.
    private var patiences = [Int](repeating: 0, count: slotCount)
    private var scanner = JSONScanner()

    /// Reads an entry, and appends its cells, by the template that it has; nil, and nothing is appended, where it has none.
    ///
    /// - Parameters:
    ///   - entry: where it lies in `arena`.
    ///   - arena: of the window.
    @inline(__always)
    mutating func read(
        _ entry: Range<Int>,
        of arena: borrowing [UInt8],
        to cells: inout [Cell]
    ) -> EntryTemplate.Origin? {
        let bytes = arena.span.extracting(0..<entry.upperBound)
        let start = entry.lowerBound
        guard let slot = Self.slot(bytes, at: start), let template = templates[slot],
            template.read(bytes, at: start, with: &scanner, to: &cells)
        else { return nil }
        if patiences[slot] < Self.patience { patiences[slot] = Self.patience }
        return template.origin
    }

    /// An entry was read in full. See `EntryTemplate.init`.
    @inline(__always)
    mutating func learn(
        _ entry: Range<Int>,
        of arena: borrowing [UInt8],
        cells: ArraySlice<Cell>,
        columnCount: Int,
        _ origin: EntryTemplate.Origin
    ) {
        let bytes = arena.span.extracting(0..<entry.upperBound)
        let start = entry.lowerBound
        guard let slot = Self.slot(bytes, at: start) else { return }
        guard patiences[slot] <= 0 else {
            patiences[slot] -= 1
            return
        }
        templates[slot] = EntryTemplate(bytes, at: start, cells: cells, columnCount: columnCount, origin)
        patiences[slot] = Self.patience
    }

    @inline(__always)
    private static func slot(_ bytes: Span<UInt8>, at start: Int) -> Int? {
        guard bytes.count &- start >= sampled else { return nil }
        var hash: UInt64 = 0
        var place = start
        while place < start &+ sampled {
            hash = PackedNames.Writer.mixed(hash, bytes.word(place))
            place &+= 8
        }
        return Int(truncatingIfNeeded: hash) & (slotCount - 1)
    }
}
