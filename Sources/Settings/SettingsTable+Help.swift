extension SettingsTable {
    /// The settings' part of `drainer run --help`, 80 columns wide.
    package static func helpText() -> String {
        var lines = paragraph(
            """
            Settings: a flag beats the environment, which beats the file that --config FILE or DRAINER_CONFIG names, \
            which beats the default. --insert-batch-size is INSERT_BATCH_SIZE in the environment and insert_batch_size \
            in the file. An environment variable set to nothing counts as unset.
            """,
            indent: 0
        )
        for group in groups {
            lines += ["", "\(group.title):"]
            for row in group.rows {
                lines.append("  \(row.flag) \(row.placeholder)")
                lines += paragraph(row.help, indent: 6)
                lines += paragraph("Allowed: \(row.allowed). Default: \(row.defaultDescription).", indent: 6)
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Lines of at most 80 columns; a word that is longer stands alone.
    static func paragraph(_ text: String, indent: Int, prefix: String = "") -> [String] {
        let margin = prefix + String(repeating: " ", count: indent)
        var lines: [String] = []
        var line = margin
        for word in text.split(separator: " ") {
            if line.count > margin.count, line.count + 1 + word.count > 80 {
                lines.append(line)
                line = margin
            }
            line += (line.count > margin.count ? " " : "") + word
        }
        return lines + [line]
    }
}
