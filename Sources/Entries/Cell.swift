/// A run of bytes in a window's arena.
package struct Slice: Sendable, Hashable {
    package let start: UInt32
    package let length: UInt32

    package init(start: Int, length: Int) {
        self.start = UInt32(start)
        self.length = UInt32(length)
    }

    package var range: Range<Int> { Int(start)..<(Int(start) + Int(length)) }
}

/// One value of a command as the entry wrote it: its kind and its raw bytes. The column's type decides only at
/// writing, so no digit, escape or letter is lost on the way.
package struct Cell: Sendable, Hashable {
    package enum Kind: UInt8, Sendable {
        case null
        case `true`
        case `false`
        /// The digits exactly as written.
        case number
        /// A string without escapes: its bytes are its text.
        case string
        /// A string with at least one escape; its bytes are still escaped.
        case escapedString
        /// JSON text, brackets included.
        case array
        /// JSON text, braces included.
        case object

        // Of KV entries, which show every value as text.

        /// Its bytes are its text.
        case text
        /// Text with at least one escape of JSON's.
        case escapedText
        /// The inside of a Haskell string literal with at least one escape, and that escaped as JSON escapes strings.
        case literal
        /// A JSON array, brackets included, of strings that show values, or of such arrays.
        case texts
    }

    package let kind: Kind
    /// The raw bytes; of a string or text those between its quotes.
    package let bytes: Slice

    package init(kind: Kind, bytes: Slice) {
        self.kind = kind
        self.bytes = bytes
    }

    package var isNull: Bool { kind == .null }
}

/// How a column, or an element of an array column, reads a value.
package enum CellReading: Sendable, Hashable {
    /// By its text.
    case text
    /// By its text, which shows a whole number.
    case integer
    /// As JSON.
    case json
}
