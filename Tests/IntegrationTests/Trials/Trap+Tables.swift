import SoakSupport

extension Trap {
    private static let log = "CREATE TABLE log (n bigint, what text)"

    private static func trigger(_ timing: String, _ body: String, on table: String = "item") -> String {
        """
        CREATE TABLE item (id int PRIMARY KEY, v int);
        \(log);
        CREATE FUNCTION fire() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$ BEGIN \(body) END $$;
        CREATE TRIGGER fire \(timing) EXECUTE FUNCTION fire()
        """
    }

    private static func changes(_ n: Int, of table: String = "item", and other: String? = nil) -> [TrialCommand] {
        let other = other ?? table
        return [
            .create(table, ["id": .number("\(n)"), "v": .number("\(n % 3)")]),
            .create(other, ["id": .number("\(n + 20)"), "v": .number("\(n % 4)")]),
            .update(table, set: ["v": .number("\(n % 5)")], where: ["id": .number("\(n)")]),
            .delete(other, where: ["id": .number("\(n + 20)")]),
            .create(table, ["id": .number("\(n + 20)"), "v": 1]),
            .update(other, set: ["v": 2], where: ["id": .number("\(n + 20)")]),
            .create(other, ["id": .number("\(n)"), "v": 9]),
        ]
    }

    private static let counting = "INSERT INTO log SELECT count(*), TG_OP FROM log; RETURN NULL;"

    /// Tables that do more than a command says, or take it otherwise.
    static let tables: [Trap] = [
        Trap("a table without a key", "CREATE TABLE item (id int, v int)") { n in changes(n) },
        Trap(
            "a BEFORE trigger that looks at its table",
            trigger(
                "BEFORE INSERT OR UPDATE ON item FOR EACH ROW",
                "NEW.v := NEW.v * 100 + (SELECT count(*) FROM item); RETURN NEW;"
            )
        ) { n in changes(n) },
        Trap(
            "a BEFORE trigger that refuses",
            trigger(
                "BEFORE INSERT ON item FOR EACH ROW",
                "IF NEW.v = 2 THEN RAISE EXCEPTION 'two'; END IF; RETURN NEW;"
            )
        ) { n in changes(n) },
        Trap(
            "an AFTER ROW trigger that counts",
            trigger("AFTER INSERT OR UPDATE OR DELETE ON item FOR EACH ROW", counting)
        ) {
            n in changes(n)
        },
        Trap("a statement trigger", trigger("AFTER INSERT OR UPDATE OR DELETE ON item FOR EACH STATEMENT", counting)) {
            n in changes(n)
        },
        Trap("a trigger on updates only", trigger("AFTER UPDATE ON item FOR EACH ROW", counting)) { n in changes(n) },
        Trap(
            "a trigger that looks at a table which commands change, too",
            """
            CREATE TABLE other (id int PRIMARY KEY, v int);
            \(trigger("BEFORE INSERT ON item FOR EACH ROW", "NEW.v := (SELECT count(*) FROM other); RETURN NEW;"))
            """
        ) { n in changes(n, of: "other", and: "item") + changes(n + 40, of: "item", and: "other") },
        Trap(
            "a trigger that changes a table which commands change, too",
            """
            CREATE TABLE other (id int PRIMARY KEY, v int);
            \(trigger("AFTER INSERT ON item FOR EACH ROW", "DELETE FROM other WHERE v = 1; RETURN NULL;"))
            """
        ) { n in changes(n, of: "other", and: "item") + changes(n + 40, of: "item", and: "other") },
        Trap(
            "a trigger that looks elsewhere between apostrophes of comments",
            """
            CREATE TABLE other (id int PRIMARY KEY, v int);
            \(trigger(
                "BEFORE INSERT ON item FOR EACH ROW",
                "-- it's here\n NEW.v := (SELECT count(*) FROM other); -- isn't it\n RETURN NEW;"
            ))
            """
        ) { n in changes(n, of: "other", and: "item") + changes(n + 40, of: "item", and: "other") },
        Trap(
            "a rule that does more",
            """
            CREATE TABLE item (id int PRIMARY KEY, v int); \(log);
            CREATE RULE tell AS ON UPDATE TO item DO ALSO INSERT INTO log SELECT count(*), 'update' FROM log
            """,
            refusingOnConflict: ["item"]
        ) { n in changes(n) },
        Trap(
            "a rule that does something else",
            """
            CREATE TABLE item (id int PRIMARY KEY, v int);
            CREATE RULE spare AS ON DELETE TO item WHERE OLD.v = 0 DO INSTEAD NOTHING
            """
        ) { n in changes(n) },
        Trap(
            "row security",
            """
            CREATE TABLE item (id int PRIMARY KEY, v int);
            ALTER TABLE item ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
            CREATE POLICY few ON item USING (v IS DISTINCT FROM 2) WITH CHECK (v < 4)
            """
        ) { n in changes(n) },
        Trap(
            "partitions, by themselves and through their table",
            """
            CREATE TABLE item (id int PRIMARY KEY, v int) PARTITION BY RANGE (id);
            CREATE TABLE low PARTITION OF item FOR VALUES FROM (0) TO (22);
            CREATE TABLE high PARTITION OF item FOR VALUES FROM (22) TO (100);
            CREATE UNIQUE INDEX ON low (v)
            """
        ) { n in changes(n, of: "item", and: n % 2 == 0 ? "low" : "high") },
        Trap(
            "heirs, by themselves and through their table",
            """
            CREATE TABLE item (id int PRIMARY KEY, v int);
            CREATE TABLE heir (PRIMARY KEY (id)) INHERITS (item)
            """
        ) { n in changes(n, of: "item", and: "heir") },
        Trap(
            "a view and its table",
            """
            CREATE TABLE item (id int PRIMARY KEY, v int);
            CREATE VIEW seen AS SELECT id, v FROM item WHERE v IS DISTINCT FROM 3 WITH CHECK OPTION
            """
        ) { n in changes(n, of: "item", and: "seen") },
        Trap(
            "generated and identity columns",
            """
            CREATE TABLE item (place bigint GENERATED ALWAYS AS IDENTITY, id int PRIMARY KEY, v int,
                double int GENERATED ALWAYS AS (v * 2) STORED, UNIQUE (double))
            """
        ) { n in
            changes(n) + [
                .create("item", ["id": .number("\(n + 60)"), "v": .number("\(n + 30)"), "double": 4]),
                .create("item", ["id": .number("\(n + 80)"), "v": .number("\(n + 30)"), "place": 5]),
            ]
        },
        Trap(
            "numbers of an identity that creates of several signatures take",
            "CREATE TABLE item (id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, v int, note text)"
        ) { n in
            [
                .create("item", ["v": .number("\(n)"), "note": "first"]),
                .create("item", ["v": .number("\(n)")]),
                .create("item", ["note": "third"]),
                .create("item", ["v": .number("\(n)"), "note": "fourth"]),
            ]
        },
        Trap("a nextval default", "CREATE TABLE item (place serial PRIMARY KEY, id int, v int UNIQUE)") { n in
            [
                .create("item", ["id": .number("\(n)"), "v": .number("\(n)")]),
                .create("item", ["id": .number("\(n)"), "v": .number("\(n)")]),
                .create("item", ["id": .number("\(n + 20)")]),
                .update("item", set: ["id": 7], where: ["v": .number("\(n)")]),
            ]
        },
    ]
}
