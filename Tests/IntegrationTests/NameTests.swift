import TestSupport
import Testing

/// No name and no value of an entry can become SQL, and a table that is not there takes nobody with it.
@Suite struct NameTests {
    static let hostile = [
        #"a"b"#, "a'b", "a;b", "a b", "a.b", "A", "SELECT", "1$", "таблица", "表", "👍", #"""#, " ", "a\nb", "a\\b",
        #""; DROP TABLE victim; --"#, "%s",
        // A quotation mark and a combining mark are one character.
        "\"\u{301}; DROP TABLE victim; --", "a\"\u{200D}b", "e\u{301}", "\u{E9}", "c0", "n", "v", "t", "ctid_",
        String(repeating: "x", count: 63),
        String(repeating: "я", count: 31),
    ]

    private static func quoted(_ name: String) -> String {
        "\"" + name.unicodeScalars.map { $0 == "\"" ? "\"\"" : String($0) }.joined() + "\""
    }

    @Test(arguments: CellTests.roads)
    func namesAreTakenVerbatim(road: [String: String]) async throws {
        let schema =
            "CREATE TABLE victim (); "
            + Self.hostile.map { name in
                // The first dot of an entry's table splits schema and name; a name with dots needs its schema.
                "CREATE TABLE \(Self.quoted(name)) (id int PRIMARY KEY, \(Self.quoted(name)) text)"
            }.joined(separator: ";")
        try await withScene(schema) { scene in
            var commands: [String] = []
            for name in Self.hostile {
                let table = "public." + name
                for id in 0..<3 { commands.append(Native.create(table, ["id": "\(id)", name: Native.text(name)])) }
                commands.append(
                    Native.update(table, set: [name: "\"changed\""], where: ["id": "1", name: Native.text(name)])
                )
                commands.append(Native.delete(table, where: [name: Native.text(name), "id": "2"]))
                commands.append(Native.update(table, set: ["id": "7"], where: [name: #"{"$in":["changed"]}"#]))
            }
            try await scene.publish(commands)
            let report = try await scene.drain(road)
            #expect(report.deadLetters == 0 && report.unmatched == 0)
            for name in Self.hostile {
                let rows = try await scene.sql("SELECT id, \(Self.quoted(name)) FROM \(Self.quoted(name)) ORDER BY id")
                #expect(rows == [["0", name], ["7", "changed"]], "\(name)")
            }
            #expect(try await scene.count("pg_class WHERE relname = 'victim'") == 1)
        }
    }

    @Test(arguments: CellTests.roads)
    func whatCannotBeANameIsABadRow(road: [String: String]) async throws {
        let long = String(repeating: "x", count: 64)
        let cut = long.dropLast()
        let schema = "CREATE TABLE victim (id int PRIMARY KEY, a text, \(cut) int); CREATE TABLE \(cut) (id int)"
        try await withScene(schema) { scene in
            try await scene.publish([
                Native.create("", ["id": "1"]),
                Native.create("public.", ["id": "1"]),
                Native.create(".victim", ["id": "1"]),
                // Cut by PostgreSQL, it would be another table's name.
                Native.create(long, ["id": "1"]),
                Native.create("vic\u{0}tim", ["id": "1"]),
                Native.create("victim", ["id": "2", "": "1"]),
                Native.create("victim", ["id": "3", "a\u{0}": "1"]),
                Native.create("victim", ["id": "4", long: "1"]),
                Native.create("victim", ["id": "5", "a) VALUES (1); DROP TABLE victim; --": "1"]),
                Native.create("victim", ["id": "6", "a": #""'); DROP TABLE victim; --""#]),
                Native.update("victim", set: ["a": "\"x\""], where: ["id = 6 OR 1": "1"]),
                Native.create("pg_catalog.victim", ["id": "1"]),
            ])
            let report = try await scene.drain(
                road.merging(["BREAKER_PERCENT": "0", "ON_PARSE_FAILURE": "dead_letter"]) { $1 }
            )
            #expect(report.rows == 1 && report.deadLetters == 11)
            #expect(try await scene.sql("SELECT id, a FROM victim") == [["6", "'); DROP TABLE victim; --"]])
            #expect(try await scene.count("\(cut)") == 0)
            let errors = try await scene.deadLetters().map { $0["drainer-error"] }
            #expect(
                errors == [
                    "parse", "parse", "parse", "42622", "42602", "42601", "42602", "42622", "42703", "42703", "42P01",
                ]
            )
        }
    }

    @Test(arguments: CellTests.roads)
    func aMissingTableOrColumnCondemnsOnlyItsOwnEntries(road: [String: String]) async throws {
        try await withScene("CREATE TABLE item (id int PRIMARY KEY, a text)") { scene in
            for number in 0..<20 {
                try await scene.publish([
                    Native.create("item", ["id": "\(number)", "a": "\"x\""]),
                    Native.create("missing", ["id": "\(number)"]),
                    Native.create("nowhere.item", ["id": "\(number)"]),
                    Native.create("item", ["id": "\(number + 100)", "no_column": "1"]),
                    Native.update("item", set: ["a": "\"y\""], where: ["id": "\(number)"]),
                ])
            }
            let report = try await scene.drain(road.merging(["BREAKER_PERCENT": "0"]) { $1 })
            #expect(report.rows == 40 && report.deadLetters == 60)
            #expect(try await scene.count("item WHERE a = 'y'") == 20)
            let letters = try await scene.deadLetters()
            let errors = Dictionary(grouping: letters) { "\($0["drainer-table"] ?? "") \($0["drainer-error"] ?? "")" }
            #expect(
                errors.mapValues(\.count)
                    == ["public.missing 42P01": 20, "nowhere.item 42P01": 20, "public.item 42703": 20]
            )
            // A statement that is refused before it sees a row is not tried for every row.
            #expect(report.statements <= 140, "\(report.statements)")
        }
    }

    @Test func aTableThatIsMadeDuringTheGraceLosesNothing() async throws {
        try await withScene("CREATE TABLE item (id int)") { scene in
            try await scene.running(["REFUSAL_GRACE": "20s"]) { _ in
                try await scene.publish(
                    (0..<20).map { Native.create("soon.item", ["id": "\($0)", "late": "\"x\""]) }
                )
                try await eventually("they are in hand") { try await scene.pending() == 20 }
                try await scene.sql("CREATE SCHEMA soon; CREATE TABLE soon.item (id int PRIMARY KEY, late text)")
                try await eventually("they are written", within: .seconds(40)) {
                    try await scene.count("soon.item") == 20
                }
                #expect(try await scene.deadLetters().isEmpty)
            }
        }
    }

    @Test func aColumnThatIsAddedAndATypeThatChangesNeedNoRestart() async throws {
        try await withScene("CREATE TABLE item (id int PRIMARY KEY, a int)") { scene in
            try await scene.running { _ in
                for turn in 0..<20 { try await scene.publish([Native.create("item", ["id": "\(turn)", "a": "1"])]) }
                try await eventually("the first are written") { try await scene.count("item") == 20 }
                try await scene.sql("ALTER TABLE item ADD b text[]; ALTER TABLE item ALTER a TYPE text")
                try await scene.publish(
                    (20..<40).map { Native.create("item", ["id": "\($0)", "a": "\"text\"", "b": "[\"x,y\"]"]) }
                )
                try await scene.publish((40..<60).map { Native.create("item", ["id": "\($0)", "a": "\"text\""]) })
                try await eventually("the others, too") { try await scene.count("item") == 60 }
                #expect(try await scene.count("item WHERE b = ARRAY['x,y']") == 20)
                try await scene.sql("DROP TABLE item; CREATE TABLE item (a jsonb, id bigint PRIMARY KEY)")
                try await scene.publish((0..<20).map { Native.create("item", ["id": "\($0)", "a": "\"1\""]) })
                try await eventually("the new table is written") {
                    try await scene.count("item WHERE a = '\"1\"'") == 20
                }
                #expect(try await scene.deadLetters().isEmpty)
            }
        }
    }
}
