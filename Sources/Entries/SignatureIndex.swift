/// Finds the signature of each command and where it stands in the present window.
struct SignatureIndex: Sendable {
    private let defaultSchema: String
    private var shapes = ShapeCache()
    /// Where the signatures of the present window stand in it.
    private var places: [Signature: Int] = [:]
    /// Counts windows.
    private var generation = 0
    /// Of the command appended last.
    private var lastShape = 0

    init(defaultSchema: String) {
        self.defaultSchema = defaultSchema
    }

    /// Appends the cells of a command in the order of its signature, and the signature where the window has not got it.
    ///
    /// - Parameters:
    ///   - mappings: what names the columns of a KV entry's fields.
    ///   - mergesTerms: a `where` may name a column twice, with one and the same value.
    /// - Returns: The index of the signature; nil, and nothing is appended, where the `where` is to be equality but
    ///   names a column twice.
    @inline(__always)
    mutating func append(
        _ form: Shape.Form,
        _ table: PackedNames,
        _ mappings: PackedNames,
        _ columns: Members,
        _ terms: Members,
        mergesTerms: Bool = false,
        to window: inout Window
    ) throws(ParseFailure) -> Int? {
        let shape: Int
        if let known = shapes.find(
            form,
            table: table,
            mappings: mappings,
            columns: columns.names,
            whereColumns: terms.names
        ) {
            shape = known
        } else {
            shape = try learn(form, table, mappings, columns, terms)
        }
        let twins = shapes.twins(of: shape)
        if !twins.isEmpty, !mergesTerms || !terms.areEqual(twins, in: window.arena.span) { return nil }
        shapes.appendCells(of: shape, columns, terms, to: &window.cells)
        lastShape = shape
        return place(of: shape, in: &window)
    }

    /// Reads an entry by a template: appends its cells, and its signature where the window has not got it.
    ///
    /// - Parameter entry: where in the window's arena it lies.
    /// - Returns: The index of the signature, and the entry's mark; nil, and nothing is appended, where no template reads it.
    @inline(__always)
    mutating func appendKnown(_ entry: Range<Int>, to window: inout Window) -> (signature: Int, isForced: Bool)? {
        guard let origin = shapes.templates.read(entry, of: window.arena, to: &window.cells) else { return nil }
        return (place(of: origin.shape, in: &window), origin.isForced)
    }

    /// Makes a template of the command that was just appended, in order to read the next entry of its kind by it.
    mutating func learn(_ entry: Range<Int>, firstCell: Int, isForced: Bool, of window: borrowing Window) {
        shapes.templates.learn(
            entry,
            of: window.arena,
            cells: window.cells[firstCell...],
            columnCount: shapes.signature(of: lastShape).columns.count,
            EntryTemplate.Origin(shape: lastShape, isForced: isForced)
        )
    }

    @inline(__always)
    private mutating func place(of shape: Int, in window: inout Window) -> Int {
        // A window that does not hold what was put into the last one is another window.
        if window.signatures.count == places.count, let place = shapes.place(of: shape, generation: generation) {
            return place
        }
        return place(shape, in: &window)
    }

    /// Looks up, or appends, the signature of a shape that the window has not met.
    @inline(never)
    private mutating func place(_ shape: Int, in window: inout Window) -> Int {
        if window.signatures.count != places.count {
            generation += 1
            // One window with very many signatures must not hold memory for good.
            places.removeAll(keepingCapacity: places.capacity <= 1 << 12)
            for (place, signature) in window.signatures.enumerated() { places[signature] = place }
        }
        let signature = shapes.signature(of: shape)
        let place = places[signature] ?? window.signatures.count
        if place == window.signatures.count {
            window.signatures.append(signature)
            places[signature] = place
        }
        shapes.setPlace(of: shape, to: place, generation: generation)
        return place
    }

    /// Makes the shape of an entry that is the first of its kind.
    @inline(never)
    private mutating func learn(
        _ form: Shape.Form,
        _ table: PackedNames,
        _ mappings: PackedNames,
        _ columns: Members,
        _ terms: Members
    ) throws(ParseFailure) -> Int {
        let tableName = try self.tableName(form, NameList(table).text(0))
        let naming = try ColumnNaming(form.format, mappings)
        let columnNames = try naming.columns(of: columns.names)
        guard let order = columnNames.sortedDistinctOrder() else {
            throw NameList.duplicate(at: columns.start ?? 0)
        }
        let termNames = try naming.columns(of: terms.names)
        let termOrder = termNames.sortedOrder()
        let distinct = termNames.distinct(termOrder)
        let signature = Signature(
            table: tableName,
            operation: form.operation,
            columns: order.map(columnNames.text),
            whereColumns: distinct.map(termNames.text),
            isEquality: form.isEquality
        )
        let shape = Shape(
            signature: signature,
            order: order,
            // Of other predicates the cells lie in the predicate.
            whereOrder: form.isEquality ? distinct : [],
            twins: form.isEquality ? termNames.twins(termOrder) : []
        )
        return shapes.insert(
            shape,
            form,
            table: table,
            mappings: mappings,
            columns: columns.names,
            whereColumns: terms.names
        )
    }

    private func tableName(_ form: Shape.Form, _ name: String) throws(ParseFailure) -> TableName {
        let table: TableName
        switch form.format {
        case .native: table = TableName(name, defaultSchema: defaultSchema)
        case .kv:
            let suffix = form.operation == .create ? "Object" : "Options"
            guard name.utf8.reversed().starts(with: suffix.utf8.reversed()) else {
                throw ParseFailure("`tag` of `command` must end with \(suffix)")
            }
            let type = String(decoding: name.utf8.dropLast(suffix.utf8.count), as: UTF8.self)
            table = TableName(schema: defaultSchema, name: type.snakeCased)
        }
        guard !table.name.isEmpty, !table.schema.isEmpty else { throw ParseFailure("the table's name is empty") }
        return table
    }
}
