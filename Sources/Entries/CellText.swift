extension Window {
    /// Appends what PostgreSQL's text input reads for `cell` in a column that is neither an array nor json: the text of
    /// a string, the digits of a number, `true` or `false`, the JSON of an array or object. The cell must not be null.
    package func appendText(of cell: Cell, to buffer: inout [UInt8]) {}

    /// Appends the cell's JSON as it stands: what a json or jsonb column stores. The cell must not be null.
    package func appendJSON(of cell: Cell, to buffer: inout [UInt8]) {}

    /// Appends what an array column reads: a JSON array becomes an array literal (`{a,"b c",NULL}`, nested arrays
    /// nested braces), anything else is its text. The cell must not be null.
    ///
    /// - Parameters:
    ///   - delimiter: the element type's (`pg_type.typdelim`), `,` but for `box`.
    ///   - elementsAreJSON: the elements are json or jsonb: each is stored as its JSON.
    package func appendArray(of cell: Cell, delimiter: UInt8, elementsAreJSON: Bool, to buffer: inout [UInt8]) {}
}
