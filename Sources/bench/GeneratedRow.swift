/// A row to be created, and the forms in which others take it.
struct GeneratedRow {
    enum Value {
        case text(String)
        /// Its digits.
        case number(String)
        case boolean(Bool)
        /// An array or object as JSON; only entries carry it.
        case json(String)
    }

    let table: String
    var columns: [(name: String, value: Value)]
    var isForced = false

    /// A native entry's `command`.
    var nativeCreate: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(512)
        bytes += #"{"op":"create","table":""#.utf8
        bytes += table.utf8
        bytes += #"","row":"#.utf8
        appendObject(to: &bytes)
        bytes += isForced ? #","forceDrainToDB":true}"#.utf8 : #","forceDrainToDB":false}"#.utf8
        return bytes
    }

    /// The row alone, as a JSON object.
    var object: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(512)
        appendObject(to: &bytes)
        return bytes
    }

    /// A line for COPY in its text format. The values hold neither a tab, a line break nor a backslash.
    var copyLine: String {
        columns.map { Self.plain($0.value) }.joined(separator: "\t") + "\n"
    }

    /// A statement with literals.
    var insert: String {
        "INSERT INTO \(table) (\(names)) VALUES (\(literals));\n"
    }

    /// Prepares the statement that `execute` runs.
    var prepare: String {
        let parameters = (1...columns.count).map { "$\($0)" }.joined(separator: ", ")
        return "PREPARE row AS INSERT INTO \(table) (\(names)) VALUES (\(parameters));\n"
    }

    /// Runs the prepared statement with literals.
    var execute: String {
        "EXECUTE row (\(literals));\n"
    }

    private var names: String { columns.map(\.name).joined(separator: ", ") }

    private var literals: String {
        columns.map { column in
            switch column.value {
            case .text(let text), .json(let text):
                "'\(text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''"))'"
            case .number, .boolean: Self.plain(column.value)
            }
        }.joined(separator: ", ")
    }

    private static func plain(_ value: Value) -> String {
        switch value {
        case .text(let text), .number(let text), .json(let text): text
        case .boolean(let flag): flag ? "true" : "false"
        }
    }

    private func appendObject(to bytes: inout [UInt8]) {
        for (index, column) in columns.enumerated() {
            bytes.append(UInt8(ascii: index == 0 ? "{" : ","))
            appendJSON(column.name, to: &bytes)
            bytes.append(UInt8(ascii: ":"))
            switch column.value {
            case .text(let text): appendJSON(text, to: &bytes)
            case .number(let digits): bytes += digits.utf8
            case .boolean(let flag): bytes += flag ? "true".utf8 : "false".utf8
            case .json(let json): bytes += json.utf8
            }
        }
        bytes.append(UInt8(ascii: "}"))
    }

    private func appendJSON(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            // No value holds a control character.
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { bytes.append(UInt8(ascii: "\\")) }
            bytes.append(byte)
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
