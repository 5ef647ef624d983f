import Entries
import TestSupport
import Testing

@Suite struct KVCellTests {
    /// The window and the one cell of an entry.
    private static func cell(_ json: String) throws -> (Window, Cell) {
        let entry = DecodedEntry(KVText.create("T", ["c": json]))
        #expect(entry.failure == nil, "\(json)")
        return (entry.window, try #require(entry.window.cells.first))
    }

    @Test(arguments: [
        (#""""#, ""), (#""x""#, "x"), ("\"", "\""), (#"""#, #"""#), (#""SqlNull""#, "SqlNull"), (#""a"#, #""a"#),
        (#"a""#, #"a""#), ("SqlNul", "SqlNul"), ("SqlNullx", "SqlNullx"), ("sqlnull", "sqlnull"), ("", ""),
        ("1240", "1240"),
        ("-5", "-5"), ("1240.0", "1240.0"), ("NaN", "NaN"), ("-Infinity", "-Infinity"), ("True", "True"),
        ("2026-08-18 13:48:46.121123 UTC", "2026-08-18 13:48:46.121123 UTC"), (#"{"a":"b\"c"}"#, #"{"a":"b\"c"}"#),
        ("ठीक", "ठीक"), (#"a\nb"#, #"a\nb"#), ("a\nb", "a\nb"), (#""\"\\""#, "\"\\"),
        (#""\a\b\f\n\r\t\v""#, "\u{7}\u{8}\u{C}\n\r\t\u{B}"),
        (
            #""\NUL\SOH\STX\ETX\EOT\ENQ\ACK\BEL\BS\HT\LF\VT\FF\CR\SO\SI\DLE\DC1\DC2\DC3\DC4\NAK\SYN\ETB\CAN\EM\SUB\ESC\FS\GS\RS\US\DEL""#,
            String(String.UnicodeScalarView((0..<0x20).compactMap { Unicode.Scalar($0) })) + "\u{7F}"
        ),
        (#""\SO\&H\SOH\SO""#, "\u{E}H\u{1}\u{E}"), (#""\1234\&5\x930\&a\o4450\&1""#, "\u{4D2}5\u{930}a\u{928}1"),
        (#""\65\x41\o101\x0041\0065""#, "AAAAA"), (#""\1114111\x10FFFF\x10ffff""#, "\u{10FFFF}\u{10FFFF}\u{10FFFF}"),
        (#""\55295\57344""#, "\u{D7FF}\u{E000}"), (#""\128512""#, "😀"),
        (#""\^@\^A\^Z\^[\^\\^]\^^\^_""#, "\0\u{1}\u{1A}\u{1B}\u{1C}\u{1D}\u{1E}\u{1F}"), (#""\&""#, ""),
        (#""a\&b\&""#, "ab"),
        ("\"a\\ \\b\\\t\n\r\u{B}\u{C} \\c\"", "abc"), (#""\ \\ \""#, ""), (#""\\n""#, #"\n"#), (#""\\&""#, #"\&"#),
        (#""it's""#, "it's"), (#""0123456789abcdef\"0123456789abcdef""#, #"0123456789abcdef"0123456789abcdef"#),
    ])
    func `the text of a cell is what it shows`(shown: String, text: String) throws {
        let (window, cell) = try Self.cell(KVText.json(shown))
        #expect(window.text(of: cell) == text)
        #expect(!cell.isNull)
        // What stands as text is JSON to a column of JSON.
        #expect(window.json(of: cell) == text)
        let compared = DecodedEntry(KVText.delete("T", where: #"{"c":\#(KVText.json(shown))}"#))
        #expect(compared.texts == ["where.c": text])
    }

    @Test(
        arguments: [
            (#""SqlNull""#, nil), (#""\u0053qlNull""#, nil), (#""\u0053\u0071\u006c\u004e\u0075\u006C\u006c""#, nil),
            (#""\u0022a\u0022""#, "a"), (#""\u0022a\"""#, "a"), (#""\"a\u0022""#, "a"),
            (#""\u0022\u005c\u006e\u0022""#, "\n"),
            (#""\"\\\u0022\"""#, "\""), (#""\"\/\"""#, "/"), (#""\"\u0041\"""#, "A"),
            (#""\"\u005cu0022""#, #""\u0022"#),
            (#""a\\u0022""#, #"a\u0022"#), (#""\"a\\\\u0022\"""#, #"a\u0022"#), (#""\u0022""#, "\""),
            (#""\u0022\u0022""#, ""),
            (#""\"\u005c0065\"""#, "A"), (#""\"\u005c\u0030\u0036\u0035\"""#, "A"), (#""\u00e9""#, "é"),
        ] as [(String, String?)]
    )
    func `JSON's own escapes make no difference`(json: String, text: String?) throws {
        let (window, cell) = try Self.cell(json)
        #expect((cell.isNull ? nil : window.text(of: cell)) == text)
    }

    @Test(arguments: 0..<6 as Range<UInt64>)
    func `any text is read back, however it was written`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<20 {
            let text = Self.randomText(using: &generator)
            #expect(DecodedEntry(KVText.create("T", ["c": KVText.text(text)])).texts == ["c": text])
            let written = HaskellText.written(text, using: &generator)
            let entry = DecodedEntry(
                KVText.create("T", ["c": KVText.json(written), "d": "[\(KVText.json(written)),\"SqlNull\"]"])
            )
            #expect(entry.texts["c"] == text, "\(written)")
            // Scalar by scalar: a quotation mark with a mark upon it is one character to Swift.
            var escaped = ""
            for scalar in text.unicodeScalars {
                if scalar == "\"" || scalar == "\\" { escaped.unicodeScalars.append("\\") }
                escaped.unicodeScalars.append(scalar)
            }
            let array = entry.window.array(of: try #require(entry.window.cells.last))
            #expect(array.unicodeScalars.elementsEqual(#"{"\#(escaped)",NULL}"#.unicodeScalars), "\(written)")
        }
    }

    /// Texts in which escapes meet what follows them.
    private static func randomText(using generator: inout SeededGenerator) -> String {
        let favourites: [Unicode.Scalar] = [
            "\"", "\\", "0", "9", "a", "F", "H", "\u{E}", "\u{1}", "\u{7F}", "&", "^", " ", "\n",
        ]
        var text = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0...24, using: &generator) {
            let scalar: Unicode.Scalar? =
                switch Int.random(in: 0..<6, using: &generator) {
                case 0, 1: favourites.randomElement(using: &generator)
                case 2: Unicode.Scalar(UInt32.random(in: 0..<0x80, using: &generator))
                case 3: Unicode.Scalar(UInt32.random(in: 0x80..<0x300, using: &generator))
                case 4: Unicode.Scalar(UInt32.random(in: 0x900..<0xD00, using: &generator))
                default: Unicode.Scalar(UInt32.random(in: 0...0x10FFFF, using: &generator))
                }
            if let scalar { text.append(scalar) }
        }
        return String(text)
    }

    @Test(arguments: [
        ("1240.0", "1240"), ("-1240.0", "-1240"), ("0.0", "0"), ("-0.0", "-0"), ("1.0e7", "10000000"),
        ("1.2345678e7", "12345678"), ("9.007199254740992e15", "9007199254740992"), ("120.0e-1", "12"), ("1e3", "1000"),
        ("1240", "1240"), ("1240.5", "1240.5"), ("1.0e-2", "1.0e-2"), ("1.25e1", "1.25e1"), ("NaN", "NaN"),
        ("1.0e400", "1.0e400"), ("1.", "1."), (".0", ".0"), ("1.0e", "1.0e"), ("1.0x", "1.0x"), ("", ""), ("-", "-"),
        ("1.0e99999999999999999999", "1.0e99999999999999999999"), ("١.٠", "١.٠"),
    ])
    func `a whole number may be shown as a Double shows it`(shown: String, digits: String) throws {
        for cell in [KVText.json(shown), KVText.text(shown)] {
            let (window, cell) = try Self.cell(cell)
            #expect(window.integer(of: cell) == digits)
            #expect(window.text(of: cell) == shown)
        }
        let (window, list) = try Self.cell("[\(KVText.json(shown))]")
        #expect(window.array(of: list, elements: .integer) == #"{"\#(digits)"}"#)
    }

    @Test func `native numbers stay as they were written`() throws {
        let entry = DecodedEntry(#"{"op":"create","table":"t","row":{"c":1240.0,"d":"1240.0"}}"#)
        #expect(entry.window.cells.map(entry.window.integer) == ["1240.0", "1240.0"])
    }

    @Test(arguments: [
        ("[]", "{}", "[]"), (#"["SqlNull"]"#, "{NULL}", "[null]"),
        (#"["\"SqlNull\"","\"NULL\""]"#, #"{"SqlNull","NULL"}"#, #"["SqlNull","NULL"]"#),
        (
            #"["\"pet \\\"friendly\\\"\"","\"quiet\""]"#, #"{"pet \"friendly\"","quiet"}"#,
            #"["pet \"friendly\"","quiet"]"#
        ),
        (#"[ "1" , "-2.5","True","False" ]"#, #"{"1","-2.5","True","False"}"#, "[1,-2.5,true,false]"),
        (
            #"[["\"a\"","SqlNull"],["\"b\\\\c\"","\"\\2360\""]]"#, #"{{"a",NULL},{"b\\c","स"}}"#,
            #"[["a",null],["b\\c","स"]]"#
        ),
        (#"["\"\\n\\t\"","\"\"",""]"#, "{\"\n\t\",\"\",\"\"}", #"["\u000a\u0009","",?]"#),
        (#"["{\"a\":[1]}","\"{\\\"a\\\":1}\""]"#, #"{"{\"a\":[1]}","{\"a\":1}"}"#, #"[{"a":[1]},"{\"a\":1}"]"#),
        // What is no JSON spoils the array for a column of JSON.
        (#"["1,2","1],[2","NaN","2026-08-18"]"#, #"{"1,2","1],[2","NaN","2026-08-18"}"#, "[?,?,?,?]"),
    ])
    func `an array is one of what its strings show`(json: String, literal: String, array: String) throws {
        let (window, cell) = try Self.cell(json)
        #expect(window.array(of: cell) == literal)
        #expect(window.json(of: cell) == array)
    }

    @Test func `an array in a column of text is JSON, whatever it holds`() throws {
        let (window, cell) = try Self.cell(#"["\"a\"","1","NaN","SqlNull"]"#)
        #expect(window.text(of: cell) == #"["a",1,"NaN",null]"#)
    }

    @Test(arguments: [
        (#"{"city":"Bengal\197\171ru","v":3}"#, #"{"city":"Bengalūru","v":3}"#),
        (#""\224\164\149""#, #""क""#), ("caf\\195\\169", "café"), ("caf\\233", "café"),
        (#""\240\159\152\128""#, #""😀""#),
        // One character beyond, or bytes that are no UTF-8: it was no text of bytes.
        (#""Bengal\197\171ru \363""#, #""BengalÅ«ru ū""#), (#""\197""#, #""Å""#), (#""\197\171\197""#, #""Å«Å""#),
        (#""\192\128""#, "\"\u{C0}\u{80}\""), (#"{"plain":1}"#, #"{"plain":1}"#),
    ])
    func `JSON that was shown from its bytes is made whole`(inside: String, json: String) throws {
        let shown = "\"" + inside.replacing("\"", with: "\\\"") + "\""
        let (window, cell) = try Self.cell(KVText.json(shown))
        #expect(window.json(of: cell) == json)
        let (lists, list) = try Self.cell("[\(KVText.json(shown)),\"SqlNull\"]")
        let escaped = json.replacing(#"\"#, with: #"\\"#).replacing(#"""#, with: #"\""#)
        #expect(lists.array(of: list, elements: .json) == #"{"\#(escaped)",NULL}"#)
    }

    @Test func `repair is for JSON alone, and can be turned off`() throws {
        let (window, cell) = try Self.cell(#""\"\\197\\171\"""#)
        #expect(window.text(of: cell) == "Å«" && window.json(of: cell) == "ū")
        let (raws, raw) = try Self.cell("\"Å«\"")
        #expect(raws.text(of: raw) == "Å«" && raws.json(of: raw) == "ū")
        let decoder = EntryDecoder(defaultSchema: "public", repairsJSON: false)
        let entry = Array(KVText.create("T", ["c": #""\"\\197\\171\"""#]).utf8)
        let unrepaired = Window(entries: [entry], decoder: decoder)
        #expect(unrepaired.json(of: try #require(unrepaired.cells.first)) == "Å«")
        let native = DecodedEntry(#"{"op":"create","table":"t","row":{"c":"Å«"}}"#)
        #expect(native.window.json(of: try #require(native.window.cells.first)) == "\"Å«\"")
    }
}
