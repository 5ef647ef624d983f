import Entries
import TestSupport
import Testing

@Suite struct CellTextTests {
    /// The window and the one cell of an entry.
    private static func cell(_ json: String) throws -> (Window, Cell) {
        let entry = DecodedEntry(#"{"op":"create","table":"t","row":{"c":\#(json)}}"#)
        return (entry.window, try #require(entry.window.cells.first))
    }

    @Test(arguments: [
        (#""plain""#, "plain"), (#""""#, ""), (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"),
        (#""\u0000""#, "\u{0}"),
        (#""\u0041\u00e9\u0E01\uFFFF""#, "Aé\u{E01}\u{FFFF}"),
        (#""\ud83d\ude00\uDBFF\uDFFF\ud800\udc00""#, "😀\u{10FFFF}\u{10000}"),
        (#""\\u0041""#, #"\u0041"#), (#""ab\\""#, #"ab\"#), (#""ಬೆಂ\n😀x""#, "ಬೆಂ\n😀x"), ("1.50", "1.50"), ("true", "true"),
        ("false", "false"),
        (#"{"a": "\n"}"#, #"{"a": "\n"}"#), (#"[1, "\u0041"]"#, #"[1, "\u0041"]"#),
        (#""0123456789abcdef\n0123456789abcdef\t""#, "0123456789abcdef\n0123456789abcdef\t"),
    ])
    func `the text of a cell is what it means`(json: String, text: String) throws {
        let (window, cell) = try Self.cell(json)
        #expect(window.text(of: cell) == text)
        var buffer = Array("before ".utf8)
        window.appendText(of: cell, to: &buffer)
        #expect(String(decoding: buffer, as: UTF8.self) == "before " + text)
    }

    @Test(arguments: [
        #""plain""#, #""""#, #""\u0041\"\\""#, "12345678901234567890.12", "true", "false", #"{"a" : [1,2 ]}"#, "[ ]",
        #"["\ud83d\ude00"]"#,
    ])
    func `the JSON of a cell is as it was written`(json: String) throws {
        let (window, cell) = try Self.cell(json)
        #expect(window.json(of: cell) == json)
    }

    @Test(arguments: [
        ("[]", "{}"), ("[ ]", "{}"), ("[[ ],[]]", "{}"), (#"["a","b c",null]"#, #"{"a","b c",NULL}"#),
        ("[1, -2.50 ,3e5]", "{1,-2.50,3e5}"),
        ("[true,false,null]", "{true,false,NULL}"),
        (#"["NULL","null",""," x ","{","}",","]"#, #"{"NULL","null",""," x ","{","}",","}"#),
        (#"["a\"b","c\\d","\u0022\u005c"]"#, #"{"a\"b","c\\d","\"\\"}"#),
        (#"["\n\t","\u00e9\ud83d\ude00","ಕ"]"#, "{\"\n\t\",\"é😀\",\"ಕ\"}"), ("[[1,2],[3,null]]", "{{1,2},{3,NULL}}"),
        ("[[[\"a\"]],[[]]]", #"{{{"a"}},{{}}}"#),
        (#"[{"a":"b\"c"},{}]"#, #"{"{\"a\":\"b\\\"c\"}","{}"}"#),
        (#"[{"}":["]",{"x":{}}]},1]"#, #"{"{\"}\":[\"]\",{\"x\":{}}]}",1}"#),
        ("[\t1\n,\r2 ]", "{1,2}"),
        (#"["0123456789ಕabcdef\\0123456789abcdef"]"#, #"{"0123456789ಕabcdef\\0123456789abcdef"}"#),
        (#""{1,2}""#, "{1,2}"), (#""a\nb""#, "a\nb"), ("5", "5"), (#"{"a":1}"#, #"{"a":1}"#),
    ])
    func `an array becomes an array literal`(json: String, literal: String) throws {
        let (window, cell) = try Self.cell(json)
        #expect(window.array(of: cell) == literal)
    }

    @Test(arguments: [
        (#"[1,"a",null,true,{"b":"c"}]"#, #"{"1","\"a\"",NULL,"true","{\"b\":\"c\"}"}"#),
        (#"["\n\"\\"]"#, #"{"\"\\n\\\"\\\\\""}"#),
        (#"[["a"],[null, 12.50 ]]"#, #"{{"\"a\""},{NULL,"12.50"}}"#), ("[]", "{}"),
        (#"["ಕ\u0041"]"#, #"{"\"ಕ\\u0041\""}"#),
    ])
    func `elements that are json are stored as their JSON`(json: String, literal: String) throws {
        let (window, cell) = try Self.cell(json)
        #expect(window.array(of: cell, elements: .json) == literal)
    }

    @Test func `the delimiter is the element type's`() throws {
        let (window, cell) = try Self.cell(#"["(1,1),(0,0)",[null,"x;y"]]"#)
        #expect(window.array(of: cell, delimiter: ";") == #"{"(1,1),(0,0)";{NULL;"x;y"}}"#)
    }

    /// Reads an array literal of one dimension whose elements are quoted, as PostgreSQL does.
    private static func elements(ofLiteral literal: String) -> [String]? {
        var elements: [String] = []
        var rest = literal.unicodeScalars[...]
        guard rest.popFirst() == "{" else { return nil }
        while rest.first == "\"" {
            rest.removeFirst()
            var element = String.UnicodeScalarView()
            while let scalar = rest.popFirst(), scalar != "\"" {
                if scalar != "\\" {
                    element.append(scalar)
                } else if let next = rest.popFirst() {
                    element.append(next)
                }
            }
            elements.append(String(element))
            if rest.first == "," { rest.removeFirst() }
        }
        return rest.elementsEqual("}".unicodeScalars) ? elements : nil
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `elements of any text arrive as they were`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<10 {
            let texts = (0..<Int.random(in: 1...6, using: &generator)).map { _ in RandomEntry.text(using: &generator) }
            let json = "[" + texts.map { RandomEntry.json($0, using: &generator) }.joined(separator: ", ") + "]"
            let (window, cell) = try Self.cell(json)
            #expect(Self.elements(ofLiteral: window.array(of: cell)) == texts)
            let asJSON = try #require(Self.elements(ofLiteral: window.array(of: cell, elements: .json)))
            for (text, json) in zip(texts, asJSON) {
                let (window, cell) = try Self.cell(json)
                #expect(window.text(of: cell) == text)
            }
        }
    }
}
