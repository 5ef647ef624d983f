import Drain
import Entries
import Postgres

/// Turns cells into the parameters of a statement.
struct StatementParameters {
    let window: Window
    let signature: Signature
    let table: TableDescription?

    /// One `text[]` in binary form for each column: no value is quoted, escaped or parsed on the way.
    func bulk(_ commands: ArraySlice<Int>) -> PostgresParameters {
        var parameters = PostgresParameters()
        let columns = signature.columns + signature.whereColumns
        for (index, column) in columns.enumerated() {
            let shape = table?.types[column]?.shape ?? .plain
            parameters.append(.binary) { buffer in
                let hasNull = commands.contains { cell(index, of: $0).isNull }
                // One dimension, its NULL flag, the element type's OID, its length, its lower bound.
                for word in [1, hasNull ? 1 : 0, Self.textOID, Int32(commands.count), 1] {
                    append(word, to: &buffer)
                }
                for command in commands {
                    let cell = cell(index, of: command)
                    if cell.isNull {
                        append(-1, to: &buffer)
                    } else {
                        appendElement(cell, shape, to: &buffer)
                    }
                }
            }
        }
        return parameters
    }

    /// One text parameter for each cell of one command, then those of its predicate.
    func single(_ command: Int) -> PostgresParameters {
        var parameters = PostgresParameters()
        for (column, cell) in zip(
            signature.columns + signature.whereColumns,
            window.cells(of: window.commands[command])
        ) {
            append(cell, of: column, to: &parameters)
        }
        if let predicate = window.commands[command].predicate {
            append(window.predicates[predicate], to: &parameters)
        }
        return parameters
    }

    private static let textOID: Int32 = 25

    private func cell(_ index: Int, of command: Int) -> Cell {
        window.cells[window.commands[command].firstCell + index]
    }

    private func append(_ word: Int32, to buffer: inout [UInt8]) {
        let word = UInt32(bitPattern: word)
        buffer.append(UInt8(truncatingIfNeeded: word >> 24))
        buffer.append(UInt8(truncatingIfNeeded: word >> 16))
        buffer.append(UInt8(truncatingIfNeeded: word >> 8))
        buffer.append(UInt8(truncatingIfNeeded: word))
    }

    private func appendElement(_ cell: Cell, _ shape: ColumnType.Shape, to buffer: inout [UInt8]) {
        let start = buffer.count
        append(0, to: &buffer)
        window.append(cell, shape, to: &buffer)
        let length = UInt32(buffer.count - start - 4)
        buffer[start] = UInt8(truncatingIfNeeded: length >> 24)
        buffer[start + 1] = UInt8(truncatingIfNeeded: length >> 16)
        buffer[start + 2] = UInt8(truncatingIfNeeded: length >> 8)
        buffer[start + 3] = UInt8(truncatingIfNeeded: length)
    }

    private func append(_ cell: Cell, of column: String, to parameters: inout PostgresParameters) {
        if cell.isNull { return parameters.appendNull() }
        parameters.append(.text) { window.append(cell, table?.types[column]?.shape ?? .plain, to: &$0) }
    }

    private func append(_ predicate: Predicate, to parameters: inout PostgresParameters) {
        switch predicate {
        case .and(let predicates), .or(let predicates):
            for predicate in predicates { append(predicate, to: &parameters) }
        case .not(let predicate): append(predicate, to: &parameters)
        case .compare(let column, _, let cell): append(cell, of: column, to: &parameters)
        case .isNull, .isNotNull: break
        case .isIn(let column, let cells), .isNotIn(let column, let cells):
            if StatementText(signature: signature, table: table).isArray(cells, of: column) {
                parameters.append(.text) { appendList(cells, of: column, to: &$0) }
            } else {
                for cell in cells { append(cell, of: column, to: &parameters) }
            }
        }
    }

    /// The cells as an array literal.
    private func appendList(_ cells: [Cell], of column: String, to buffer: inout [UInt8]) {
        let shape = table?.types[column]?.shape ?? .plain
        buffer.append(UInt8(ascii: "{"))
        for (index, cell) in cells.enumerated() {
            if index > 0 { buffer.append(UInt8(ascii: ",")) }
            if cell.isNull {
                buffer.append(contentsOf: "NULL".utf8)
                continue
            }
            var text: [UInt8] = []
            window.append(cell, shape, to: &text)
            buffer.append(UInt8(ascii: "\""))
            for byte in text {
                if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { buffer.append(UInt8(ascii: "\\")) }
                buffer.append(byte)
            }
            buffer.append(UInt8(ascii: "\""))
        }
        buffer.append(UInt8(ascii: "}"))
    }
}
