import Entries
import TestSupport
import Testing

/// An entry that is read by what it shares with one before is read as one that comes first.
@Suite struct TemplateTests {
    private static let bodies = [
        #"{"op":"create","table":"atlas_app.person","row":{"id":"person-1","name":"Jöhn","n":-12.5e3,"tags":["a","b"],"#
            + #""meta":{"k":[1,null,true]},"note":null,"ok":true},"forceDrainToDB":false}"#,
        #"{"op":"update","table":"person","set":{"name":"a \"b\"","x":null},"where":{"id":"person-123","y":7}}"#,
        #"{"op":"delete","table":"person","where":{"b":"2","a":1},"comment":{"why":["x",{}]}}"#,
        #"{ "where" : {"b":"2","a":1} , "table":"person", "op":"delete" ,"forceDrainToDB":true }"#,
        #"{"op":"create","table":"one","row":{"z":1,"y":"2","":3},"set":{"a":1},"forceDrainToDB":true}"#,
    ]

    /// Fresh, nothing is remembered of entries before.
    private static func alone(_ body: [UInt8]) -> Window { Window(entries: [body]) }

    private static func expectSame(_ window: Window, _ entry: Int, _ body: [UInt8]) {
        let alone = alone(body)
        let text = String(decoding: body, as: UTF8.self)
        #expect(window.summary(of: entry) == alone.summary(of: 0), "\(text)")
        #expect(window.failure(of: entry) == alone.failure(of: 0), "\(text)")
        #expect(window.kinds(of: entry) == alone.kinds(of: 0), "\(text)")
    }

    @Test(arguments: bodies.indices)
    func `values of every kind stand where others stood`(number: Int) {
        let body = Array(Self.bodies[number].utf8)
        let values = [
            #""""#, #""plain""#, #""\u0041\n""#, #""ಬೆಂಗಳೂರು 😀""#, "0", "-0.5E-7", "12345678901234567890", "true", "false",
            "null", "[]", "{}", #"[1,[2,{"a":[]}]]"#, #"{"a":1,"b":{"a":2}}"#, #"{"$gt":1}"#, #"{"a":1,"a":2}"#, "1.",
            "01",
            "tru", #""open"#, "[1", #""\x""#, "", " 7 ", "\u{1}",
        ].map { Array($0.utf8) }
        // Where each scalar value starts and ends: behind `:` and before `,` or `}`.
        for (start, end) in body.scalars {
            var entries = [body, body]
            for value in values { entries.append(Array(body[..<start] + value + body[end...])) }
            let window = Window(entries: entries)
            for (entry, body) in entries.enumerated() { Self.expectSame(window, entry, body) }
        }
    }

    @Test(arguments: 0..<40 as Range<UInt64>)
    func `entries changed at any byte are read as if they came first`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var decoder = EntryDecoder(defaultSchema: "public")
        for _ in 0..<20 {
            let body = Array((Self.bodies.randomElement(using: &generator) ?? "").utf8)
            var entries = [body]
            for _ in 0..<20 {
                var changed = body
                let place = Int.random(in: 0..<body.count, using: &generator)
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: changed[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
                case 1: changed.remove(at: place)
                case 2: changed.insert(changed[place], at: place)
                default: changed.removeSubrange(place...)
                }
                entries.append(changed)
            }
            entries.append(body)
            let window = Window(entries: entries, reusing: &decoder)
            for (entry, body) in entries.enumerated() { Self.expectSame(window, entry, body) }
        }
    }

    @Test func `kinds of entries that take turns are told apart`() {
        let bodies = (0..<400).map { number in
            [
                #"{"op":"create","table":"a_table_of_orders","row":{"id":\#(number),"x":"\#(number)"}}"#,
                #"{"op":"create","table":"a_table_of_orders","row":{"id":\#(number),"y":"\#(number)"}}"#,
                #"{"op":"create","table":"a_table_of_orders","row":{"x":\#(number),"id":"\#(number)"}}"#,
                #"{"op":"create","table":"a_table_of_orders","row":{"id":\#(number),"x":"\#(number)"},"forceDrainToDB":true}"#,
            ][number % 4]
        }.map { Array($0.utf8) }
        let window = Window(entries: bodies)
        for (entry, body) in bodies.enumerated() { Self.expectSame(window, entry, body) }
    }

    @Test func `a shape that is forgotten takes its template along`() {
        let known = Array(#"{"op":"create","table":"a_table_of_orders","row":{"id":1,"x":"2"}}"#.utf8)
        let others = (0..<5000).map { Array(#"{"op":"create","table":"another_of_them","row":{"c\#($0)":1}}"#.utf8) }
        let window = Window(entries: [known, known] + others + [known, known])
        for entry in [0, 1, 5002, 5003] { Self.expectSame(window, entry, known) }
        #expect(window.command(of: 5003)?.signature == 0)
    }

    @Test func `an entry at the very end of its window is read`() {
        for tail in ["", "}", "}}", #"},"f":1}"#] {
            let body = Array((#"{"op":"delete","table":"some_table","where":{"id":"123""# + tail).utf8)
            let window = Window(entries: [
                Array(#"{"op":"delete","table":"some_table","where":{"id":"123"}}"#.utf8), body,
            ])
            Self.expectSame(window, 1, body)
        }
    }
}

extension Window {
    fileprivate func kinds(of entry: Int) -> [Cell.Kind] {
        command(of: entry).map { cells(of: $0).map(\.kind) } ?? []
    }
}

extension [UInt8] {
    /// Scalar values of members: from behind a colon to the next comma or brace outside a string.
    fileprivate var scalars: [(Int, Int)] {
        var found: [(Int, Int)] = []
        for start in indices.dropFirst() where self[start - 1] == UInt8(ascii: ":") {
            guard ![UInt8(ascii: "{"), UInt8(ascii: "[")].contains(self[start]) else { continue }
            var index = start
            var isInside = false
            while index < count {
                if self[index] == UInt8(ascii: "\\") {
                    index += 1
                } else if self[index] == UInt8(ascii: "\"") {
                    isInside.toggle()
                } else if !isInside, self[index] == UInt8(ascii: ",") || self[index] == UInt8(ascii: "}") {
                    break
                }
                index += 1
            }
            found.append((start, index))
        }
        return found
    }
}
