import Drain
import Entries

extension StatementParameters {
    /// Why PostgreSQL would store, or compare, less than one of the commands says: its types `name` and `"char"` cut what
    /// is too long for them and say nothing.
    func refusal(of commands: ArraySlice<Int>) -> Refusal? {
        guard let table, table.types.values.contains(where: { $0.longest != nil }) else { return nil }
        for index in commands {
            let command = window.commands[index]
            for (column, cell) in zip(signature.columns + signature.whereColumns, window.cells(of: command)) {
                if let refusal = refusal(of: cell, column, table) { return refusal }
            }
            if let predicate = command.predicate, let refusal = refusal(of: window.predicates[predicate], table) {
                return refusal
            }
        }
        return nil
    }

    private func refusal(of predicate: Predicate, _ table: TableDescription) -> Refusal? {
        switch predicate {
        case .and(let parts), .or(let parts): parts.lazy.compactMap { refusal(of: $0, table) }.first
        case .not(let part): refusal(of: part, table)
        case .compare(let column, _, let cell): refusal(of: cell, column, table)
        case .isNull, .isNotNull: nil
        case .isIn(let column, let cells), .isNotIn(let column, let cells):
            cells.lazy.compactMap { refusal(of: $0, column, table) }.first
        }
    }

    private func refusal(of cell: Cell, _ column: String, _ table: TableDescription) -> Refusal? {
        guard let type = table.types[column], let longest = type.longest, !cell.isNull else { return nil }
        var text: [UInt8] = []
        window.append(cell, type.shape, to: &text)
        let length = type.shape == .plain ? text.count : Self.longestElement(of: text)
        guard length > longest else { return nil }
        return Refusal(sqlState: "22001", message: "value too long for type \(type.sql)")
    }

    /// Bytes of the longest quoted element of an array literal.
    private static func longestElement(of literal: [UInt8]) -> Int {
        var (longest, length, isInside, isEscaped) = (0, 0, false, false)
        for byte in literal {
            if isEscaped {
                (length, isEscaped) = (length + 1, false)
            } else if byte == UInt8(ascii: "\"") {
                (length, isInside) = (0, !isInside)
            } else if isInside, byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if isInside {
                length += 1
            }
            longest = max(longest, length)
        }
        return longest
    }
}
