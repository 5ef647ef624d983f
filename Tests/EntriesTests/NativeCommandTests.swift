import Entries
import Testing

@Suite struct NativeCommandTests {
    @Test(arguments: [
        (
            #"{"op":"create","table":"atlas_app.person","row":{"id":"p","name":"John","tags":["a","b"],"meta":{"k":1}},"forceDrainToDB":false}"#,
            #"create atlas_app.person row id='p' meta={"k":1} name='John' tags=["a","b"]"#
        ),
        (
            #"{"op":"update","table":"atlas_app.person","set":{"name":"Jane"},"where":{"id":"p"},"forceDrainToDB":false}"#,
            "update atlas_app.person set name='Jane' where id='p'"
        ),
        (#"{"op":"delete","table":"atlas_app.person","where":{"id":"p"}}"#, "delete atlas_app.person where id='p'"),
        (
            #"{"op":"delete","table":"t","where":{"b":1,"a":true},"forceDrainToDB":true}"#,
            "delete public.t where a=true b=1 forced"
        ),
        (#"{"op":"create","table":"t","row":{}}"#, "create public.t"),
        (
            #"{"op":"update","table":"t","set":{"b":null,"a":false},"where":{"d":[1],"c":-0.5e3}}"#,
            "update public.t set a=false b=null where c=-0.5e3 d=[1]"
        ),
        (
            " \t\r\n{ \"op\" : \"create\" ,\n\"table\":\"t\",\"row\": { \"a\" : [ 1 , 2 ] , \"b\" : { } } }\r\n\t ",
            "create public.t row a=[ 1 , 2 ] b={ }"
        ),
    ])
    func `an entry says what it says`(json: String, summary: String) {
        #expect(DecodedEntry(json).summary == summary)
    }

    @Test(arguments: [
        #"{"row":{"b":2,"a":1},"op":"create","table":"s.t","forceDrainToDB":true}"#,
        #"{"forceDrainToDB":true,"table":"s.t","row":{"a":1,"b":2},"op":"create"}"#,
        #"{"x":{"y":[1,{"z":null}]},"row":{"a":1,"b":2},"w":"\ud83d\ude00","table":"s.t","forceDrainToDB":true,"op":"create"}"#,
        #"{"\u006fp":"cre\u0061te","\u0074able":"s.t","r\u006fw":{"a":1,"b":2},"forceDrainToD\u0042":true}"#,
        #"{"row":{"b":2,"a":1},"forceDrainToDB":true,"table":"s.t","op":"create"}"#,
        #"{"op":"create","row":{"b":2,"a":1},"table":"s.t","forceDrainToDB":true,"aKeyOfMoreThanSixteenLetters":1}"#,
        #"{"op":"create","row":{"b":2,"a":1},"forceDrainToDB":true,"forceDrainToDC":1,"ope":1,"o":1,"table":"s.t"}"#,
        #"{"op":"create","table":"s\u002et","row":{"\u0062":2,"a":1},"forceDrainToDB":true}"#,
        #"{"op":"create","table":"s.t","row":{"a":1,"b":2},"set":{"q":1},"where":{},"forceDrainToDB":true}"#,
    ])
    func `order and spelling of keys are free and unknown keys are ignored`(json: String) {
        #expect(DecodedEntry(json).summary == "create s.t row a=1 b=2 forced")
    }

    @Test func `an entry that says both formats is native`() {
        #expect(DecodedEntry(#"{"contents_v2":{},"op":"create","table":"t","row":{}}"#).summary == "create public.t")
    }

    @Test(arguments: [
        ("t", "public", "t"), ("s.t", "s", "t"), ("s.t.u", "s", "t.u"), ("s..", "s", "."),
        ("S T.\\\"x\\\"", "S T", "\"x\""),
        ("ಕ.\u{301}x", "ಕ", "\u{301}x"),
    ])
    func `the first dot splits a table's name`(text: String, schema: String, name: String) {
        let entry = DecodedEntry(#"{"op":"create","table":"\#(text)","row":{}}"#)
        #expect(entry.window.signatures.first?.table == TableName(schema: schema, name: name))
    }

    @Test(arguments: [
        "0", "-0", "9007199254740993", "12345678901234567890.12", "-1e400", "1E+5", "1.0e-2", "0.10",
        "123456789012345678901234567890123456789012345678901234567890",
    ])
    func `a number keeps its digits`(digits: String) throws {
        let entry = DecodedEntry(#"{"op":"create","table":"t","row":{"a":\#(digits),"b":[\#(digits)]}}"#)
        #expect(entry.texts == ["a": digits, "b": "[\(digits)]"])
        let command = try #require(entry.window.commands.first)
        #expect(entry.window.cells(of: command).map(\.kind) == [.number, .array])
    }

    @Test(arguments: [
        "John", "ಬೆಂಗಳೂರು", "Ñandú", "مرحبا بالعالم", "שלום", "日本語テキスト", "한국어", "ไทย", "हिन्दी", "Ελληνικά", "Кириллица",
        "😀👩‍👩‍👧‍👦🏴‍☠️", "e\u{301}", "\u{7F}", "\u{80}", "\u{7FF}", "\u{800}", "\u{FFFF}", "\u{10000}", "\u{10FFFF}", "\u{FEFF}",
        "a very long text without anything special in it, so that whole words are read",
    ])
    func `text of every script is kept, as a value and as a name`(text: String) {
        let entry = DecodedEntry(#"{"op":"create","table":"\#(text)","row":{"\#(text)":"\#(text)"}}"#)
        #expect(entry.texts[text] == text)
        #expect(entry.window.signatures.first?.table.name == text)
        #expect(entry.window.cells.first?.kind == .string)
    }

    @Test(arguments: 0..<20)
    func `what is special may stand anywhere in a text`(length: Int) {
        for special in [#"\""#, #"\\"#, #"\n"#, #"\u0e01"#, #"\uD83D\uDE00"#, "ก", "😀"] {
            let prefix = String(repeating: "x", count: length)
            for suffix in ["", "y", "yyyyyyyyyyyyyyyy"] {
                let raw = prefix + special + suffix
                let plain = raw.replacing(#"\""#, with: "\"").replacing(#"\\"#, with: "\\").replacing(
                    #"\n"#,
                    with: "\n"
                )
                .replacing(#"\u0e01"#, with: "ก").replacing(#"\uD83D\uDE00"#, with: "😀")
                let entry = DecodedEntry(#"{"op":"create","table":"t","row":{"\#(raw)":"\#(raw)"}}"#)
                #expect(entry.texts == [plain: plain])
            }
        }
    }

    @Test func `a name with U+0000 is kept whole`() {
        let entry = DecodedEntry(#"{"op":"create","table":"t","row":{"a\u0000b":"c\u0000d"}}"#)
        #expect(entry.texts == ["a\u{0}b": "c\u{0}d"])
    }

    @Test func `cells lie in the arena of a window of several entries`() {
        let window = Window(entries: [
            Array(#"{"op":"create","table":"t","row":{"a":"first"}}"#.utf8),
            Array("broken".utf8),
            Array(#"{"op":"update","table":"t","set":{"a":"second"},"where":{"b":{"$gt":7}}}"#.utf8),
            Array(#"{"op":"create","table":"t","row":{"a":"third"}}"#.utf8),
        ])
        #expect(window.summary(of: 0) == "create public.t row a='first'")
        #expect(window.failure(of: 1) == ParseFailure("the entry is not a JSON object", at: 0))
        #expect(window.summary(of: 2) == "update public.t set a='second' where (b > 7)")
        #expect(window.summary(of: 3) == "create public.t row a='third'")
        #expect(window.commands.map(\.entry) == [0, 2, 3])
        #expect(window.signatures.count == 2)
    }

    @Test func `an entry must have the one field`() {
        let value = Array(#"{"op":"create","table":"t","row":{}}"#.utf8)[...]
        var builder = WindowBuilder(stream: "s", decoder: EntryDecoder(defaultSchema: "public"))
        builder.append(id: .zero, fields: [(name: Array("command".utf8)[...], value: value)])
        builder.append(id: .zero, fields: [(name: Array("Command".utf8)[...], value: value)])
        builder.append(
            id: .zero,
            fields: [(name: Array("command".utf8)[...], value: value), (name: Array("x".utf8)[...], value: value)]
        )
        builder.append(id: .zero, fields: [])
        let window = builder.finish().window
        #expect(window.entries.indices.map { window.failure(of: $0) == nil } == [true, false, false, false])
    }

    @Test(arguments: [Slice(start: 0, length: 100), Slice(start: Int(UInt32.max), length: Int(UInt32.max))])
    func `an entry outside of its window is a failure`(body: Slice) {
        var decoder = EntryDecoder(defaultSchema: "public")
        var window = Window(stream: "s")
        #expect(throws: ParseFailure.self) { try decoder.decode(body, into: &window, entry: 0) }
    }
}
