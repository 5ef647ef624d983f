import Drain

/// Rows of one table and an index for each of its keys.
struct MemoryTable: Sendable {
    typealias Row = [String?]

    /// Names a unique key's values: the columns, and whether they are compared in lower case.
    struct Key: Sendable, Hashable {
        let columns: [Int]
        var isFolded = false

        /// nil where one is NULL, which equals nothing.
        func values(of row: Row) -> [String]? {
            var values: [String] = []
            for column in columns {
                guard let value = row[column] else { return nil }
                values.append(isFolded ? value.lowercased() : value)
            }
            return values
        }
    }

    let definition: TableDefinition
    let keys: [Key]
    private let places: [String: Int]
    private let notNull: [Int]
    private(set) var rows: [Int: Row] = [:]
    private var indexes: [[[String]: Int]]
    private var nextID = 0

    init(_ definition: TableDefinition) {
        self.definition = definition
        let places = Dictionary(uniqueKeysWithValues: definition.columns.enumerated().map { ($1.name, $0) })
        self.places = places
        notNull = definition.primaryKey.compactMap { places[$0] }
        var keys = definition.keys.map { Key(columns: $0.compactMap { places[$0] }) }
        if let folded = definition.foldedKey.flatMap({ places[$0] }) {
            keys.append(Key(columns: [folded], isFolded: true))
        }
        self.keys = keys
        indexes = Array(repeating: [:], count: keys.count)
    }

    func place(of column: String) throws(SinkFailure) -> Int {
        guard let place = places[column] else {
            throw .refused(Refusal(sqlState: "42703", message: "no column \(column)", concernsStatement: true))
        }
        return place
    }

    func places(of columns: [String]) throws(SinkFailure) -> [Int] {
        var result: [Int] = []
        for column in columns { result.append(try place(of: column)) }
        return result
    }

    /// Rows whose columns have these values; by an index where one fits.
    func rows(with values: [(place: Int, value: String)]) -> [Int] {
        for (number, key) in keys.enumerated() where !key.isFolded {
            let known = key.columns.compactMap { column in values.first { $0.place == column }?.value }
            guard known.count == key.columns.count else { continue }
            guard let id = indexes[number][known], let row = rows[id] else { return [] }
            return values.allSatisfy { row[$0.place] == $0.value } ? [id] : []
        }
        return rows.filter { _, row in values.allSatisfy { row[$0.place] == $0.value } }.map(\.key).sorted()
    }

    func checkNotNull(_ row: Row) throws(SinkFailure) {
        for column in notNull where row[column] == nil {
            throw .refused(Refusal(sqlState: "23502", message: "null in \(definition.columns[column].name)"))
        }
    }

    func meetsKey(_ row: Row) -> Bool {
        keys.indices.contains { number in
            keys[number].values(of: row).map { indexes[number][$0] != nil } ?? false
        }
    }

    @discardableResult
    mutating func insert(_ row: Row) -> Int {
        let id = nextID
        nextID += 1
        rows[id] = row
        for number in keys.indices {
            if let values = keys[number].values(of: row) { indexes[number][values] = id }
        }
        return id
    }

    @discardableResult
    mutating func remove(_ id: Int) -> Row? {
        guard let row = rows.removeValue(forKey: id) else { return nil }
        for number in keys.indices {
            if let values = keys[number].values(of: row) { indexes[number][values] = nil }
        }
        return row
    }

    mutating func replace(_ id: Int, with row: Row) throws(SinkFailure) {
        let old = remove(id)
        guard !meetsKey(row) else {
            throw .refused(Refusal(sqlState: "23505", message: "a key of \(definition.name) is taken"))
        }
        guard old != nil else { return }
        rows[id] = row
        for number in keys.indices {
            if let values = keys[number].values(of: row) { indexes[number][values] = id }
        }
    }
}
