import Testing

/// What a producer wrote is what the table holds, digit by digit and character by character, on every road.
@Suite struct CellTests {
    static let roads: [[String: String]] = [
        ["INSERT_BATCH_SIZE": "1", "COPY_BATCH_SIZE": "1"], ["INSERT_BATCH_SIZE": "1", "COPY_BATCH_SIZE": "0"],
        ["BATCHED_CREATE_ENABLED": "false"],
    ]

    static let texts: [String] = [
        "", " ", "O'Brien", #"a "quoted" word"#, #"back\slash \n \x41 \u0041"#, "two\nlines\r\nthree\ttabs",
        "{a,b}", "{\"a\"}", "NULL", "null", "$1", "%s", "'; DROP TABLE cell; --", "\u{1}\u{1F}\u{7F}",
        "नमस्ते दुनिया", "مرحبا بالعالم", "שלום", "你好，世界", "こんにちは", "안녕하세요", "Привет", "ελληνικά", "ไทย",
        "e\u{301}", "é", "👩‍👩‍👧‍👦🏳️‍🌈", "𐍈𠜎", "\u{FEFF}bom", "\u{FFFF}", "\u{10FFFF}", "\u{2028}\u{2029}",
        String(repeating: "long ", count: 20_000),
    ]

    @Test(arguments: roads)
    func textArrivesExactly(road: [String: String]) async throws {
        try await withScene("CREATE TABLE cell (id int PRIMARY KEY, a text)") { scene in
            try await scene.publish(
                Self.texts.enumerated().map {
                    Native.create("cell", ["id": "\($0.offset)", "a": Native.text($0.element)])
                }
            )
            let report = try await scene.drain(road)
            #expect(report.rows == Self.texts.count && report.deadLetters == 0)
            #expect(try await scene.column("SELECT a FROM cell ORDER BY id") == Self.texts)
        }
    }

    @Test(arguments: roads)
    func escapesAreReadAsJSONMeansThem(road: [String: String]) async throws {
        try await withScene("CREATE TABLE cell (id int PRIMARY KEY, a text)") { scene in
            try await scene.publish([
                Native.create("cell", ["id": "1", "a": #""\u0041\u00e9\u4f60\ud83d\ude00\/\b\f\n\r\t\"\\""#])
            ])
            try await scene.drain(road)
            let expected = "A\u{e9}\u{4f60}\u{1F600}/\u{8}\u{c}\n\r\t\"\\"
            #expect(try await scene.column("SELECT a FROM cell") == [expected])
        }
    }

    @Test(arguments: roads)
    func whatIsTooLongIsRefusedAndNotCut(road: [String: String]) async throws {
        let schema = """
            CREATE DOMAIN code AS varchar(3);
            CREATE TABLE cell (id int PRIMARY KEY, a varchar(3), b char(3), c code, d bit(3), e varchar(3)[]);
            """
        try await withScene(schema) { scene in
            let rows: [KeyValuePairs<String, String>] = [
                ["id": "0", "a": "\"abcd\"", "b": "\"a\"", "c": "\"a\"", "d": "\"101\"", "e": "[]"],
                ["id": "1", "a": "\"a\"", "b": "\"abcd\"", "c": "\"a\"", "d": "\"101\"", "e": "[]"],
                ["id": "2", "a": "\"a\"", "b": "\"a\"", "c": "\"abcd\"", "d": "\"101\"", "e": "[]"],
                ["id": "3", "a": "\"a\"", "b": "\"a\"", "c": "\"a\"", "d": "\"10101\"", "e": "[]"],
                ["id": "4", "a": "\"a\"", "b": "\"a\"", "c": "\"a\"", "d": "\"101\"", "e": "[\"abcd\"]"],
                ["id": "5", "a": "\"abc\"", "b": "\"a\"", "c": "\"abc\"", "d": "\"101\"", "e": "[\"abc\"]"],
            ]
            try await scene.publish(rows.map { Native.create("cell", $0) })
            let report = try await scene.drain(road)
            #expect(report.rows == 1 && report.deadLetters == 5)
            #expect(try await scene.sql("SELECT id, a, b, c, e FROM cell") == [["5", "abc", "a  ", "abc", "{abc}"]])
            #expect(
                try await scene.deadLetters().map { $0["drainer-error"] }
                    == ["22001", "22001", "22001", "22026", "22001"]
            )
        }
    }

    @Test(arguments: roads)
    func aNULInATextIsABadRowAndItsNeighboursAreWritten(road: [String: String]) async throws {
        try await withScene("CREATE TABLE cell (id int PRIMARY KEY, a text, b jsonb, c text[])") { scene in
            let bad: [Int: KeyValuePairs<String, String>] = [
                7: ["id": "7", "a": #""cut\u0000here""#, "b": "1", "c": "[]"],
                9: ["id": "9", "a": #""\u0000""#, "b": "1", "c": "[]"],
                11: ["id": "11", "a": "\"a\"", "b": "1", "c": #"["a","b\u0000"]"#],
                13: ["id": "13", "a": "\"a\"", "b": #"{"k":"\u0000"}"#, "c": "[]"],
            ]
            try await scene.publish(
                (0..<20).map { Native.create("cell", bad[$0] ?? ["id": "\($0)", "a": "\"ok\"", "b": "1", "c": "[]"]) }
            )
            let report = try await scene.drain(road)
            #expect(report.rows == 16 && report.deadLetters == 4)
            #expect(try await scene.count("cell WHERE a <> 'ok'") == 0)
            let letters = try await scene.deadLetters()
            #expect(letters.map { $0["drainer-error"] } == ["22021", "22021", "22021", "22P05"])
        }
    }

    @Test(arguments: roads)
    func conditionsCompareTheExactValue(road: [String: String]) async throws {
        try await withScene("CREATE TABLE cell (id numeric PRIMARY KEY, a text, b text)") { scene in
            try await scene.sql(
                """
                INSERT INTO cell VALUES (9007199254740992, 'x', 'a'), (9007199254740993, 'it''s', 'a'),
                    (9007199254740994, '你', 'a'), (12345678901234567890.12, 'x', 'a')
                """
            )
            try await scene.publish([
                Native.update("cell", set: ["b": "\"b\""], where: ["id": "9007199254740993"]),
                Native.update("cell", set: ["b": "\"c\""], where: ["a": "\"你\""]),
                Native.delete("cell", where: ["id": "12345678901234567890.12"]),
                Native.update("cell", set: ["b": "\"d\""], where: ["a": "\"it's\"", "b": "\"b\""]),
            ])
            let report = try await scene.drain(road)
            #expect(report.rows == 4 && report.unmatched == 0)
            #expect(try await scene.column("SELECT b FROM cell ORDER BY id") == ["a", "d", "c"])
        }
    }

    @Test(arguments: roads)
    func anEmptyRowAndMissingColumnsTakeTheDefaults(road: [String: String]) async throws {
        let schema =
            "CREATE TABLE cell (id int GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, a text DEFAULT 'none', b text)"
        try await withScene(schema) { scene in
            try await scene.publish([
                Native.create("cell", [:]), Native.create("cell", ["b": "\"1\""]), Native.create("cell", ["a": "null"]),
                Native.create("public.cell", ["b": "\"2\""]),
            ])
            let report = try await scene.drain(road)
            #expect(report.rows == 4)
            #expect(
                try await scene.sql("SELECT a, b FROM cell ORDER BY b NULLS LAST, a NULLS LAST")
                    == [["none", "1"], ["none", "2"], ["none", nil], [nil, nil]]
            )
        }
    }
}
