extension SettingsTable {
    /// `config/drainer.yaml`: every setting with what it means, commented out at its default, so that the file shows what
    /// an operator has changed, and a later default reaches whoever has not.
    package static func yaml() -> String {
        var lines = [
            "# The drainer's settings, for drainer run --config FILE or DRAINER_CONFIG=FILE.",
            "#",
            "# A line without its # sets a value. The environment (INSERT_BATCH_SIZE) and a flag",
            "# (--insert-batch-size) beat what stands here. An unknown key ends the process.",
        ]
        for group in groups {
            lines += ["", "# ---- \(group.title)"]
            for row in group.rows {
                lines.append("")
                lines += paragraph(row.help, indent: 1, prefix: "#")
                lines += paragraph(
                    "Allowed: \(row.allowed). Default: \(row.defaultDescription).",
                    indent: 1,
                    prefix: "#"
                )
                lines.append("#\(row.key): \(scalar(row.example ?? row.defaultText))")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Plain where YAML reads it as it stands, else in quotes: a colon at the end would begin a map.
    private static func scalar(_ text: String) -> String {
        let isPlain =
            text.first.map { $0.isLetter || $0.isNumber } == true && text.last != ":"
            && text.allSatisfy { $0.isLetter || $0.isNumber || "_-./:@".contains($0) }
        return isPlain ? text : "\"" + text.map { "\"\\".contains($0) ? "\\\($0)" : String($0) }.joined() + "\""
    }
}
