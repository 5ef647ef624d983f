/// What the entries of one shape share: names, their order, everything but the values.
struct Shape: Sendable {
    /// What is compared, word for word, before an entry is taken to be of this shape.
    struct Key: Sendable, Equatable {
        let form: Form
        let table: [UInt64]
        let mappings: [UInt64]
        let columns: [UInt64]
        let whereColumns: [UInt64]
    }

    /// What decides about a signature beside names.
    struct Form: Sendable, Equatable {
        let format: WireFormat
        let operation: Operation
        let isEquality: Bool
    }

    let signature: Signature
    /// For each column of the signature, where its cell stands among the entry's.
    let order: [Int]
    /// As `order`, for the where columns; empty where they bring no cells.
    let whereOrder: [Int]
    /// Cells of a `where` that stand for one column: it is equality only where those of each pair are equal.
    let twins: [(Int, Int)]
}

/// Remembers the shapes of entries from window to window, so that only the first entry of a shape pays for strings,
/// sorting and the search for duplicate names.
///
/// Hashes only lead to candidates; a shape is found by comparing all its words.
struct ShapeCache: Sendable {
    /// Shapes kept at most; at more, all are forgotten and met anew.
    private static let mostShapes = 4096
    /// Words of names kept at most (8 MiB), against few shapes with very many names.
    private static let mostWords = 1 << 20
    /// Shapes of one bucket searched at most: names chosen to collide make entries slow to read, not ever slower.
    private static let longestChain = 8

    private struct Record: Sendable {
        let hash: UInt64
        let key: Shape.Key
        let shape: Shape
        /// The record of this bucket before this one; -1 for none.
        let previous: Int
        /// Where the shape's signature stands in a window, and in which.
        var place: (index: Int, generation: Int)
    }

    private var records: [Record] = []
    private var buckets: [Int] = []
    private var words = 0
    /// Of entries whose shapes are remembered.
    var templates = TemplateCache()

    init() {}

    /// The index of the shape; nil where it is not known.
    @inline(__always)
    func find(
        _ form: Shape.Form,
        table: PackedNames,
        mappings: PackedNames,
        columns: PackedNames,
        whereColumns: PackedNames
    ) -> Int? {
        guard !buckets.isEmpty else { return nil }
        let hash = Self.hash(table, mappings, columns, whereColumns)
        var candidate = buckets[Self.bucket(hash)]
        while candidate >= 0 {
            if records[candidate].hash == hash, records[candidate].key.form == form,
                columns.isEqual(to: records[candidate].key.columns), table.isEqual(to: records[candidate].key.table),
                whereColumns.isEqual(to: records[candidate].key.whereColumns),
                mappings.isEqual(to: records[candidate].key.mappings)
            {
                return candidate
            }
            candidate = records[candidate].previous
        }
        return nil
    }

    /// Remembers a shape; returns its index, good until the next call.
    mutating func insert(
        _ shape: Shape,
        _ form: Shape.Form,
        table: PackedNames,
        mappings: PackedNames,
        columns: PackedNames,
        whereColumns: PackedNames
    ) -> Int {
        let hash = Self.hash(table, mappings, columns, whereColumns)
        let key = Shape.Key(
            form: form,
            table: Array(table.words),
            mappings: Array(mappings.words),
            columns: Array(columns.words),
            whereColumns: Array(whereColumns.words)
        )
        let size = key.table.count + key.mappings.count + key.columns.count + key.whereColumns.count
        if buckets.isEmpty || records.count >= Self.mostShapes || words + size > Self.mostWords {
            self = ShapeCache()
            buckets = Array(repeating: -1, count: 2 * Self.mostShapes)
        }
        var previous = buckets[Self.bucket(hash)]
        var length = 0
        var candidate = previous
        while candidate >= 0 {
            length += 1
            candidate = records[candidate].previous
        }
        if length >= Self.longestChain { previous = -1 }
        buckets[Self.bucket(hash)] = records.count
        records.append(Record(hash: hash, key: key, shape: shape, previous: previous, place: (0, -1)))
        words += size
        return records.count - 1
    }

    func signature(of index: Int) -> Signature { records[index].shape.signature }

    func twins(of index: Int) -> [(Int, Int)] { records[index].shape.twins }

    /// Appends an entry's cells in the order of the shape's signature.
    @inline(__always)
    func appendCells(of index: Int, _ columns: Members, _ terms: Members, to cells: inout [Cell]) {
        columns.appendCells(in: records[index].shape.order, to: &cells)
        if !records[index].shape.whereOrder.isEmpty {
            terms.appendCells(in: records[index].shape.whereOrder, to: &cells)
        }
    }

    /// Where the shape's signature stands in the window of `generation`; nil where that is not known.
    @inline(__always)
    func place(of index: Int, generation: Int) -> Int? {
        let place = records[index].place
        return place.generation == generation ? place.index : nil
    }

    mutating func setPlace(of index: Int, to place: Int, generation: Int) {
        records[index].place = (place, generation)
    }

    @inline(__always)
    private static func hash(
        _ table: PackedNames,
        _ mappings: PackedNames,
        _ columns: PackedNames,
        _ whereColumns: PackedNames
    ) -> UInt64 {
        let hash = ((columns.hash &* 31 ^ table.hash) &* 31 ^ whereColumns.hash) &* 31 ^ mappings.hash
        return hash ^ hash &>> 32
    }

    @inline(__always)
    private static func bucket(_ hash: UInt64) -> Int {
        Int(truncatingIfNeeded: hash) & (2 * mostShapes - 1)
    }
}
