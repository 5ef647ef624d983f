import Entries
import Testing

@Suite struct ParseFailureTests {
    /// Wraps a cell into an entry that is right but for it.
    private static func create(cell: String) -> String { #"{"op":"create","table":"t","row":{"a":\#(cell)}}"# }

    @Test(arguments: [
        ("", 0), (" ", 1), ("null", 0), ("1", 0), ("\"x\"", 0), ("[]", 0), ("{", 1), ("{}x", 2), ("{} {}", 3),
        ("\u{FEFF}{}", 0),
        (#"{"a"}"#, 4), (#"{"a":}"#, 5), (#"{"a":1,}"#, 7), (#"{,"a":1}"#, 1), (#"{"a":1 "b":2}"#, 7), (#"{a:1}"#, 1),
        (#"{'a':1}"#, 1), (#"{"a":1]"#, 6), (#"{"a":[1}"#, 7), (#"{"a":[1,]}"#, 8), (#"{"a":[,1]}"#, 6),
        (#"{"a":[1 2]}"#, 8),
        (#"{"a":{"b":1,}}"#, 12), (#"{"a":tru}"#, 5), (#"{"a":True}"#, 5), (#"{"a":nulL}"#, 5), (#"{"a":falsf}"#, 5),
        (#"{"a":truee}"#, 9), (#"{"a":NaN}"#, 5), (#"{"a":Infinity}"#, 5), (#"{"a":/*x*/1}"#, 5), (#"{"a":1}//x"#, 7),
    ])
    func `broken JSON is a failure and says where`(json: String, offset: Int) {
        #expect(DecodedEntry(json).failure?.offset == offset)
    }

    @Test(arguments: [
        "01", "-01", "1.", ".5", "-.5", "-", "+1", "1e", "1e+", "1E-", "1.e5", "0x10", "1_000", "1 000", "--1", "00",
        "1.2.3", "1e5.5", "٣",
    ])
    func `a number must be JSON's`(digits: String) {
        #expect(DecodedEntry(Self.create(cell: "5")).failure == nil)
        #expect(DecodedEntry(Self.create(cell: digits)).failure != nil)
        #expect(DecodedEntry(Self.create(cell: "[\(digits)]")).failure != nil)
    }

    @Test(arguments: [
        #"\x41"#, #"\'"#, #"\u12z"#, #"\u12G4"#, #"\u 123"#, #"\U0041"#, #"\0"#, #"\"#, #"\ud800"#, #"\udc00"#,
        #"\ud800x"#, #"\ud800\n"#,
        #"\ud800\ud800"#, #"\udc00\ud800"#, #"\ud83d\u0041"#, #"\ud83d\\ude00"#, "\u{0}", "\u{1}", "\n", "\t", "\u{1F}",
    ])
    func `a string must be JSON's, wherever it stands`(text: String) {
        for prefix in ["", "0123456", "0123456789abcdef"] {
            for suffix in ["", "0123456789abcdef"] {
                let text = prefix + text + suffix
                #expect(DecodedEntry(Self.create(cell: "\"\(text)\"")).failure != nil)
                #expect(DecodedEntry(Self.create(cell: "[{\"\(text)\":1}]")).failure != nil)
                #expect(DecodedEntry(#"{"op":"create","table":"t","row":{"\#(text)":1}}"#).failure != nil)
                #expect(DecodedEntry(#"{"op":"create","table":"t","row":{},"\#(text)":1}"#).failure != nil)
                #expect(DecodedEntry(#"{"op":"create","table":"\#(text)","row":{}}"#).failure != nil)
            }
        }
    }

    @Test(
        arguments: [
            [0x80], [0xBF], [0xC0, 0x80], [0xC1, 0xBF], [0xC2], [0xC2, 0x41], [0xC2, 0xC2], [0xE0, 0x9F, 0xBF],
            [0xE0, 0xA0],
            [0xE1, 0x80, 0x41], [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xEF, 0xBF], [0xF0, 0x8F, 0xBF, 0xBF],
            [0xF0, 0x90, 0x80],
            [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFE], [0xFF],
        ] as [[UInt8]]
    )
    func `invalid UTF-8 is a failure wherever it stands`(bytes: [UInt8]) {
        #expect(String(validating: bytes, as: UTF8.self) == nil)
        for (start, end) in [
            (#"{"op":"create","table":"t","row":{"a":"abc"#, #"def"}}"#),
            (#"{"op":"create","table":"t","row":{"a":""#, #""}}"#),
            (#"{"op":"create","table":"t","row":{"012345678"#, #"":"b"}}"#),
            (#"{"op":"create","table":"t","row":{"a":[{""#, #"":1}]}}"#),
            (#"{"op":"create","table":"t","row":{},"x":"a"#, #""}"#), (#"{"op":"create","table":"t","row":{}"#, "}"),
            (#"{"op":"create","table":"t","row":{}}"#, ""), ("", #"{"op":"create","table":"t","row":{}}"#),
        ] {
            let entry = DecodedEntry(bytes: Array(start.utf8) + bytes + Array(end.utf8))
            #expect(entry.failure != nil)
        }
    }

    @Test(arguments: [
        #"{}"#, #"{"table":"t","row":{}}"#, #"{"op":"create","row":{}}"#, #"{"op":"create","table":"t"}"#,
        #"{"op":"upsert","table":"t","row":{}}"#, #"{"op":"Create","table":"t","row":{}}"#,
        #"{"op":"","table":"t","row":{}}"#,
        #"{"op":"create ","table":"t","row":{}}"#, #"{"op":null,"table":"t","row":{}}"#,
        #"{"op":1,"table":"t","row":{}}"#,
        #"{"op":["create"],"table":"t","row":{}}"#, #"{"op":{"create":1},"table":"t","row":{}}"#,
        #"{"op":"create","table":"","row":{}}"#, #"{"op":"create","table":"s.","row":{}}"#,
        #"{"op":"create","table":".t","row":{}}"#,
        #"{"op":"create","table":null,"row":{}}"#, #"{"op":"create","table":1,"row":{}}"#,
        #"{"op":"create","table":["t"],"row":{}}"#,
        #"{"op":"create","table":"t","row":null}"#, #"{"op":"create","table":"t","row":[]}"#,
        #"{"op":"create","table":"t","row":"a"}"#,
        #"{"op":"create","table":"t","row":1}"#, #"{"op":"create","table":"t","set":{"a":1}}"#,
        #"{"op":"create","table":"t","row":{},"set":1}"#, #"{"op":"create","table":"t","row":{},"where":1}"#,
        #"{"op":"create","table":"t","row":{},"forceDrainToDB":null}"#,
        #"{"op":"create","table":"t","row":{},"forceDrainToDB":1}"#,
        #"{"op":"create","table":"t","row":{},"forceDrainToDB":"true"}"#,
        #"{"op":"create","table":"t","row":{},"forceDrainToDB":[true]}"#,
        #"{"op":"update","table":"t","where":{"a":1}}"#, #"{"op":"update","table":"t","set":{},"where":{"a":1}}"#,
        #"{"op":"update","table":"t","set":null,"where":{"a":1}}"#,
        #"{"op":"update","table":"t","set":[1],"where":{"a":1}}"#,
        #"{"op":"update","table":"t","row":{"a":1},"where":{"a":1}}"#, #"{"op":"update","table":"t","set":{"a":1}}"#,
        #"{"op":"delete","table":"t"}"#, #"{"op":"delete","table":"t","row":1,"where":{"a":1}}"#,
    ])
    func `what an operation needs must be there and of its kind`(json: String) {
        #expect(DecodedEntry(json).failure != nil)
    }

    @Test(arguments: [
        #"{"op":"create","op":"create","table":"t","row":{}}"#,
        #"{"op":"create","\u006fp":"create","table":"t","row":{}}"#,
        #"{"op":"create","table":"t","table":"t","row":{}}"#, #"{"op":"create","table":"t","row":{},"row":{}}"#,
        #"{"op":"create","table":"t","row":{},"forceDrainToDB":true,"forceDrainToDB":true}"#,
        #"{"op":"create","table":"t","row":{},"x":1,"x":2}"#,
        #"{"op":"create","table":"t","row":{},"x":1,"y":2,"\u0078":2}"#,
        #"{"op":"create","table":"t","row":{"a":1,"a":1}}"#,
        #"{"op":"create","table":"t","row":{"a":1,"b":2,"\u0061":1}}"#,
        #"{"op":"create","table":"t","row":{"\/":1,"/":1}}"#, #"{"op":"create","table":"t","row":{"é":1,"\u00E9":1}}"#,
        #"{"op":"create","table":"t","row":{"😀":1,"\ud83d\uDE00":1}}"#,
        #"{"op":"create","table":"t","row":{"":1,"":1}}"#,
        #"{"op":"create","table":"t","row":{"a":{"b":1,"b":1}}}"#,
        #"{"op":"create","table":"t","row":{"a":[[{"b":1,"c":2,"\u0062":1}]]}}"#,
        #"{"op":"create","table":"t","row":{"a":{"x":{"y":1},"z":{"y":1,"q":{},"y":1}}}}"#,
        #"{"op":"create","table":"t","row":{},"x":{"a":1,"a":1}}"#,
        #"{"op":"create","table":"t","row":{},"set":{"a":1,"a":1}}"#,
        #"{"op":"create","table":"t","row":{},"where":{"a":1,"a":1}}"#,
        #"{"op":"update","table":"t","set":{"a":1,"a":1},"where":{"a":1}}"#,
        #"{"op":"update","table":"t","row":{"a":1,"a":1},"set":{"a":1},"where":{"a":1}}"#,
        #"{"op":"delete","table":"t","set":{"a":1,"a":1},"where":{"a":1}}"#,
        #"{"op":"delete","table":"t","row":{"a":1,"a":1},"where":{"a":1}}"#,
    ])
    func `a key that stands twice in an object is a failure`(json: String) {
        #expect(DecodedEntry(json).failure?.reason == "a key stands twice in one object")
    }

    @Test(arguments: [
        #"{"op":"create","table":"t","row":{"a":1,"A":1,"a ":1,"":1,"\u0000":1}}"#,
        #"{"op":"create","table":"t","row":{"e\u0301":1,"é":1}}"#,
        #"{"op":"create","table":"t","row":{"a":{"b":1},"b":{"b":1},"c":[{"b":1},{"b":1}]},"x":{"op":1},"y":{"x":1}}"#,
        #"{"op":"create","table":"t","row":{"a\\":1,"a\"":1,"a\\\"":1,"a":1}}"#,
    ])
    func `keys that differ may stand side by side`(json: String) {
        #expect(DecodedEntry(json).failure == nil)
    }

    @Test(arguments: [17, 40, 200])
    func `a key that stands twice is found among many`(count: Int) {
        for (first, second) in [(0, 1), (0, count - 1), (count / 2, count - 1), (count - 2, count - 1)] {
            var keys = (0..<count).map { "key number \($0)" }
            let unique = keys.map { "\"\($0)\":1" }.joined(separator: ",")
            #expect(DecodedEntry(Self.create(cell: "{\(unique)}")).failure == nil)
            #expect(DecodedEntry(#"{"op":"create","table":"t","row":{\#(unique)}}"#).failure == nil)
            keys[second] = keys[first]
            let members = keys.map { "\"\($0)\":1" }.joined(separator: ",")
            for json in [
                Self.create(cell: "{\(members)}"), #"{"op":"create","table":"t","row":{\#(members)}}"#,
                #"{"op":"create","table":"t","row":{},\#(members)}"#,
            ] {
                #expect(DecodedEntry(json).failure?.reason == "a key stands twice in one object")
            }
        }
    }

    @Test(arguments: [("[", "]"), (#"{"a":"#, "}"), (#"[{"a":"#, "}]")])
    func `there may be 128 levels and not one more`(open: String, close: String) {
        func entry(_ levels: Int) -> DecodedEntry {
            let pairs = levels / open.filter { "[{".contains($0) }.count
            return DecodedEntry(
                Self.create(cell: String(repeating: open, count: pairs) + "1" + String(repeating: close, count: pairs))
            )
        }
        // The entry and its row are two.
        #expect(entry(126).failure == nil)
        #expect(entry(128).failure?.reason == "more than 128 levels of brackets")
        #expect(entry(1_000_000).failure?.reason == "more than 128 levels of brackets")
    }

    @Test func `levels count at the top too`() {
        func entry(_ levels: Int) -> DecodedEntry {
            DecodedEntry(
                #"{"x":"# + String(repeating: "[", count: levels) + String(repeating: "]", count: levels)
                    + #","op":"create","table":"t","row":{}}"#
            )
        }
        #expect(entry(127).failure == nil)
        #expect(entry(128).failure != nil)
    }

    @Test func `a failure leaves nothing behind`() {
        let window = Window(entries: [
            Array(#"{"op":"create","table":"t","row":{"a":1,"b":2,"c"}}"#.utf8),
            Array(#"{"op":"create","table":"t","row":{"a":1,"b":2}},"#.utf8),
            Array(#"{"op":"update","table":"t","set":{"a":1},"where":{"b":{"$gt":1},"c":{"$or":1}}}"#.utf8),
            Array(#"{"op":"update","table":"t","set":{"a":1,"a":1},"where":{"b":{"$gt":1}}}"#.utf8),
            Array(#"{"op":"create","table":"u","row":{"z":26}}"#.utf8),
        ])
        #expect(window.commands.count == 1)
        #expect(window.cells.count == 1)
        #expect(window.predicates.isEmpty)
        #expect(window.signatures.count == 1)
        #expect(window.summary(of: 4) == "create public.u row z=26")
    }

    @Test func `a failure never shows a value`() {
        let secret = "hunter2"
        for json in [
            #"{"op":"\#(secret)","table":"t","row":{}}"#, #"{"op":"create","table":"t","row":{"a":\#(secret)}}"#,
            #"{"op":"delete","table":"t","where":{"a":{"$\#(secret)":1}}}"#,
            #"{"op":"create","table":"t","row":"\#(secret)"}"#,
        ] {
            let failure = DecodedEntry(json).failure
            #expect(failure != nil)
            #expect(failure?.description.contains(secret) == false)
        }
    }
}
