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
        if let dot = text.firstIndex(of: ".") {
            self.init(schema: String(text[..<dot]), name: String(text[text.index(after: dot)...]))
        } else {
            self.init(schema: defaultSchema, name: text)
        }
    }

    package var description: String { "\(schema).\(name)" }

    package static func < (lhs: TableName, rhs: TableName) -> Bool {
        (lhs.schema, lhs.name) < (rhs.schema, rhs.name)
    }
}
