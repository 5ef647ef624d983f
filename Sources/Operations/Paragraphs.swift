import Settings

/// Lines for a terminal: labels in a column of their own, long texts wrapped beside them.
struct Paragraphs {
    static let width = 96

    private(set) var lines: [String] = []

    var text: String { lines.joined(separator: "\n") }

    /// Appends one line as it stands but for what a terminal would act on.
    mutating func append(_ line: String = "") {
        lines.append(line.line(upTo: 10_000))
    }

    /// Appends one line of any length in which nothing is left that a terminal would act on.
    mutating func append(verbatim line: String) {
        lines.append(line)
    }

    /// Appends `label  text`, the text wrapped at blanks; a word that is longer than the line stands alone.
    mutating func append(_ label: String, _ text: String, indent: Int = 3, labelWidth: Int = 8) {
        let margin = String(repeating: " ", count: indent + labelWidth)
        var line = String(repeating: " ", count: indent) + label
        line += String(repeating: " ", count: max(1, margin.count - line.count))
        var isEmpty = true
        for word in text.split(separator: " ") {
            if !isEmpty, line.count + 1 + word.count > Self.width {
                append(line)
                line = margin
                isEmpty = true
            }
            line += (isEmpty ? "" : " ") + word
            isEmpty = false
        }
        append(line)
    }

    /// Appends rows as columns of a table; the first row is its head.
    mutating func append(table rows: [[String]]) {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0 }
        for row in rows {
            let cells = row.enumerated().map { column, cell in
                column == row.count - 1 ? cell : cell + String(repeating: " ", count: widths[column] - cell.count)
            }
            append(cells.joined(separator: "  "))
        }
    }
}

/// `1 entry`, `2 entries`.
func counted(_ count: Int, _ one: String, _ many: String) -> String { "\(count) \(count == 1 ? one : many)" }

/// `1-3, 7`.
func ranges(_ numbers: [Int]) -> String {
    var parts: [ClosedRange<Int>] = []
    for number in numbers.sorted() {
        if let last = parts.last, number == last.upperBound + 1 {
            parts[parts.count - 1] = last.lowerBound...number
        } else {
            parts.append(number...number)
        }
    }
    return parts.map { part in
        switch part.count {
        case 1: "\(part.lowerBound)"
        case 2: "\(part.lowerBound), \(part.upperBound)"
        default: "\(part.lowerBound)-\(part.upperBound)"
        }
    }.joined(separator: ", ")
}
