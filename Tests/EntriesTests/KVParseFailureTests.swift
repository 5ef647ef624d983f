import Entries
import TestSupport
import Testing

@Suite struct KVParseFailureTests {
    private static let good: [(String, String)] = [
        ("Create", KVText.create("T", ["a": #""1""#])),
        ("Update", KVText.update("T", set: ["a": #""1""#], where: #"{"id":"7"}"#)),
        ("Delete", KVText.delete("T", where: #"{"id":"7"}"#)),
    ]

    @Test(
        arguments: [
            (#""tag":"Create""#, #""tag":"create""#), (#""tag":"Create""#, #""tag":1"#), (#","tag":"Create""#, ""),
            (#""tag":"Create""#, #""tag":"Update""#), (#""tag":"Create""#, #""tag":"Delete""#),
            (#""tag":"Update""#, #""tag":"Create""#), (#""tag":"Update""#, #""tag":"Delete""#),
            (#""tag":"Delete""#, #""tag":"Create""#), (#""tag":"Delete""#, #""tag":"Update""#),
            (#""cmdVersion":"V2","#, ""), (#""dbName":"postgres","#, ""), (#","timestamp":1787060926121"#, ""),
            (#"1787060926121"#, #""1787060926121""#), (#""tag":"t_id_1{shard-5}","#, ""),
            (#""t_id_1{shard-5}""#, "5"), (#""contents_v2":{"#, #""contents_v3":{"#),
            (#""mappings":{}"#, #""mappings":[]"#), (#""mappings":{}"#, #""mappings":null"#),
            (#""mappings":{}"#, #""mappings":{"a":1}"#), (#""mappings":{}"#, #""mappings":{"a":"b","a":"c"}"#),
            (#""mappings":{}"#, #""mappings":{"a":"b",}"#),
            (#""forceDrainToDB":false"#, #""forceDrainToDB":null"#),
            (#""forceDrainToDB":false"#, #""forceDrainToDB":"True""#),
            (#""TObject""#, #""TOptions""#), (#""TOptions""#, #""TObject""#), (#""TObject""#, #""Object""#),
            (#""TObject""#, #""T""#), (#""TObject""#, "1"), (#"{"a":"1"}"#, #"{"a":1}"#), (#"{"a":"1"}"#, "[]"),
            (#"{"a":"1"}"#, #"{"a":"1","a":"1"}"#), (#"{"a":"1"}"#, #"{"aB":"1","a_b":"1"}"#),
            (#"{"a":"1"}"#, "null"), (#"[{"key":"a","value":"1"}]"#, "[]"),
            (#""value":"1""#, #""value":1"#), (#""value":"1""#, #""value":"1","value":"2""#), (#","value":"1""#, ""),
            (#""key":"a","#, ""), (#""key":"a""#, #""key":1"#), (#"{"key":"a","value":"1"}"#, "1"),
            (#"{"key":"a","value":"1"}"#, #"{"key":"a","value":"1"},{"key":"a","value":"1"}"#),
            (#"{"key":"a","value":"1"}"#, #"{"key":"a","value":"1"},"#),
            (#"{"id":"7"}"#, "{}"), (#"{"id":"7"}"#, "null"), (#"{"id":"7"}"#, "[]"), (#"{"id":"7"}"#, #"{"id":7}"#),
            (#"{"id":"7"}"#, #"{"id":true}"#), (#"{"id":"7"}"#, #"{"$and":[]}"#), (#"{"id":"7"}"#, #"{"$or":[]}"#),
            (#"{"id":"7"}"#, #"{"$and":[{}]}"#), (#"{"id":"7"}"#, #"{"id":"7","id":"7"}"#),
            (#"{"id":"7"}"#, #"{"$and":[{"id":"7","id":"7"}]}"#), (#"{"id":"7"}"#, #"{"$foo":[{"id":"7"}]}"#),
            (#"{"id":"7"}"#, #"{"id":{"$gt":"SqlNull"}}"#), (#"{"id":"7"}"#, #"{"id":{"$in":"7"}}"#),
            (#"{"id":"7"}"#, #"{"id":{"$in":[7]}}"#), (#"{"id":"7"}"#, #"{"id":{"a":"7"}}"#),
            (#"{"id":"7"}"#, #"{"id":["7",7]}"#), (#"{"id":"7"}"#, #"{"$and":[{"id":"7"}}"#),
            (#""clauseTag":"where""#, #""clauseTag":"set""#), (#","clauseTag":"where""#, ""),
            (#""clauseContents":{"id":"7"},"#, ""), (#"}],[{"clause"#, #"}],{"clause"#),
            (#""where"}]]"#, #""where"}],[]]"#), (#""where"}]]"#, #""where"},{}]]"#),
            (#",[{"clause"#, #",[],[{"clause"#),
        ] as [(String, String)]
    )
    func `what an operation needs must be there and of its kind`(part: String, other: String) {
        var changed = 0
        for (_, entry) in Self.good where entry.contains(part) {
            changed += 1
            #expect(DecodedEntry(entry).failure == nil)
            let broken = DecodedEntry(entry.replacing(part, with: other))
            #expect(broken.failure != nil, "\(entry.replacing(part, with: other))")
            #expect(broken.window.cells.isEmpty && broken.window.signatures.isEmpty)
        }
        #expect(changed > 0)
    }

    @Test(arguments: ["1", "1.5", "true", "false", "null", "{}", #"[1]"#, #"["a",null]"#, #"[["a",{}]]"#, "[true]"])
    func `a JSON value of another kind is no cell`(json: String) {
        #expect(DecodedEntry(KVText.create("T", ["a": json])).failure != nil)
        #expect(DecodedEntry(KVText.update("T", set: ["a": json], where: #"{"id":"7"}"#)).failure != nil)
        #expect(DecodedEntry(KVText.delete("T", where: #"{"a":{"$gt":\#(json)}}"#)).failure != nil)
        #expect(DecodedEntry(KVText.delete("T", where: #"{"a":{"$in":[\#(json)]}}"#)).failure != nil || json == "null")
        if json != "null" {
            #expect(DecodedEntry(KVText.delete("T", where: #"{"a":\#(json)}"#)).failure != nil)
            #expect(DecodedEntry(KVText.delete("T", where: #"{"a":{"$ne":\#(json)}}"#)).failure != nil)
        }
    }

    @Test(arguments: [
        #""\""#, #""a"b""#, #""\q""#, #""\'""#, #""\x""#, #""\o""#, #""\o8""#, #""\xg""#, #""\1114112""#,
        #""\x110000""#, #""\o4200000000000000000000000000000""#, #""\99999999999999999999999""#, #""\55296""#,
        #""\xDFFF""#, #""\^a""#, #""\^""#, #""\^?""#, #""\NU""#, #""\SP""#, #""\ x\""#, #""\ ""#,
        #""\  \\""#,
        #""\""""#, "\"é\"", "\"ठ\"", "\"\u{7F}\"", "\"\n\"", "\"\t\"", "\"\u{0}\"", #""\X41""#,
        #""\O101""#, #""\D800""#,
    ])
    func `a broken literal is a failure, wherever it stands`(text: String) {
        for (prefix, suffix) in [("", ""), ("0123456789abc\\n", ""), ("", " z0123456789abc"), ("\\&", " z\\&")] {
            let cell = KVText.json("\"" + prefix + text.dropFirst().dropLast() + suffix + "\"")
            for json in [cell, "[\(cell)]", #"["\"a\"",[[\#(cell)]]]"#] {
                #expect(DecodedEntry(KVText.create("T", ["a": json])).failure != nil, "\(json)")
                #expect(DecodedEntry(KVText.delete("T", where: #"{"a":\#(json)}"#)).failure != nil, "\(json)")
            }
        }
    }

    @Test func `a failure says where and never shows a value`() {
        let entry = KVText.create("T", ["a": KVText.text("x"), "b": KVText.json(#""hunter2\q""#)])
        let failure = DecodedEntry(entry).failure
        #expect(failure?.reason == "a broken Haskell string literal")
        // At the literal's backslash, which JSON writes as two.
        #expect(failure?.offset == Array(entry.utf8).firstIndex(of: UInt8(ascii: "q")).map { $0 - 2 })
        #expect(failure?.description.contains("hunter2") == false)
    }

    @Test func `levels are counted`() {
        func entry(_ levels: Int) -> DecodedEntry {
            let cell = String(repeating: "[", count: levels) + String(repeating: "]", count: levels)
            return DecodedEntry(KVText.create("T", ["a": cell]))
        }
        // Four levels stand around a cell.
        #expect(entry(124).failure == nil)
        #expect(entry(125).failure?.reason == "more than 128 levels of brackets")
        #expect(entry(1_000_000).failure?.reason == "more than 128 levels of brackets")
        func clause(_ levels: Int) -> DecodedEntry {
            let open = String(repeating: #"{"$and":["#, count: levels)
            return DecodedEntry(
                KVText.delete("T", where: open + #"{"a":"1"}"# + String(repeating: "]}", count: levels))
            )
        }
        #expect(clause(60).summary == "delete public.t where a='1'")
        #expect(clause(70).failure?.reason == "more than 128 levels of brackets")
        #expect(clause(1_000_000).failure?.reason == "more than 128 levels of brackets")
    }
}
