/// Finds the signature of each command and where it stands in the present window.
struct SignatureIndex: Sendable {
    private let defaultSchema: String
    private var shapes = ShapeCache()
    /// Where the signatures of the present window stand in it.
    private var places: [Signature: Int] = [:]
    /// Counts windows.
    private var generation = 0

    init(defaultSchema: String) {
        self.defaultSchema = defaultSchema
    }

    /// Appends the cells of a command in the order of its signature, and the signature where the window has not got it.
    ///
    /// - Returns: The index of the signature; nil, and nothing is appended, where the `where` is to be equality but
    ///   names a column twice.
    @inline(__always)
    mutating func append(
        _ operation: Operation,
        _ table: PackedNames,
        _ columns: Members,
        _ terms: Members,
        isEquality: Bool = true,
        to window: inout Window
    ) throws(ParseFailure) -> Int? {
        let form = Shape.Form(operation: operation, isEquality: isEquality)
        let shape: Int
        if let known = shapes.find(form, table: table, columns: columns.names, whereColumns: terms.names) {
            shape = known
        } else if let learned = try learn(form, table, columns, terms) {
            shape = learned
        } else {
            return nil
        }
        shapes.appendCells(of: shape, columns, terms, to: &window.cells)
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
        _ columns: Members,
        _ terms: Members
    ) throws(ParseFailure) -> Int? {
        let tableName = TableName(NameList(table).text(0), defaultSchema: defaultSchema)
        guard !tableName.name.isEmpty, !tableName.schema.isEmpty else {
            throw ParseFailure("the table's name is empty")
        }
        let columnNames = NameList(columns.names)
        guard let order = columnNames.sortedDistinctOrder() else {
            throw NameList.duplicate(at: columns.start ?? 0)
        }
        let termNames = NameList(terms.names)
        var whereOrder = termNames.sortedOrder()
        let distinct = termNames.distinct(whereOrder)
        if form.isEquality, distinct.count < whereOrder.count { return nil }
        let signature = Signature(
            table: tableName,
            operation: form.operation,
            columns: order.map(columnNames.text),
            whereColumns: distinct.map(termNames.text),
            isEquality: form.isEquality
        )
        // Of other predicates the cells lie in the predicate.
        if !form.isEquality { whereOrder = [] }
        return shapes.insert(
            Shape(signature: signature, order: order, whereOrder: whereOrder),
            form,
            table: table,
            columns: columns.names,
            whereColumns: terms.names
        )
    }
}
