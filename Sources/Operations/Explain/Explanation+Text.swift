import Settings

extension Explanation {
    /// For people, 96 columns wide.
    ///
    /// - Parameter lines: the entries as they were given; of one that cannot be read, the place of the fault is shown.
    package func text(quoting lines: EntryLines) -> String {
        var page = Paragraphs()
        appendHead(to: &page)
        for entry in entries {
            if let failure = entry.failure { append(failure, of: entry, lines.lines[entry.number - 1], to: &page) }
        }
        for group in signatures {
            page.append()
            append(group, to: &page)
        }
        if !assumptions.isEmpty {
            page.append()
            page.append(
                "Casts, keys, foreign keys and triggers come from the catalog, which was not asked (--check asks it)."
            )
            page.append("Taken for true instead:")
            for assumption in assumptions { page.append("", assumption, indent: 2, labelWidth: 0) }
        }
        return page.text
    }

    private func appendHead(to page: inout Paragraphs) {
        let decisive = ["INSERT_BATCH_SIZE", "BATCH_CHUNK_SIZE", "BATCHED_CREATE_ENABLED"]
            .map { "\($0)=\(settings[$0] ?? "")" }.joined(separator: " ")
        let unwritten = entries.filter { $0.statement == nil && $0.failure == nil }.count
        page.append(
            "\(counted(statements.count, "statement", "statements")) for \(counted(entries.count, "entry", "entries"))"
        )
        page.append(decisive)
        if unwritten > 0 {
            page.append(
                "\(counted(unwritten, "entry stays", "entries stay")) in the stream, behind one that cannot be read"
            )
        }
        guard !statements.isEmpty else { return }
        page.append()
        let groups = Dictionary(uniqueKeysWithValues: signatures.map { ($0.name, $0) })
        page.append(
            table: [["  #", "road", "entries", "signature"]]
                + statements.prefix(Self.mostStatements).map { statement in
                    [
                        String(repeating: " ", count: max(0, 3 - "\(statement.number)".count)) + "\(statement.number)",
                        statement.road, ranges(statement.entries),
                        "\(statement.signature)  \(groups[statement.signature]?.operationAndTable ?? "")",
                    ]
                }
        )
        if statements.count > Self.mostStatements {
            page.append("  … and \(statements.count - Self.mostStatements) more")
        }
    }

    /// More are counted, and shown by `--json`.
    private static let mostStatements = 40

    private func append(_ group: Group, to page: inout Paragraphs) {
        page.append("\(group.name)  \(group.operationAndTable) \(group.columnList)")
        for road in group.roads {
            page.append(
                "road",
                "\(road.road): \(road.why) (\(road.entries.count == 1 ? "entry" : "entries") \(ranges(road.entries)))"
            )
        }
        let severalTexts = group.forms.filter { $0.form == "single" }.count > 1
        for form in group.forms {
            page.append(form.form, form.sql)
            var remarks: [String] = []
            if form.form == "bulk", group.forms.contains(where: { $0.form == "copy" }) {
                remarks.append("where the copy meets a key, or is refused")
            } else if !form.isSent {
                remarks.append("not sent here")
            }
            if form.form == "single", severalTexts { remarks.append("entry \(ranges(form.entries))") }
            if !remarks.isEmpty { page.append("", "(\(remarks.joined(separator: ", ")))") }
            if let refusal = form.refusal { page.append("REFUSED", refusal) }
        }
        page.append("$n", group.parameters)
        if group.barrier.isEmpty {
            page.append("barrier", "no; what would make it one: " + group.wouldBeBarrier.joined(separator: "; "))
        } else {
            page.append("barrier", "yes, nothing of the table overtakes it: " + group.barrier.joined(separator: "; "))
        }
        for note in group.notes { page.append("note", note) }
        if let catalog = group.catalog { append(catalog, of: group, to: &page) }
    }

    private func append(_ catalog: CatalogAnswer, of group: Group, to page: inout Paragraphs) {
        guard catalog.tableExists else {
            return page.append(
                "catalog",
                "no table \(group.table): its entries wait REFUSAL_GRACE for it and then become dead letters"
            )
        }
        let known = catalog.columns.compactMap { column in column.type.map { "\(column.name) \($0)" } }
        if !known.isEmpty { page.append("types", known.joined(separator: ", ")) }
        let missing = catalog.columns.filter { $0.type == nil }.map(\.name)
        if !missing.isEmpty { page.append("MISSING", "no such column: \(missing.joined(separator: ", "))") }
        let keys = catalog.uniqueKeys.map { "(\($0.joined(separator: ", ")))" }
        page.append("keys", keys.isEmpty ? "none" : keys.joined(separator: ", "))
        if !catalog.foreignKeys.isEmpty { page.append("refers", catalog.foreignKeys.joined(separator: "; ")) }
        if !catalog.obstacles.isEmpty { page.append("also", catalog.obstacles.joined(separator: "; ")) }
    }

    private func append(_ failure: Failure, of entry: Entry, _ line: EntryLines.Line, to page: inout Paragraphs) {
        page.append()
        let place = failure.offset.map { " at byte \($0)" } ?? ""
        page.append("entry \(entry.number) (line \(entry.line)) cannot be read: \(failure.reason)\(place)")
        if let offset = failure.offset {
            let excerpt = Excerpt(of: line.bytes, around: offset)
            page.append("   " + excerpt.text)
            page.append("   " + String(repeating: " ", count: excerpt.mark) + "^")
        }
        page.append("   ON_PARSE_FAILURE=\(settings["ON_PARSE_FAILURE"] ?? ""): \(failure.outcome)")
    }
}

extension Explanation.Group {
    fileprivate var operationAndTable: String { "\(operation) \(table)" }

    fileprivate var columnList: String {
        let set = "(\(columns.joined(separator: ", ")))"
        let compared = "where (\(whereColumns.joined(separator: ", ")))"
        return switch operation {
        case "create": set
        case "update": "set \(set) \(compared)"
        default: compared
        }
    }

    /// `$1 id, $2 name`.
    fileprivate var parameters: String {
        let isEquality = forms.contains { $0.form == "bulk" }
        let named = columns + (isEquality ? whereColumns : [])
        var parts = named.enumerated().map { "$\($0 + 1) \($1)" }
        if operation != "create", !isEquality { parts.append("then the values of the where in their order") }
        let list = parts.isEmpty ? "none" : parts.joined(separator: ", ")
        return list + (isEquality && !named.isEmpty ? "; in bulk each a text[] of all rows" : "")
    }
}

/// A piece of an entry for one line of a terminal: every byte one column.
struct Excerpt {
    let text: String
    /// The column of the byte meant.
    let mark: Int

    init(of bytes: ArraySlice<UInt8>, around offset: Int) {
        let start = max(0, min(offset, bytes.count) - 40)
        let piece = bytes.dropFirst(start).prefix(80)
        let isPrintable = { (byte: UInt8) in byte >= 0x20 && byte < 0x7F }
        let characters = piece.map { isPrintable($0) ? Character(UnicodeScalar($0)) : "." }
        let lead = start > 0 ? "…" : ""
        text = lead + String(characters) + (start + piece.count < bytes.count ? "…" : "")
        mark = lead.count + min(offset, bytes.count) - start
    }
}
