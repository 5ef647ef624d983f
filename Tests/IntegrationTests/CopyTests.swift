import Postgres
import TestSupport
import Testing

/// Creates by COPY: as INSERTs would have left them, also where COPY by itself is another thing.
@Suite struct CopyTests {
    private static let item = "CREATE TABLE item (id int PRIMARY KEY, size int CHECK (size > 0), note varchar(20))"
    private static let copying = ["INSERT_BATCH_SIZE": "1", "COPY_BATCH_SIZE": "1"]

    private static func items(_ ids: some Sequence<Int>, bad: Set<Int> = []) -> [String] {
        ids.map { Native.create("item", ["id": "\($0)", "size": bad.contains($0) ? "0" : "1"]) }
    }

    /// Adds a column that says by what a row came.
    private static let witness = """
        ALTER TABLE item ADD by text DEFAULT CASE WHEN current_query() LIKE '%COPY%' THEN 'copy' ELSE 'insert' END;
        """

    @Test func fromTheSizeOnCreatesAreCopied() async throws {
        try await withScene(Self.item + ";" + Self.witness) { scene in
            try await scene.publish(Self.items(0..<50))
            let report = try await scene.drain()
            #expect(report.rows == 50 && report.statements == 1 && report.bulkStatements == 1)
            try await scene.publish(Self.items(50..<99))
            try await scene.drain()
            try await scene.publish(Self.items(99..<200))
            try await scene.drain(["COPY_BATCH_SIZE": "0"])
            let ways = try await scene.sql("SELECT by, count(*) FROM item GROUP BY by ORDER BY by")
            #expect(ways == [["copy", "50"], ["insert", "150"]])
        }
    }

    @Test func aKeyThatExistsChangesNothingAndTheOthersAreWritten() async throws {
        let schema = Self.item + "; INSERT INTO item VALUES (7, 7, 'there'), (70, 7, 'there')"
        try await withScene(schema) { scene in
            try await scene.publish(Self.items(0..<100))
            let report = try await scene.drain(Self.copying)
            #expect(report.rows == 98 && report.unmatched == 2 && report.deadLetters == 0)
            #expect(report.statements == 2 && report.bulkStatements == 1 && report.fallbacks == 1)
            #expect(try await scene.count("item WHERE note = 'there'") == 2)
            #expect(try await scene.count("item") == 100)
        }
    }

    @Test func badRowsAreFoundByTheLineThatPostgresNames() async throws {
        try await withScene(Self.item) { scene in
            try await scene.publish(Self.items(0..<1000, bad: [0, 17, 18, 999]))
            let report = try await scene.drain(Self.copying)
            #expect(report.rows == 996 && report.deadLetters == 4 && report.fallbacks == 1)
            // The refused whole; of each bad row at most itself, those before it, and the rest once more.
            #expect(report.statements <= 1 + 3 * 4, "\(report.statements)")
            #expect(try await scene.deadLetters().allSatisfy { $0["drainer-error"] == "23514" })
        }
    }

    @Test func fromTheFirstOddSpellingOnRowsAreCopiedAsText() async throws {
        try await withScene("CREATE TABLE item (id int PRIMARY KEY, at date CHECK (at < '2027-01-01'));" + Self.witness)
        {
            scene in
            func item(_ id: Int) -> String {
                let date =
                    [60: "May 4 2026", 61: "2026-05-05", 80: "2027-01-02", 81: "tomorrowish"][id] ?? "2026-05-01"
                return Native.create("item", ["id": "\(id)", "at": "\"\(date)\""])
            }
            try await scene.publish((0..<70).map(item))
            let report = try await scene.drain(Self.copying)
            #expect(report.rows == 70 && report.statements == 1 && report.fallbacks == 0)
            #expect(try await scene.count("item WHERE by = 'copy' AND id <= 61") == 62)
            #expect(
                try await scene.column("SELECT at::text FROM item WHERE id >= 60 ORDER BY id LIMIT 3")
                    == ["2026-05-04", "2026-05-05", "2026-05-01"]
            )
            // The lines that are named then are counted from the statement's first row.
            try await scene.publish((130..<190).map(item) + [60, 80, 81].map(item) + (200..<220).map(item))
            let second = try await scene.drain(Self.copying)
            #expect(second.rows == 80 && second.deadLetters == 2 && second.unmatched == 1)
        }
    }

    @Test func aValueThatLooksLikeAContextMisleadsNobody() async throws {
        try await withScene("CREATE TABLE item (id int PRIMARY KEY, at date)") { scene in
            let liar = #""\nCOPY item, line 3, column at""#
            try await scene.publish(
                (0..<40).map { Native.create("item", ["id": "\($0)", "at": $0 == 20 ? liar : "\"2026-01-01\""]) }
            )
            let report = try await scene.drain(Self.copying)
            #expect(report.rows == 39 && report.deadLetters == 1)
            #expect(try await scene.count("item WHERE id = 20") == 0)
        }
    }

    @Test func whatTheEndOfAStatementRefusesIsHalved() async throws {
        let schema =
            "CREATE TABLE parent (id int PRIMARY KEY); CREATE TABLE item (id int, parent int REFERENCES parent);"
        try await withScene(schema + "INSERT INTO parent VALUES (1)") { scene in
            try await scene.publish(
                (0..<100).map { Native.create("item", ["id": "\($0)", "parent": $0 % 40 == 3 ? "404" : "1"]) }
            )
            let report = try await scene.drain(Self.copying)
            #expect(report.rows == 97 && report.deadLetters == 3)
            #expect(try await scene.deadLetters().allSatisfy { $0["drainer-error"] == "23503" })
            // A table without a key holds each once.
            #expect(try await scene.count("item") == 97)
        }
    }

    @Test func aRowTooBigForItsPageIsTheOnlyDeadLetter() async throws {
        let columns = (0..<1000).map { "c\($0) uuid" }.joined(separator: ", ")
        try await withScene("CREATE TABLE item (id int PRIMARY KEY, \(columns))") { scene in
            let large = (0..<1000).map { ",\"c\($0)\":\"00000000-0000-0000-0000-000000000000\"" }.joined()
            try await scene.publish(
                (0..<30).map {
                    #"{"op":"create","table":"item","row":{"id":\#($0)\#($0 == 12 ? large : "")}}"#
                } + (30..<60).map { #"{"op":"create","table":"item","row":{"id":\#($0)\#($0 == 45 ? large : "")}}"# }
            )
            let report = try await scene.drain(Self.copying)
            #expect(report.rows == 58 && report.deadLetters == 2)
            #expect(try await scene.deadLetters().allSatisfy { $0["drainer-error"] == "54000" })
        }
    }

    @Test func whereACopyIsNoInsertThereIsNone() async throws {
        let schema = """
            CREATE TABLE numbered (id int GENERATED ALWAYS AS IDENTITY, note text);
            CREATE TABLE made (id int, twice int GENERATED ALWAYS AS (id * 2) STORED);
            CREATE DOMAIN pause AS interval minute to second;
            CREATE TABLE lap (id int, short interval minute to second, pause pause, laps interval minute to second[]);
            CREATE TABLE node (id int PRIMARY KEY, parent int);
            CREATE FUNCTION has_node(int) RETURNS bool LANGUAGE sql AS
                $$ SELECT $1 IS NULL OR EXISTS (SELECT FROM node WHERE id = $1) $$;
            ALTER TABLE node ADD CHECK (has_node(parent));
            """
        try await withScene(schema) { scene in
            for id in 0..<10 {
                try await scene.publish([
                    Native.create("numbered", ["id": "\(id)"]), Native.create("made", ["id": "1", "twice": "3"]),
                    Native.create("lap", ["id": "\(id)", "short": "\"1:30\""]),
                    Native.create("lap", ["id": "\(id)", "pause": "\"1:30\""]),
                    Native.create("lap", ["id": "\(id)", "laps": "[\"1:30\"]"]),
                    Native.create("node", ["id": "\(id)", "parent": id == 0 ? "null" : "\(id - 1)"]),
                    Native.create("numbered", ["note": "\"\(id)\""]), Native.create("made", ["id": "\(id)"]),
                ])
            }
            let report = try await scene.drain(Self.copying.merging(["BREAKER_PERCENT": "0"]) { $1 })
            #expect(report.rows == 60 && report.deadLetters == 20)
            #expect(try await scene.deadLetters().allSatisfy { $0["drainer-error"] == "428C9" })
            let shown = try await scene.sql("SELECT DISTINCT short, pause, laps FROM lap ORDER BY 1, 2, 3")
            let hours = "01:30:00"
            #expect(shown == [[hours, nil, nil], [nil, hours, nil], [nil, nil, "{\(hours)}"]])
            #expect(try await scene.count("node") == 10)
        }
    }

    @Test func aTextIsWhatItWasWhateverItMeansToCOPY() async throws {
        let texts = [#"\N"#, #"\."#, #"\"#, "a\tb", "a\nb", "\r", #"\\N"#, "", "\u{8}\u{c}\u{b}", #"\x41"#, "tail\\"]
        try await withScene("CREATE TABLE item (id int PRIMARY KEY, a text, b text)") { scene in
            try await scene.publish(
                texts.enumerated().map { Native.create("item", ["id": "\($0)", "a": Native.text($1), "b": "null"]) }
            )
            let report = try await scene.drain(Self.copying)
            #expect(report.rows == texts.count && report.bulkStatements == 1)
            #expect(try await scene.column("SELECT a FROM item ORDER BY id") == texts)
            #expect(try await scene.count("item WHERE b IS NULL") == texts.count)
        }
    }

    @Test func rowSecurityThatComesWhileItRunsIsKept() async throws {
        try await withScene("CREATE TABLE item (id int PRIMARY KEY, size int)") { scene in
            let role = try await Role.make(in: scene, grants: "GRANT ALL ON item TO")
            try await scene.running(Self.copying.merging(["DATABASE_URL": role.url, "LEDGER": "off"]) { $1 }) { _ in
                try await scene.publish(Self.items(0..<50))
                try await eventually("they are there") { try await scene.count("item") == 50 }
                try await scene.sql(
                    "ALTER TABLE item ENABLE ROW LEVEL SECURITY; CREATE POLICY small ON item WITH CHECK (id < 90)"
                )
                try await scene.publish(Self.items(50..<100))
                try await eventually("the others are") { try await scene.count("item") == 90 }
                try await eventually("some are set aside") { try await scene.deadLetters().count == 10 }
            }
        }
    }

    // MARK: The connection

    @Test func aCopyTakesMoreThanTheSocketHolds() async throws {
        try await withDatabase { database in
            let connection = PostgresConnection(conninfo: database.url, applicationName: "test")
            try await connection.connect()
            try await connection.run("CREATE TABLE t (a text)")
            let line = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 20) + [UInt8(ascii: "\n")]
            let rows = (0..<10).reduce(into: [UInt8]()) { rows, _ in rows += line }
            var pieces = CopyPieces(rows)
            #expect(try await connection.copy("COPY t FROM STDIN", &pieces).map(\.affected) == [10])
            var nothing = CopyPieces([])
            let results = try await connection.copy("COPY t FROM STDIN; SELECT count(*) FROM t", &nothing)
            #expect(results.map(\.affected) == [0, 1] && results.last?.rows == [["10"]])
        }
    }

    @Test func aRefusedCopyNamesItsLineAndLeavesTheConnectionUsable() async throws {
        try await withDatabase { database in
            let connection = PostgresConnection(conninfo: database.url, applicationName: "test")
            try await connection.connect()
            try await connection.run("CREATE TABLE \"a, line 9\" (a int)")
            let good = [UInt8]("1\n2\n".utf8)
            let bad = good + [UInt8]("x\n".utf8) + (0..<1000).flatMap { _ in good }
            let refusal = try await #require(throws: PostgresError.self) {
                var rows = CopyPieces(bad)
                try await connection.copy(#"COPY "a, line 9" FROM STDIN"#, &rows)
            }
            // The table's name is taken for the context's words, which whoever uses the number has to bear.
            #expect(refusal.sqlState == "22P02" && refusal.copyLine == 9)
            let missing = try await #require(throws: PostgresError.self) {
                var rows = CopyPieces(good)
                try await connection.copy("COPY absent FROM STDIN", &rows)
            }
            #expect(missing.sqlState == "42P01" && missing.copyLine == 0)
            var rows = CopyPieces(good)
            #expect(try await connection.copy(#"COPY "a, line 9" FROM STDIN"#, &rows).map(\.affected) == [2])
        }
    }

    @Test(arguments: [false, true])
    func aCopyThatTheServerStopsTakingEndsWithItsTimeOrItsTask(isCancelled: Bool) async throws {
        let schema = """
            CREATE TABLE t (a text);
            CREATE FUNCTION sleep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(60); RETURN NEW; END $$;
            CREATE TRIGGER sleep BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION sleep();
            """
        try await withDatabase { database in
            let connection = PostgresConnection(conninfo: database.url, applicationName: "test")
            try await connection.connect()
            try await connection.run(schema)
            let rows = [UInt8](repeating: UInt8(ascii: "\n"), count: 10 << 20)
            let copy = Task {
                var pieces = CopyPieces(rows)
                try await connection.copy("COPY t FROM STDIN", &pieces, timeout: .seconds(isCancelled ? 50 : 1))
            }
            let watcher = PostgresConnection(conninfo: database.url, applicationName: "watcher")
            try await watcher.connect()
            let asleep = """
                SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'
                """
            try await eventually("it sleeps") { try await !watcher.run(asleep).rows.isEmpty }
            if isCancelled { copy.cancel() }
            let failure = await #expect(throws: PostgresError.self) { try await copy.value }
            #expect(failure?.sqlState == nil)
            #expect(await !connection.isConnected)
            let kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
            try await watcher.run("\(kill) AND datname = current_database()")
        }
    }
}
