/// A table as entries name it: both parts verbatim, quoted wherever they become SQL.
package struct TableName: Sendable, Hashable, Comparable, CustomStringConvertible {
    package let schema: String
    package let name: String

    package init(schema: String, name: String) {
        self.schema = schema
        self.name = name
    }

    /// Reads `schema.table`, or `table` alone in `defaultSchema`: the first dot splits, later dots belong to the name.
    package init(_ text: String, defaultSchema: String) {
        // By bytes: a character may be a dot with an accent on it.
        if let dot = text.utf8.firstIndex(of: UInt8(ascii: ".")) {
            self.init(schema: String(text[..<dot]), name: String(text[text.utf8.index(after: dot)...]))
        } else {
            self.init(schema: defaultSchema, name: text)
        }
    }

    package var description: String { "\(schema).\(name)" }

    /// Byte by byte, as PostgreSQL compares names: two spellings of an accented letter are one String but two tables.
    package static func == (lhs: TableName, rhs: TableName) -> Bool {
        lhs.schema.utf8.elementsEqual(rhs.schema.utf8) && lhs.name.utf8.elementsEqual(rhs.name.utf8)
    }

    package static func < (lhs: TableName, rhs: TableName) -> Bool {
        lhs.schema.utf8.elementsEqual(rhs.schema.utf8)
            ? lhs.name.utf8.lexicographicallyPrecedes(rhs.name.utf8)
            : lhs.schema.utf8.lexicographicallyPrecedes(rhs.schema.utf8)
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(bytesOf: schema)
        hasher.combine(bytesOf: name)
    }
}

extension Hasher {
    /// Unlike `combine(_: String)`, tells apart names that are canonically equivalent.
    mutating func combine(bytesOf name: String) {
        for byte in name.utf8 { combine(byte) }
        // No name holds this byte, so it marks the end.
        combine(0xFF as UInt8)
    }
}
