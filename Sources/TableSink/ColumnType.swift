package import Entries

/// How a column reads what it is given.
package struct ColumnType: Sendable, Hashable {
    package enum Shape: Sendable, Hashable {
        case plain
        /// A whole number.
        case integer
        /// json or jsonb: the cell's JSON as it stands.
        case json
        /// An array: a JSON array becomes an array literal.
        case array(delimiter: UInt8, elements: CellReading)
    }

    /// What PostgreSQL holds a value to when it assigns it, and only then: `varchar(3)`, `numeric(5,2)`.
    struct LengthCheck: Sendable, Hashable {
        /// Behind the value.
        let arguments: String
        let function: String
        let isOfElements: Bool

        /// SQL that refuses a value as the assignment would.
        func applied(to value: String) -> String {
            guard isOfElements else { return "\(function)(\(value), \(arguments))" }
            return "(SELECT pg_catalog.count(\(function)(e, \(arguments))) FROM pg_catalog.unnest(\(value)) AS e)"
        }
    }

    /// A type of the same name made anew is another.
    let oid: String
    /// The base type's SQL without its length, so that a cast to it never cuts; the assignment checks the length.
    package let sql: String
    package let shape: Shape
    /// Of a domain, whose constraints a typed literal meets when it is stored, and a parameter of the domain's type
    /// already when it is read.
    let isDomain: Bool
    /// The type as which PostgreSQL reads a literal that is compared with the column: oid for regclass, inet for cidr.
    /// nil where it has no such comparison, or decides anew for each.
    let comparedAs: String?
    /// What a list of cells is read as that the column is compared with; nil where each must be compared by itself: there
    /// is no array of arrays, and an array of boxes has no commas.
    let listType: String?
    let lengthCheck: LengthCheck?
    /// Bytes; longer values, or elements, PostgreSQL would cut and say nothing.
    let longest: Int?
    /// nil where a value can only be sent as text.
    let encoding: BinaryEncoding?

    /// SQL that reads a text as the type's own input does; the cast from text to regclass reads no number.
    var castFromText: String { sql == "regclass" ? "::pg_catalog.bpchar::regclass" : "::\(sql)" }
}
