import Postgres
import TestSupport
import Testing

/// Tables that are more than columns and a key, and many of them.
@Suite struct TableTests {
    @Test func moreSignaturesThanStatementsAreKept() async throws {
        let columns = (0..<10).map { "c\($0)" }
        let schema = "CREATE TABLE item (id int, \(columns.map { "\($0) int" }.joined(separator: ", ")))"
        try await withScene(schema) { scene in
            // Every subset of the columns, twice, in one window and in many.
            let commands = (0..<1024).map { subset in
                let cells = columns.indices.filter { subset >> $0 & 1 == 1 }.map { ",\"c\($0)\":\(subset)" }.joined()
                return #"{"op":"create","table":"item","row":{"id":\#(subset)\#(cells)}}"#
            }
            try await scene.publish(commands)
            try await scene.publish(commands)
            let report = try await scene.drain(["INSERT_BATCH_SIZE": "2", "STREAM_READ_COUNT": "5000"])
            #expect(report.rows == 2048 && report.bulkStatements == 1024 && report.deadLetters == 0)
            try await scene.publish(commands)
            #expect(try await scene.drain(["STREAM_READ_COUNT": "100"]).rows == 1024)
            let sum = columns.map { "count(\($0))" }.joined(separator: " + ")
            #expect(try await scene.column("SELECT \(sum) FROM item") == ["15360"])
        }
    }

    @Test(arguments: CellTests.roads)
    func triggersViewsPartitionsAndRulesAreWrittenInOrder(road: [String: String]) async throws {
        let schema = """
            CREATE TABLE log (place serial, what text);
            CREATE TABLE plain (id int PRIMARY KEY, note text);
            CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN INSERT INTO log (what) VALUES (lower(TG_OP) || ' ' || coalesce(NEW.id, OLD.id)); RETURN NULL; END $$;
            CREATE TRIGGER tell AFTER INSERT OR UPDATE OR DELETE ON plain FOR EACH ROW EXECUTE FUNCTION tell();
            CREATE VIEW shown AS SELECT id, note FROM plain;
            CREATE TABLE part (id int, note text, PRIMARY KEY (id)) PARTITION BY RANGE (id);
            CREATE TABLE part_low PARTITION OF part FOR VALUES FROM (0) TO (10);
            CREATE TABLE part_high PARTITION OF part FOR VALUES FROM (10) TO (100);
            CREATE TABLE ruled (id int PRIMARY KEY, note text);
            CREATE RULE also AS ON INSERT TO ruled DO ALSO INSERT INTO log (what) VALUES ('rule ' || NEW.id);
            """
        try await withScene(schema) { scene in
            var commands: [String] = []
            for id in 0..<20 {
                let table = id < 10 ? "plain" : "shown"
                commands.append(Native.create(table, ["id": "\(id)", "note": "\"a\""]))
                commands.append(Native.update(table, set: ["note": "\"b\""], where: ["id": "\(id)"]))
                if id.isMultiple(of: 2) { commands.append(Native.delete(table, where: ["id": "\(id)"])) }
                commands.append(Native.create("part", ["id": "\(id)", "note": "\"a\""]))
                commands.append(Native.update("part", set: ["id": "\((id + 10) % 20 + 20)"], where: ["id": "\(id)"]))
                commands.append(Native.create("ruled", ["id": "\(id)", "note": "\"a\""]))
            }
            try await scene.publish(commands)
            let report = try await scene.drain(road)
            #expect(report.deadLetters == 0 && report.unmatched == 0, "\(report.output)")
            #expect(try await scene.count("plain WHERE note = 'b'") == 10)
            #expect(try await scene.count("part_high WHERE id BETWEEN 20 AND 39") == 20)
            #expect(try await scene.count("ruled") == 20)
            #expect(try await scene.count("log WHERE what LIKE 'rule %'") == 20)
            let told = try await scene.column("SELECT what FROM log WHERE what NOT LIKE 'rule %' ORDER BY place")
            let expected = (0..<20).flatMap { id in
                ["insert \(id)", "update \(id)"] + (id.isMultiple(of: 2) ? ["delete \(id)"] : [])
            }
            for id in 0..<20 {
                let own = told.filter { $0?.hasSuffix(" \(id)") == true }
                #expect(own == expected.filter { $0.hasSuffix(" \(id)") })
            }
        }
    }

    @Test func aTableThatIsInheritedFromKeepsItsRowsApart() async throws {
        let schema = "CREATE TABLE base (id int PRIMARY KEY, note text); CREATE TABLE heir () INHERITS (base);"
        try await withScene(schema) { scene in
            try await scene.publish(
                (0..<20).flatMap {
                    [
                        Native.create("base", ["id": "\($0)", "note": "\"base\""]),
                        Native.create("heir", ["id": "\($0)", "note": "\"heir\""]),
                        Native.update("heir", set: ["note": "\"changed\""], where: ["id": "\($0)"]),
                    ]
                }
            )
            let report = try await scene.drain()
            #expect(report.deadLetters == 0 && report.unmatched == 0)
            #expect(try await scene.count("ONLY base WHERE note = 'base'") == 20)
            #expect(try await scene.count("heir WHERE note = 'changed'") == 20)
        }
    }

    @Test func aTableWithoutAKeyTakesEveryRow() async throws {
        try await withScene("CREATE TABLE item (note text)") { scene in
            try await scene.publish((0..<30).map { _ in Native.create("item", ["note": "\"same\""]) })
            try await scene.publish(
                (0..<15).map { _ in Native.update("item", set: ["note": "\"new\""], where: ["note": "\"same\""]) }
            )
            let report = try await scene.drain()
            // The first update meets all of them, the others none.
            #expect(report.rows == 60 && report.unmatched == 14)
            #expect(try await scene.count("item WHERE note = 'new'") == 30)
        }
    }

    @Test func theSessionDoesNotDependOnTheServersDefaults() async throws {
        let settings = [
            "timezone": "Asia/Kolkata", "datestyle": "SQL, DMY", "default_transaction_isolation": "serializable",
            "lc_messages": "C", "standard_conforming_strings": "off", "synchronous_commit": "off",
        ]
        let schema = """
            CREATE TABLE item (id int PRIMARY KEY, at timestamptz, day date, note text, seen text DEFAULT
                concat_ws(' ', current_setting('timezone'), current_setting('datestyle'), current_setting('synchronous_commit'),
                    current_setting('transaction_isolation'), current_setting('application_name')));
            """
        try await withScene(ownPostgres: settings, schema) { scene, _ in
            try await scene.publish(
                (0..<12).map {
                    Native.create(
                        "item",
                        ["id": "\($0)", "at": "\"2026-08-18 13:48:46\"", "day": "\"02/03/2026\"", "note": #""a\\b'c""#]
                    )
                }
            )
            #expect(try await scene.drain().rows == 12)
            try await scene.sql("SET timezone = 'UTC'; SET datestyle = 'ISO'")
            #expect(
                try await scene.sql("SELECT DISTINCT at, day, note, seen FROM item") == [
                    ["2026-08-18 13:48:46+00", "2026-02-03", "a\\b'c", "UTC ISO, MDY on read committed drainer"]
                ]
            )
        }
    }
}
