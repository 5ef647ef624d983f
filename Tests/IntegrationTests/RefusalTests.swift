import TestSupport
import Testing

/// Bad rows: isolated with few statements, set aside with their reason, all others written.
@Suite struct RefusalTests {
    private static let item = "CREATE TABLE item (id int PRIMARY KEY, size int CHECK (size > 0), note varchar(20))"

    @Test func eightBadRowsAmong155AreIsolatedInFewStatements() async throws {
        try await withScene(Self.item) { scene in
            let bad: Set = [0, 3, 4, 77, 90, 120, 153, 154]
            try await scene.publish(
                (0..<155).map { Native.create("item", ["id": "\($0)", "size": bad.contains($0) ? "-1" : "1"]) }
            )
            let report = try await scene.drain()
            #expect(report.entries == 155 && report.rows == 147 && report.deadLetters == 8)
            #expect(report.fallbacks == 1 && report.sequential == 0)
            // Twice: 2·b·(1 + log2(n/b)) + b for b bad rows of n.
            #expect(report.statements <= 95, "\(report.statements)")
            #expect(try await scene.count("item") == 147)
            let letters = try await scene.deadLetters()
            #expect(letters.count == 8 && letters.allSatisfy { $0["drainer-error"] == "23514" })
            #expect(try await scene.length() == 0)
        }
    }

    @Test func oneOfTwentyFiveFailsWithItsOwnError() async throws {
        try await withScene(Self.item) { scene in
            try await scene.publish(
                (1...25).map { Native.create("item", ["id": "\($0)", "size": $0 == 15 ? "0" : "1"]) }
            )
            let report = try await scene.drain()
            #expect(report.rows == 24 && report.deadLetters == 1 && report.fallbacks == 1)
            #expect(try await scene.count("item WHERE id <> 15") == 24)
        }
    }

    @Test(arguments: CellTests.roads)
    func everyKindOfBadRowIsADeadLetter(road: [String: String]) async throws {
        let schema = """
            CREATE TABLE parent (id int PRIMARY KEY);
            CREATE TABLE item (
                id int PRIMARY KEY, code text UNIQUE, size int CHECK (size > 0), parent int REFERENCES parent,
                needed text NOT NULL DEFAULT 'x', short varchar(3), at timestamptz,
                made int GENERATED ALWAYS AS (size * 2) STORED, number int GENERATED ALWAYS AS IDENTITY,
                during int4range, EXCLUDE USING gist (during WITH &&));
            CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN RAISE EXCEPTION 'not on my watch'; END $$;
            CREATE TABLE guarded (id int PRIMARY KEY);
            CREATE TRIGGER guard BEFORE INSERT ON guarded FOR EACH ROW WHEN (NEW.id = 13) EXECUTE FUNCTION refuse();
            CREATE VIEW shown AS SELECT id FROM guarded WHERE id < 10 WITH CHECK OPTION;
            CREATE TABLE part (id int) PARTITION BY RANGE (id);
            CREATE TABLE part_low PARTITION OF part FOR VALUES FROM (0) TO (10);
            """
        let bad: [(error: String, command: String)] = [
            ("22P02", Native.create("item", ["id": "\"abc\""])),
            ("22P02", Native.create("item", ["id": "1.5"])),
            ("22003", Native.create("item", ["id": "99999999999"])),
            ("22007", Native.create("item", ["id": "10", "at": "\"yesterdayish\""])),
            ("22008", Native.create("item", ["id": "10", "at": "\"2026-02-30\""])),
            ("22001", Native.create("item", ["id": "10", "short": "\"four\""])),
            ("23502", Native.create("item", ["id": "10", "needed": "null"])),
            ("23502", Native.create("item", ["id": "null"])),
            ("23503", Native.create("item", ["id": "10", "parent": "404"])),
            ("23514", Native.create("item", ["id": "10", "size": "0"])),
            ("428C9", Native.create("item", ["id": "10", "made": "1"])),
            ("428C9", Native.create("item", ["id": "10", "number": "1"])),
            ("23505", Native.update("item", set: ["code": "\"taken\""], where: ["id": "2"])),
            ("23503", Native.delete("parent", where: ["id": "1"])),
            ("P0001", Native.create("guarded", ["id": "13"])),
            ("44000", Native.create("shown", ["id": "11"])),
            ("23514", Native.create("part", ["id": "11"])),
            ("42883", Native.update("item", set: ["size": "1"], where: ["at": #"{"$in":[1]}"#])),
        ]
        try await withScene(schema) { scene in
            try await scene.publish([
                Native.create("parent", ["id": "1"]),
                Native.create("item", ["id": "1", "code": "\"taken\"", "parent": "1", "during": "\"[1,5)\""]),
                Native.create("item", ["id": "2", "code": "\"free\"", "during": "\"[5,7)\""]),
            ])
            // Each bad one among good ones of the same signature and of another.
            for (number, entry) in bad.enumerated() {
                try await scene.publish([
                    Native.create("item", ["id": "\(1000 + number)"]), entry.command,
                    Native.create("guarded", ["id": "\(1000 + number)"]),
                ])
            }
            try await scene.publish([
                // These meet an existing row, and change nothing.
                Native.create("item", ["id": "3", "code": "\"taken\""]),
                Native.create("item", ["id": "4", "during": "\"[2,3)\""]),
                Native.create("item", ["id": "1", "code": "\"other\""]),
            ])
            let report = try await scene.drain(road)
            let errors = try await scene.deadLetters().map { $0["drainer-error"] ?? "" }
            #expect(errors.prefix(17) == ArraySlice(bad.prefix(17).map(\.error)))
            // The last may fail in its value or in its comparison.
            #expect(errors.count == bad.count, "\(errors)")
            #expect(report.unmatched == 3 && report.entries == 6 + 3 * bad.count)
            #expect(try await scene.count("item") == 2 + bad.count)
            #expect(try await scene.count("guarded") == bad.count)
        }
    }

    @Test(arguments: CellTests.roads)
    func rowSecurityRefusesRowsAndIsNoMissingGrant(road: [String: String]) async throws {
        let schema = """
            CREATE TABLE item (id int PRIMARY KEY, owner text);
            ALTER TABLE item ENABLE ROW LEVEL SECURITY;
            CREATE POLICY own ON item USING (owner = 'me') WITH CHECK (owner = 'me');
            """
        try await withScene(schema) { scene in
            let role = try await Role.make(in: scene, grants: "GRANT ALL ON item TO")
            try await scene.publish(
                (0..<20).map { Native.create("item", ["id": "\($0)", "owner": $0 % 7 == 3 ? "\"you\"" : "\"me\""]) }
            )
            let report = try await scene.drain(road.merging(["DATABASE_URL": role.url, "LEDGER": "off"]) { $1 })
            #expect(report.rows == 17 && report.deadLetters == 3)
            #expect(try await scene.deadLetters().allSatisfy { $0["drainer-error"] == "42501" })
        }
    }

    @Test func aDeadLetterHoldsTheEntryAndTheReason() async throws {
        try await withScene(Self.item) { scene in
            let bad = Native.create("item", ["id": "7", "size": "-1", "note": "\"naïve ☃\""])
            let ids = try await scene.publish([Native.create("item", ["id": "1", "size": "1"]), bad])
            try await scene.drain()
            let letters = try await scene.deadLetters()
            #expect(letters.count == 1)
            let letter = try #require(letters.first)
            #expect(letter["command"] == bad)
            #expect(letter["drainer-id"] == ids[1])
            #expect(letter["drainer-error"] == "23514")
            #expect(letter["drainer-table"] == "public.item")
            #expect(letter["drainer-message"]?.contains("item_size_check") == true)
            let at = try #require(letter["drainer-at"])
            #expect(at.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/) != nil, "\(at)")
            #expect(letter.count == 6)
        }
    }

    @Test func aBrokenEntryKeepsAllItsFields() async throws {
        try await withScene(Self.item) { scene in
            try await scene.redis("XADD", Scene.stream, "*", "command", "{", "other", "two words", "", "empty name")
            try await scene.publish([Native.create("item", ["id": "1"])])
            let report = try await scene.drain(["ON_PARSE_FAILURE": "dead_letter"])
            #expect(report.rows == 1 && report.deadLetters == 1)
            let letter = try #require(try await scene.deadLetters().first)
            #expect(letter["command"] == "{" && letter["other"] == "two words" && letter[""] == "empty name")
            #expect(letter["drainer-error"] == "parse" && letter["drainer-table"] == "")
        }
    }

    @Test func everyKindOfBrokenEntryIsSetAside() async throws {
        let broken = [
            "", "{", "[]", "null", "{}", #"{"op":"create"}"#, #"{"op":"upsert","table":"item","row":{}}"#,
            #"{"op":"create","table":"item","row":[]}"#, #"{"op":"create","table":"item","row":{"id":1,"id":2}}"#,
            #"{"op":"create","table":"item","row":{"id":1}} x"#,
            #"{"op":"update","table":"item","set":{},"where":{"id":1}}"#,
            #"{"op":"update","table":"item","set":{"id":1}}"#, #"{"op":"delete","table":"item","where":{}}"#,
            #"{"op":"delete","table":"item","where":{"id":{"a":1}}}"#, #"{"op":"create","table":7,"row":{"id":1}}"#,
            #"{"op":"create","table":"item","row":{"note":"\ud800"}}"#,
            #"{"op":"create","table":"item","row":{"id":1},"forceDrainToDB":"yes"}"#,
            String(repeating: "[", count: 100_000),
        ]
        try await withScene(Self.item) { scene in
            try await scene.publish(broken.flatMap { [$0, Native.create("item", ["id": "\($0.utf8.count)"])] })
            try await scene.redis("XADD", Scene.stream, "*", "other", Native.create("item", ["id": "-1"]))
            try await scene.redis("XADD", Scene.stream, "*", "command", Native.create("item", ["id": "-2"]), "b", "c")
            let report = try await scene.drain(["ON_PARSE_FAILURE": "dead_letter", "BREAKER_PERCENT": "0"])
            #expect(report.deadLetters == broken.count + 2)
            #expect(report.rows == Set(broken.map(\.utf8.count)).count)
            #expect(try await scene.deadLetters().allSatisfy { $0["drainer-error"] == "parse" })
        }
    }

    @Test func aDeferredConstraintIsToldAtItsOwnRow() async throws {
        let schema = """
            CREATE TABLE parent (id int PRIMARY KEY);
            CREATE TABLE item (
                id int, parent int REFERENCES parent DEFERRABLE INITIALLY DEFERRED,
                CONSTRAINT key PRIMARY KEY (id) DEFERRABLE INITIALLY DEFERRED);
            """
        try await withScene(schema) { scene in
            try await scene.publish([Native.create("parent", ["id": "1"])])
            try await scene.publish(
                (0..<20).map { Native.create("item", ["id": "\($0)", "parent": $0 == 9 ? "404" : "1"]) }
            )
            // Exists already: nothing happens, also where ON CONFLICT is refused.
            try await scene.publish([Native.create("item", ["id": "3", "parent": "1"])])
            let report = try await scene.drain()
            #expect(report.rows == 20 && report.deadLetters == 1 && report.unmatched == 1)
            #expect(try await scene.count("item") == 19)
        }
    }

    /// More kinds of statements than a connection keeps prepared: the one that makes it give them up stands behind a refusal
    /// in the same round trip, and is never prepared.
    @Test func aRefusalWhileStatementsAreGivenUpCostsNoConnection() async throws {
        let columns = (0..<10).map { "c\($0)" }
        func entry(_ number: Int, id: String) -> String {
            let cells = columns.indices.filter { number >> $0 & 1 == 1 }.map { ",\"\(columns[$0])\":1" }.joined()
            return "{\"op\":\"create\",\"table\":\"wide\",\"row\":{\"id\":\(id)\(cells)}}"
        }
        let schema = "CREATE TABLE wide (id int PRIMARY KEY, \(columns.map { "\($0) int" }.joined(separator: ", ")));"
        try await withScene(schema) { scene in
            try await scene.running(["STREAM_LINGER_MS": "300"]) { drainer in
                try await scene.publish((0..<499).map { entry($0, id: "\($0)") })
                try await eventually("as many are prepared as are kept") { try await scene.isDrained() }
                try await scene.publish([
                    entry(1, id: "\"x\""), entry(499, id: "499"), entry(500, id: "500"), entry(501, id: "501"),
                ])
                try await eventually("all is settled") { try await scene.isDrained() }
                try await scene.publish([entry(1, id: "502")])
                try await eventually("the next window is, too") { try await scene.isDrained() }
                #expect(!drainer.errors.contains("a new connection"))
            }
            #expect(try await scene.count("wide") == 503)
            #expect(try await scene.deadLetters().map { $0["drainer-error"] } == ["22P02"])
        }
    }

    @Test func aReferencedRowThatAnotherWriterBringsInTimeSavesItsChildren() async throws {
        try await withScene(Atlas.schema) { scene in
            try await scene.running(["REFUSAL_GRACE": "20s"]) { _ in
                try await scene.publish((0..<20).map { Atlas.leg($0, person: 1) })
                try await eventually("they are in hand") { try await scene.pending() == 20 }
                try await scene.sql("INSERT INTO atlas_app.person (id) VALUES ('person-1')")
                try await eventually("they are written", within: .seconds(40)) {
                    try await scene.count("atlas_app.journey_leg") == 20
                }
                #expect(try await scene.deadLetters().isEmpty)
            }
        }
    }
}
