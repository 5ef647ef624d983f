import Entries
import Testing

@Suite struct ShapeTests {
    private static func create(_ table: String, _ members: String) -> [UInt8] {
        Array(#"{"op":"create","table":"\#(table)","row":{\#(members)}}"#.utf8)
    }

    @Test func `commands of one signature share it whatever the order of their keys`() {
        let window = Window(entries: [
            Self.create("t", #""a":1,"b":2"#), Self.create("t", #""b":3,"a":4"#),
            Self.create("public.t", #""\u0062":5,"a":6"#),
            Self.create("u", #""a":1,"b":2"#), Self.create("t", #""a":1,"b":2,"c":3"#),
        ])
        #expect(window.commands.map(\.signature) == [0, 0, 0, 1, 2])
        #expect(window.signatures.count == 3)
        #expect(window.summary(of: 2) == "create public.t row a=6 b=5")
    }

    @Test func `columns are sorted by their bytes`() {
        let entry = DecodedEntry(
            #"{"op":"create","table":"t","row":{"é":1,"z":2,"Z":3,"a b":4,"a":5,"\uffff":6,"😀":7,"":8,"e\u0301":9}}"#
        )
        let columns = entry.window.signatures.first?.columns ?? []
        #expect(
            columns.map { Array($0.utf8) }
                == ["", "Z", "a", "a b", "e\u{301}", "z", "é", "\u{FFFF}", "😀"].map { Array($0.utf8) }
        )
    }

    @Test func `names that only look the same are different signatures`() {
        let window = Window(entries: [
            Self.create("t", #""é":1"#), Self.create("t", "\"e\u{301}\":1"), Self.create("é", ""),
            Self.create("e\u{301}", ""),
        ])
        #expect(window.signatures.count == 4)
        #expect(Set(window.signatures).count == 4)
        #expect(window.signatures[0] != window.signatures[1])
        #expect(window.signatures[2] != window.signatures[3])
    }

    @Test func `a where tells signatures apart by column, kind and operation`() {
        let bodies = [
            #"{"op":"delete","table":"t","where":{"a":1,"b":2}}"#,
            #"{"op":"delete","table":"t","where":{"b":1,"a":2}}"#,
            #"{"op":"delete","table":"t","where":{"$and":[{"b":1},{"a":2}]}}"#,
            #"{"op":"delete","table":"t","where":{"a":{"$gt":1},"b":1}}"#,
            #"{"op":"delete","table":"t","where":{"$or":[{"b":1},{"a":1},{"b":2}]}}"#,
            #"{"op":"delete","table":"t","where":{"a":1}}"#,
            #"{"op":"update","table":"t","set":{"c":1},"where":{"a":1,"b":2}}"#,
            #"{"op":"update","table":"t","set":{"a":1},"where":{"b":2,"c":1}}"#,
            #"{"op":"create","table":"t","row":{"a":1,"b":2}}"#,
        ]
        let window = Window(entries: bodies.map { Array($0.utf8) })
        #expect(window.commands.map(\.signature) == [0, 0, 0, 1, 1, 2, 3, 4, 5])
        #expect(window.summary(of: 1) == "delete public.t where a=2 b=1")
        #expect(window.commands[6].firstCell + 3 == window.commands[7].firstCell)
    }

    @Test func `a decoder serves one window after the other`() {
        var decoder = EntryDecoder(defaultSchema: "public")
        let a = Self.create("a", #""x":1"#)
        let b = Self.create("b", #""y":1"#)
        let first = Window(entries: [a, b], reusing: &decoder)
        let second = Window(entries: [b, b, a], reusing: &decoder)
        let third = Window(entries: [Array("broken".utf8)], reusing: &decoder)
        let fourth = Window(entries: [a], reusing: &decoder)
        #expect(first.signatures.map(\.table.name) == ["a", "b"])
        #expect(second.signatures.map(\.table.name) == ["b", "a"])
        #expect(second.commands.map(\.signature) == [0, 0, 1])
        #expect(third.signatures.isEmpty)
        #expect(fourth.signatures.map(\.table.name) == ["a"])
    }

    @Test func `a decoder that comes to a window that others began finds its signatures`() throws {
        let body = Self.create("a", #""x":1"#)
        var window = Window(entries: [Self.create("b", ""), body])
        var other = EntryDecoder(defaultSchema: "public")
        let command = try other.decode(window.fields[1].value, into: &window, entry: 2)
        #expect(command.signature == 1)
        #expect(window.signatures.count == 2)
    }

    @Test func `names that run into each other are told apart`() {
        let window = Window(entries: [
            Self.create("t", #""ab":1,"c":2"#), Self.create("t", #""a":1,"bc":2"#), Self.create("t", #""abc":1"#),
            Self.create("t", #""12345678":1,"9":2"#), Self.create("t", #""1234567":1,"89":2"#),
            Self.create("t", #""123456789":1"#),
            Self.create("t", #""\\":1,"a":2"#), Self.create("t", #""\\\"":1,"a":2"#),
            Self.create("t", #""\\\",":1,"a":2"#),
            Self.create("t", ""), Self.create("t", #""":1"#),
        ])
        #expect(window.commands.map(\.signature) == Array(0..<11))
        #expect(window.summary(of: 7) == #"create public.t row \"=1 a=2"#)
    }

    @Test func `names that hash alike are told apart`() {
        // Chosen so that their packed words have one hash.
        let window = Window(entries: [
            Self.create("t", #""customer_id_one":1"#), Self.create("t", #""jchvnfrmzZ7A^5:":2"#),
            Self.create("t", #""customer_id_one":3"#), Self.create("t", #""jchvnfrmzZ7A^5:":4"#),
        ])
        #expect(window.commands.map(\.signature) == [0, 1, 0, 1])
        let tables = Window(entries: [Self.create("customer_id_one", ""), Self.create("jchvnfrmzZ7A^5:", "")])
        #expect(tables.commands.map(\.signature) == [0, 1])
        let terms = ["customer_id_one", "jchvnfrmzZ7A^5:"].map { #"{"op":"delete","table":"t","where":{"\#($0)":1}}"# }
        #expect(Window(entries: terms.map { Array($0.utf8) }).commands.map(\.signature) == [0, 1])
        #expect(window.summary(of: 3) == "create public.t row jchvnfrmzZ7A^5:=4")
    }

    @Test func `more shapes than are remembered are read all the same`() {
        var decoder = EntryDecoder(defaultSchema: "public")
        let bodies = (0..<5000).map { Self.create("t", "\"c\($0)\":\($0)") }
        for _ in 0..<2 {
            let window = Window(entries: bodies, reusing: &decoder)
            #expect(window.signatures.count == bodies.count)
            #expect(window.commands.map(\.signature) == Array(bodies.indices))
            #expect(window.summary(of: 4999) == "create public.t row c4999=4999")
        }
    }

    @Test func `an object with very many keys takes no long time`() {
        // Compared pair by pair, these would take minutes.
        let count = isDebugBuild ? 20_000 : 500_000
        let members = (0..<count).map { #""common beginning \#($0 &* 7919 % count)":\#($0)"# }.joined(separator: ",")
        let time = ContinuousClock().measure {
            #expect(DecodedEntry(bytes: Self.create("t", members)).window.cells.count == count)
            #expect(DecodedEntry(bytes: Self.create("t", #""a":{\#(members)}"#)).failure == nil)
            #expect(DecodedEntry(bytes: Self.create("t", #""a":{\#(members),"common beginning 0":1}"#)).failure != nil)
        }
        #expect(time < .seconds(60))
    }
}

/// Whether the code under test was built without optimisation, so that no time it takes says anything.
var isDebugBuild: Bool {
    #if DEBUG
    true
    #else
    false
    #endif
}
