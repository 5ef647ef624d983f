extension StringProtocol {
    /// Without the blanks around it, which quoting and environment files leave behind.
    var trimmed: String {
        guard let first = firstIndex(where: { !$0.isWhitespace }), let last = lastIndex(where: { !$0.isWhitespace })
        else { return "" }
        return String(self[first...last])
    }

    /// Fit for one line of a log or an error: control characters escaped, at most `limit` characters.
    package func line(upTo limit: Int = 120) -> String {
        var line = ""
        for scalar in unicodeScalars.prefix(limit) {
            // Also what a terminal acts on without showing: C1 controls, line separators and bidirectional marks.
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator: line += scalar.escaped(asASCII: true)
            default: line.unicodeScalars.append(scalar)
            }
        }
        return unicodeScalars.count > limit ? line + "…" : line
    }
}
