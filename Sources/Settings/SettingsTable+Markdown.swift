extension SettingsTable {
    /// The table of the README, between its markers.
    package static func markdown() -> String {
        let rows = all.map { row in
            let fallback = row.defaultNote ?? "`\(row.defaultText)`"
            return "| `\(row.name)` | \(cell(fallback)) | \(cell(row.allowed)) | \(cell(row.help)) |"
        }
        return (["| environment | default | allowed | meaning |", "|---|---|---|---|"] + rows).joined(separator: "\n")
            + "\n"
    }

    /// A bar would end the cell, and angle brackets would be taken for HTML.
    private static func cell(_ text: String) -> String {
        text.map { "|<>".contains($0) ? "\\\($0)" : String($0) }.joined()
    }
}
