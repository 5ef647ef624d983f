import Entries
import Foundation
import Redis
import TestSupport
import Testing

/// KV entries, from their stream into tables.
@Suite struct KVTests {
    private static func id(_ number: Int) -> String { "\"\(number)\"" }

    @Test(arguments: CellTests.roads)
    func textArrivesExactlyAloneAndInArrays(road: [String: String]) async throws {
        try await withScene("CREATE TABLE cell (id int PRIMARY KEY, a text, b text[], c json, d text[])") { scene in
            try await scene.publish(
                CellTests.texts.enumerated().map { number, text in
                    let shown = KVText.text(text)
                    return KVText.create(
                        "Cell",
                        [
                            "id": Self.id(number), "a": shown, "b": #"[\#(shown),"SqlNull",\#(shown)]"#,
                            "c": "[\(shown)]", "d": "[[\(shown)],[\"SqlNull\"]]",
                        ]
                    )
                }
            )
            let report = try await scene.drain(road)
            #expect(report.rows == CellTests.texts.count && report.deadLetters == 0, "\(report.errors)")
            #expect(try await scene.column("SELECT a FROM cell ORDER BY id") == CellTests.texts)
            // An array's own text is compared by the database: text, NULL, text.
            #expect(
                try await scene.count("cell WHERE b IS DISTINCT FROM ARRAY[a, NULL, a]") == 0
            )
            #expect(try await scene.count("cell WHERE d IS DISTINCT FROM ARRAY[[a], [NULL]]") == 0)
            // A text that was shown from bytes is repaired in a column of JSON; none of these is one.
            #expect(try await scene.count("cell WHERE c ->> 0 IS DISTINCT FROM a") == 0)
        }
    }

    /// Type, cell, what `::text` shows.
    static let values: [(type: String, cell: String, text: String?)] = [
        ("int", #""1240.0""#, "1240"), ("bigint", #""-9.007199254740992e15""#, "-9007199254740992"),
        ("smallint", #""\"7\"""#, "7"), ("int", #""SqlNull""#, nil), ("whole", #""12.0""#, "12"),
        ("int[]", #"["1240.0","SqlNull","-5"]"#, "{1240,NULL,-5}"), ("numeric", #""1240.0""#, "1240.0"),
        ("text", #""1240.0""#, "1240.0"), ("double precision", #""1.0e-2""#, "0.01"),
        ("double precision", #""NaN""#, "NaN"), ("double precision", #""-Infinity""#, "-Infinity"),
        ("bool", #""True""#, "true"), ("bool", #""False""#, "false"), ("bool[]", #"["True","False"]"#, "{t,f}"),
        ("text", #""True""#, "True"), ("text", #""SqlNull""#, nil), ("text", #""\"SqlNull\"""#, "SqlNull"),
        ("timestamptz", #""2026-08-18 13:48:46.121123 UTC""#, "2026-08-18 13:48:46.121123+00"),
        ("timestamp", #""2026-08-18 13:48:46.5 UTC""#, "2026-08-18 13:48:46.5"),
        ("date", #""2026-08-18""#, "2026-08-18"),
        ("time", #""12:30:00""#, "12:30:00"),
        ("uuid", #""\"A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11\"""#, "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
        ("jsonb", #""\"{\\\"city\\\":\\\"Bengal\\197\\171ru\\\",\\\"v\\\":3}\"""#, #"{"v": 3, "city": "Bengalūru"}"#),
        ("jsonb", #""{\"a\":[1,2]}""#, #"{"a": [1, 2]}"#), ("jsonb", #""12.50""#, "12.50"),
        ("jsonb", #""SqlNull""#, nil),
        ("jsonb", #""\"\\\"text\\\"\"""#, "\"text\""),
        ("jsonb", #"["\"a\"","1","True","SqlNull"]"#, #"["a", 1, true, null]"#),
        ("json", #""\"{\\\"b\\\" : 1.00}\"""#, #"{"b" : 1.00}"#),
        ("jsonb[]", #"["\"{\\\"a\\\":\\\"\\224\\164\\149\\\"}\"","SqlNull","1"]"#, #"{"{\"a\": \"क\"}",NULL,1}"#),
        ("text[]", "[]", "{}"), ("text[]", #""SqlNull""#, nil), ("text[]", #""\"{a,b}\"""#, "{a,b}"),
        ("text", #"["\"a\"","\"b\""]"#, #"["a","b"]"#), ("mood", #""\"so so\"""#, "so so"),
        ("bytea", #""\"\\\\x00ff\"""#, "\\x00ff"), ("varchar(3)", #""\"\\2360\\2360\\2360\"""#, "ससस"),
    ]

    @Test(arguments: CellTests.roads)
    func everyTypeReadsWhatIsShown(road: [String: String]) async throws {
        let types = "CREATE TYPE mood AS ENUM ('so so'); CREATE DOMAIN whole AS int;"
        let columns = Self.values.enumerated().map { "c\($0.offset) \($0.element.type)" }.joined(separator: ", ")
        try await withScene("\(types) CREATE TABLE cell (id int PRIMARY KEY, \(columns))") { scene in
            let cells = Self.values.enumerated().map { #""c\#($0.offset)":\#($0.element.cell)"# }
            let row = #"{"id":"1.0",\#(cells.joined(separator: ","))}"#
            try await scene.publish([KVText.entry(tag: "Create", type: "CellObject", contents: row)])
            let report = try await scene.drain(road)
            #expect(report.rows == 1 && report.deadLetters == 0, "\(report.errors)")
            for (index, value) in Self.values.enumerated() {
                let text = try await scene.column("SELECT c\(index)::text FROM cell")
                #expect(text == [value.text], "\(value.type) \(value.cell)")
            }
        }
    }

    @Test(arguments: CellTests.roads)
    func whatNoColumnCanReadIsABadRowAndItsNeighboursAreWritten(road: [String: String]) async throws {
        try await withScene("CREATE TABLE cell (id int PRIMARY KEY, a text, b jsonb, c int)") { scene in
            let bad: [Int: (b: String, c: String)] = [
                3: (#""\"no json\"""#, #""1""#), 5: (#""True""#, #""1""#), 7: (#"["2026-08-18"]"#, #""1""#),
                9: (#""1""#, #""1240.5""#), 11: (#""1""#, #""\"x\"""#), 13: (#""\"\\\"\\\\u0000\\\"\"""#, #""1""#),
                15: (#""\"\\\"\\NUL\\\"\"""#, #""1""#),
            ]
            try await scene.publish(
                (0..<20).map { number in
                    let (b, c) = bad[number] ?? (#""{}""#, #""2.0""#)
                    return KVText.create("Cell", ["id": Self.id(number), "a": KVText.text("ok"), "b": b, "c": c])
                }
            )
            let report = try await scene.drain(road)
            #expect(report.rows == 13 && report.deadLetters == 7, "\(report.errors)")
            let letters = try await scene.deadLetters()
            #expect(
                letters.map { $0["drainer-error"] }
                    == ["22P02", "22P02", "22P02", "22P02", "22P02", "22P05", "22021"]
            )
            #expect(letters.allSatisfy { $0["drainer-table"] == "public.cell" })
        }
    }

    @Test func repairCanBeTurnedOff() async throws {
        try await withScene("CREATE TABLE cell (id int PRIMARY KEY, a jsonb)") { scene in
            try await scene.publish([
                KVText.create("Cell", ["id": "\"1\"", "a": #""\"\\\"\\197\\171\\\"\"""#])
            ])
            try await scene.drain(["KV_REPAIR_JSON": "false"])
            #expect(try await scene.column("SELECT a FROM cell") == ["\"Å«\""])
        }
    }

    @Test(arguments: CellTests.roads)
    func conditionsCompareWhatIsShown(road: [String: String]) async throws {
        let schema = """
            CREATE TABLE cell (id int PRIMARY KEY, a text, b bool, c text[], d timestamptz, n int);
            INSERT INTO cell SELECT i, 'ठीक ' || i, i % 2 = 0, ARRAY['x', NULL, i::text], '2026-08-18', i FROM
                generate_series(1, 9) i;
            UPDATE cell SET d = NULL WHERE id = 9;
            """
        try await withScene(schema) { scene in
            let set: KVText.Cells = ["n": #""100.0""#]
            try await scene.publish([
                KVText.update("Cell", set: set, where: #"{"id":"1.0"}"#),
                KVText.update("Cell", set: set, where: #"{"$and":[{"a":\#(KVText.text("ठीक 2"))},{"b":"True"}]}"#),
                KVText.update("Cell", set: set, where: #"{"c":["\"x\"","SqlNull","\"3\""]}"#),
                KVText.update("Cell", set: set, where: #"{"id":{"$in":["4.0","5","SqlNull"]}}"#),
                KVText.update("Cell", set: set, where: #"{"d":null}"#),
                KVText.delete("Cell", where: #"{"$and":[{"id":{"$gte":"6"}},{"b":"False"},{"d":{"$ne":null}}]}"#),
            ])
            let report = try await scene.drain(road)
            #expect(report.unmatched == 0 && report.deadLetters == 0 && report.rows == 7, "\(report.errors)")
            #expect(
                try await scene.sql("SELECT id, n FROM cell ORDER BY id") == [
                    ["1", "100"], ["2", "100"], ["3", "100"], ["4", "100"], ["5", "100"], ["6", "6"], ["8", "8"],
                    ["9", "100"],
                ]
            )
        }
    }

    /// The planner must see that these are about one row, however they say so.
    @Test func aRowIsTheSameHoweverItsKeyIsShown() async throws {
        try await withScene("CREATE TABLE cell (id int PRIMARY KEY, k text UNIQUE, n int)") { scene in
            var commands: [String] = []
            for number in 1...30 {
                let key = KVText.text("k\(number)é")
                commands += [
                    KVText.create("Cell", ["id": "\"\(number)\"", "k": key, "n": "\"1\""]),
                    KVText.update("Cell", set: ["n": "\"2\""], where: #"{"id":"\#(number).0"}"#),
                    KVText.delete("Cell", where: #"{"id":"\"\#(number)\""}"#),
                    Native.create("cell", ["id": "\(number)", "k": "\"k\(number)é\"", "n": "3"]),
                    KVText.create("Cell", ["id": "\"\(number).0\"", "k": "\"other\"", "n": "\"4\""]),
                ]
            }
            try await scene.publish(commands)
            let report = try await scene.drain(["INSERT_BATCH_SIZE": "1"])
            #expect(report.deadLetters == 0 && report.unmatched == 30)
            #expect(try await scene.count("cell WHERE n = 3 AND k = 'k' || id || 'é'") == 30)
        }
    }

    @Test func forcedEntriesGoAheadAndKVEntriesShareStatementsWithNativeOnes() async throws {
        try await withScene("CREATE TABLE cell (id int PRIMARY KEY)") { scene in
            try await scene.publish(
                (0..<10).map { KVText.create("Cell", ["id": Self.id($0)]) }
                    + (10..<20).map { Native.create("cell", ["id": "\($0)"]) }
                    + [KVText.create("Cell", ["id": "\"20\""], forced: true)]
            )
            let report = try await scene.drain()
            #expect(report.rows == 21 && report.bulkStatements == 1 && report.sequential == 1)
        }
    }

    @Test func shardsAndTheirCriticalTwinsAreDrainedAndKeepTheirKeysOnTheirTag() async throws {
        try await withScene("CREATE TABLE cell (id int PRIMARY KEY)") { scene in
            let names = (0..<128).flatMap { ["rider{shard-\($0)}", "rider-critical{shard-\($0)}"] }
            for (number, name) in names.enumerated() {
                try await scene.publish([KVText.create("Cell", ["id": Self.id(number)])], to: name)
            }
            try await scene.publish(["broken"], to: names[7])
            let settings = [
                "STREAM_NAMES": "rider{shard-0..127},rider-critical{shard-0..127}", "ON_PARSE_FAILURE": "dead_letter",
            ]
            let report = try await scene.drain(settings)
            #expect(report.rows == 256 && report.deadLetters == 1)
            #expect(try await scene.deadLetters(of: names[7]).count == 1)
            let keys = try await scene.redis("KEYS", "*").elements?.compactMap(\.text) ?? []
            #expect(keys.filter { $0.hasPrefix("rider") && !$0.contains("{shard-") } == [])
        }
    }

    @Test func aDeadLetterKeepsTheFieldAsItWas() async throws {
        try await withScene("CREATE TABLE cell (id int PRIMARY KEY)") { scene in
            let broken = Array(ZstdFrame.pack(Array("{}".utf8)).dropLast())
            let entries = [
                broken, ZstdFrame.pack(Array("not json".utf8)), ZstdFrame.bomb(blocks: 100_000),
                ZstdFrame.pack(Array(KVText.create("Cell", ["id": #""x""#]).utf8)),
                Array(KVText.create("Cell", ["id": #""\"\\q\"""#]).utf8),
            ]
            try await scene.publish(bytes: entries)
            try await scene.publish([KVText.create("Cell", ["id": "\"1\""])])
            let report = try await scene.drain(["ON_PARSE_FAILURE": "dead_letter"], within: .seconds(180))
            #expect(report.rows == 1 && report.deadLetters == 5)
            let letters = try await scene.redis("XRANGE", "\(Scene.stream):dead", "-", "+").elements ?? []
            let fields = letters.map { $0.elements?.last?.dictionary ?? [:] }
            for (letter, entry) in zip(fields, entries) {
                guard case .string(let bytes) = letter["command"] else {
                    Issue.record("a dead letter has no command")
                    continue
                }
                #expect(bytes == entry)
            }
            let errors = fields.map { $0["drainer-error"]?.text }
            #expect(errors == ["parse", "parse", "parse", "22P02", "parse"])
            #expect(fields[1]["drainer-message"]?.text?.contains("in the unpacked frame") == true)
        }
    }

    @Test func explainReadsKVEntriesAndFrames() async throws {
        let path = "\(try TestFolder.shared.make("explain"))/entry"
        func explain(_ bytes: [UInt8]) async throws -> String {
            try Data(bytes).write(to: URL(filePath: path))
            let run = try await DrainerProcess.run(["explain", path], environment: ["DATABASE_SCHEMA": "atlas_app"])
            #expect(run.status == .code(0), "\(run.errors)")
            return run.output
        }
        let update = try WireExample.updateWithMappings.bytes
        let plain = try await explain(update)
        #expect(plain.contains("update atlas_app.booking"), "\(plain)")
        #expect(plain.contains("\"bpp_ride_booking_id\" ="), "\(plain)")
        #expect(plain.contains("barrier no"), "\(plain)")
        #expect(try await explain(ZstdFrame.pack(update)) == plain)
        #expect(try await explain(ZstdFrame.pack(update) + [UInt8(ascii: "\n")]) == plain)
        let broken = try await explain(ZstdFrame.pack(Array(#"{"contents_v2":?}"#.utf8)))
        #expect(broken.contains("must be an object") && broken.contains(#"{"contents_v2":?}"#), "\(broken)")
        #expect(try await explain([0x28, 0xB5, 0x2F, 0xFD, 1, 2]).contains("the zstd frame is broken"))
    }
}
