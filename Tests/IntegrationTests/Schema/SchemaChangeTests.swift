import Postgres
import Redis
import TestSupport
import Testing

/// Tables change under a running drainer: no restart, no dead letter for what fits, no value or order of yesterday.
@Suite struct SchemaChangeTests {
    @Test(arguments: Road.all)
    func everyChangeCountsForWhatComesAfterIt(road: Road) async throws {
        let schema = SchemaChange.enums + SchemaChange.all.map { "\($0.schema);" }.joined()
        try await withScene(schema) { scene in
            // All that is published at once is one window.
            let settings = road.settings.merging(["STREAM_LINGER_MS": "300"]) { $1 }
            try await scene.running(settings) { _ in
                try await scene.publish(SchemaChange.all.flatMap(\.before))
                try await eventually("all is known of the tables") { try await scene.isDrained() }
                for change in SchemaChange.all { try await scene.sql(change.change) }
                try await scene.publish(SchemaChange.all.flatMap(\.after))
                try await eventually("what came after is written") { try await scene.isDrained() }
            }
            for change in SchemaChange.all {
                let rows = try await scene.sql(change.query).map { $0.map { $0 ?? "NULL" }.joined(separator: "|") }
                #expect(rows == change.rows, "\(change.name)")
            }
            #expect(try await scene.deadLetters().isEmpty)
        }
    }

    /// A window of its own: no table changes with the function.
    @Test(arguments: Road.all) func aTriggersFunctionMayBeReplaced(road: Road) async throws {
        let schema = """
            CREATE TABLE told (id int PRIMARY KEY, v int);
            CREATE TABLE telling (id int PRIMARY KEY);
            CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.v := 0; RETURN NEW; END $$;
            CREATE TRIGGER t BEFORE INSERT ON told FOR EACH ROW EXECUTE FUNCTION tell();
            """
        try await withScene(schema) { scene in
            func publish(_ ids: Range<Int>) async throws {
                try await scene.publish(
                    ids.flatMap { [Native.create("told", ["id": "\($0)"]), Native.create("telling", ["id": "\($0)"])] }
                )
                try await eventually("all is written") { try await scene.isDrained() }
            }
            try await scene.running(road.settings.merging(["STREAM_LINGER_MS": "300"]) { $1 }) { _ in
                try await publish(0..<20)
                try await scene.sql(
                    """
                    CREATE OR REPLACE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS
                        $$ BEGIN NEW.v := (SELECT count(*) FROM telling); RETURN NEW; END $$
                    """
                )
                try await publish(20..<40)
            }
            #expect(try await scene.sql("SELECT count(*) FROM told WHERE id < 20 AND v = 0") == [["20"]])
            #expect(try await scene.sql("SELECT id, v FROM told WHERE id >= 20 AND v <> id") == [])
            #expect(try await scene.count("told") == 40)
            #expect(try await scene.deadLetters().isEmpty)
        }
    }

    /// Each row tells by its default which type the column had when it was written.
    @Test(arguments: Road.all, [1, 2])
    func whatIsAlteredInTheMiddleOfWindowsStoresNoWrongValue(road: Road, seed: Int) async throws {
        let schema = """
            CREATE TABLE seen (id int, kind text, v text);
            CREATE TABLE item (id int PRIMARY KEY, v text, kind text DEFAULT 'text');
            CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
            """
        try await withScene(schema) { scene in
            let count = 1500
            let settings = ["STREAM_READ_COUNT": "40", "STREAM_LINGER_MS": "0"]
            try await scene.running(road.settings.merging(settings) { $1 }) { _ in
                async let publishing: Void = {
                    for start in stride(from: 0, to: count, by: 25) {
                        try await scene.publish((start..<start + 25).map(Self.entry))
                    }
                }()
                var generator = SeededGenerator(seed: UInt64(seed))
                let session = try await scene.session()
                for _ in 0..<30 {
                    try await session.run(Self.change(&generator))
                    try await Task.sleep(for: .milliseconds(Int.random(in: 0..<30, using: &generator)))
                }
                try await publishing
                try await eventually("all is written", within: .seconds(60)) { try await scene.isDrained() }
            }
            try await scene.sql("INSERT INTO seen SELECT id, kind, v::text FROM item")
            #expect(try await scene.deadLetters().isEmpty)
            #expect(try await scene.sql("SELECT count(*), count(DISTINCT id) FROM seen") == [["\(count)", "\(count)"]])
            let wrong = """
                SELECT kind, v FROM seen WHERE v IS DISTINCT FROM CASE kind
                    WHEN 'int' THEN id::text WHEN 'jsonb' THEN '"' || lpad(id::text, 6, '0') || '"'
                    ELSE lpad(id::text, 6, '0') END
                """
            #expect(try await scene.sql(wrong) == [])
        }
    }

    private static func entry(_ id: Int) -> String {
        let digits = String(id)
        return Native.create(
            "item",
            ["id": digits, "v": "\"\(String(repeating: "0", count: 6 - digits.count))\(digits)\""]
        )
    }

    /// Puts the rows aside and gives the column another type, in one transaction.
    private static func change(_ generator: inout SeededGenerator) -> String {
        let type = ["int", "text", "jsonb", "varchar(6)"].randomElement(using: &generator) ?? "text"
        let aside = "BEGIN; LOCK TABLE item; INSERT INTO seen SELECT id, kind, v::text FROM item; TRUNCATE item;"
        let alteration =
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: "DROP TABLE item; CREATE TABLE item (kind text DEFAULT '\(type)', v \(type), id int PRIMARY KEY);"
            case 1: "DROP INDEX IF EXISTS item_v; CREATE UNIQUE INDEX item_v ON item (v);"
            case 2: "CREATE OR REPLACE TRIGGER keep BEFORE INSERT ON item FOR EACH ROW EXECUTE FUNCTION keep();"
            default: "DROP TRIGGER IF EXISTS keep ON item;"
            }
        return aside + alteration
            + "ALTER TABLE item ALTER v TYPE \(type) USING NULL, ALTER kind SET DEFAULT '\(type)'; COMMIT"
    }
}
