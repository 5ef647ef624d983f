/// Writes KV entries as their producer does: keys in order, no blanks.
package enum KVText {
    /// JSON of a cell by its field.
    package typealias Cells = KeyValuePairs<String, String>

    /// The JSON of a cell that shows a text.
    package static func text(_ text: String) -> String { json(HaskellText.shown(text)) }

    /// A JSON string.
    package static func json(_ text: String) -> String {
        var json = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": json += #"\""#
            case "\\": json += #"\\"#
            case "\n": json += #"\n"#
            case "\u{0}"..<" ":
                let digits = String(scalar.value, radix: 16)
                json += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: json.unicodeScalars.append(scalar)
            }
        }
        return json + "\""
    }

    package static func create(
        _ type: String,
        _ row: Cells,
        mappings: KeyValuePairs<String, String> = [:],
        forced: Bool = false
    ) -> String {
        entry(tag: "Create", type: "\(type)Object", contents: object(row), mappings, forced)
    }

    package static func update(
        _ type: String,
        set: Cells,
        where clause: String,
        mappings: KeyValuePairs<String, String> = [:],
        forced: Bool = false
    ) -> String {
        let columns = set.map { #"{"key":"\#($0.key)","value":\#($0.value)}"# }.joined(separator: ",")
        return entry(
            tag: "Update",
            type: "\(type)Options",
            contents: "[[\(columns)],[\(condition(clause))]]",
            mappings,
            forced
        )
    }

    package static func delete(_ type: String, where clause: String) -> String {
        entry(tag: "Delete", type: "\(type)Options", contents: condition(clause), [:], nil)
    }

    private static func condition(_ clause: String) -> String {
        #"{"clauseContents":\#(clause),"clauseTag":"where"}"#
    }

    private static func object(_ members: Cells) -> String {
        "{" + members.map { "\(json($0.key)):\($0.value)" }.joined(separator: ",") + "}"
    }

    package static func entry(
        tag: String,
        type: String,
        contents: String,
        _ mappings: KeyValuePairs<String, String> = [:],
        _ isForced: Bool? = false
    ) -> String {
        let names = "{" + mappings.map { "\(json($0.key)):\(json($0.value))" }.joined(separator: ",") + "}"
        let forced = isForced.map { #""forceDrainToDB":\#($0),"# } ?? ""
        return #"{"contents_v2":{"cmdVersion":"V2","command":{"contents":\#(contents),"tag":"\#(type)"},"#
            + #""dbName":"postgres","tag":"t_id_1{shard-5}","timestamp":1787060926121},\#(forced)"mappings":\#(names),"#
            + #""modelObject":{},"tag":"\#(tag)"}"#
    }
}
