import TestSupport

/// A change of a table under a running drainer, with entries that fit what it was and entries that fit what it becomes.
struct SchemaChange: Sendable {
    let name: String
    let schema: String
    let before: [String]
    let change: String
    let after: [String]
    let query: String
    /// The query's rows, columns joined by `|`.
    let rows: [String]

    private init(
        _ name: String,
        _ schema: String,
        before: [String],
        _ change: String,
        after: [String],
        _ query: String,
        _ rows: [String]
    ) {
        self.name = name
        self.schema = schema
        self.before = before
        self.change = change
        self.after = after
        self.query = query
        self.rows = rows
    }

    /// The changed column is `v`, and one entry was written before.
    private init(
        _ name: String,
        _ type: String,
        _ before: String,
        _ change: String,
        _ after: String,
        gives rows: [String]
    ) {
        self.init(
            name,
            "CREATE TABLE \(name) (id int PRIMARY KEY, v \(type))",
            before: [Native.create(name, ["id": "1", "v": before])],
            change,
            after: [Native.create(name, ["id": "2", "v": after]), Native.create(name, ["id": "3", "v": after])],
            "SELECT id, v FROM \(name) ORDER BY id",
            rows
        )
    }

    static let types: [SchemaChange] = [
        SchemaChange(
            "to_text",
            "int",
            "7",
            "ALTER TABLE to_text ALTER v TYPE text",
            "\"007\"",
            gives: ["1|7", "2|007", "3|007"]
        ),
        SchemaChange(
            "to_int",
            "text",
            "\"7\"",
            "ALTER TABLE to_int ALTER v TYPE int USING v::int",
            "\"007\"",
            gives: ["1|7", "2|7", "3|7"]
        ),
        SchemaChange(
            "to_json",
            "text",
            "\"a\"",
            "ALTER TABLE to_json ALTER v TYPE jsonb USING to_jsonb(v)",
            "\"5\"",
            gives: ["1|\"a\"", "2|\"5\"", "3|\"5\""]
        ),
        SchemaChange(
            "from_json",
            "jsonb",
            "\"a\"",
            "ALTER TABLE from_json ALTER v TYPE text USING v #>> '{}'",
            "\"5\"",
            gives: ["1|a", "2|5", "3|5"]
        ),
        SchemaChange(
            "to_array",
            "text",
            "[\"a\"]",
            "ALTER TABLE to_array ALTER v TYPE text[] USING ARRAY[v]",
            "[\"a\",\"b\"]",
            gives: [#"1|{"[\"a\"]"}"#, "2|{a,b}", "3|{a,b}"]
        ),
        SchemaChange(
            "to_numeric",
            "real",
            "1.5",
            "ALTER TABLE to_numeric ALTER v TYPE numeric",
            "0.1234567890123",
            gives: ["1|1.5", "2|0.1234567890123", "3|0.1234567890123"]
        ),
        SchemaChange(
            "wider",
            "varchar(3)",
            "\"abc\"",
            "ALTER TABLE wider ALTER v TYPE varchar(10)",
            "\"abcdef\"",
            gives: ["1|abc", "2|abcdef", "3|abcdef"]
        ),
        SchemaChange(
            "mood_grows",
            "mood",
            "\"sad\"",
            "ALTER TYPE mood ADD VALUE 'glad'",
            "\"glad\"",
            gives: ["1|sad", "2|glad", "3|glad"]
        ),
        SchemaChange(
            "mood_again",
            "humour",
            "\"sad\"",
            """
            ALTER TABLE mood_again ALTER v TYPE text; DROP TYPE humour; CREATE TYPE humour AS ENUM ('sad', 'glad');
            ALTER TABLE mood_again ALTER v TYPE humour USING v::humour
            """,
            "\"glad\"",
            gives: ["1|sad", "2|glad", "3|glad"]
        ),
        SchemaChange(
            "made_again",
            "int",
            "7",
            "DROP TABLE made_again; CREATE TABLE made_again (v jsonb, id int PRIMARY KEY)",
            "\"007\"",
            gives: ["2|\"007\"", "3|\"007\""]
        ),
        SchemaChange(
            "swapped",
            "int",
            "7",
            "ALTER TABLE swapped RENAME TO swapped_old; CREATE TABLE swapped (id int PRIMARY KEY, v text)",
            "\"007\"",
            gives: ["2|007", "3|007"]
        ),
        SchemaChange(
            "not_null",
            "text",
            "null",
            "UPDATE not_null SET v = 'none'; ALTER TABLE not_null ALTER v SET NOT NULL, ALTER v SET DEFAULT 'none'",
            "\"a\"",
            gives: ["1|none", "2|a", "3|a"]
        ),
    ]

    static let columns: [SchemaChange] = [
        SchemaChange(
            "added",
            "CREATE TABLE added (id int PRIMARY KEY, v text)",
            before: [Native.create("added", ["id": "1", "v": "\"a\""])],
            "ALTER TABLE added ADD w jsonb",
            after: [Native.create("added", ["id": "2", "v": "\"b\"", "w": "\"5\""])],
            "SELECT id, v, w FROM added ORDER BY id",
            ["1|a|NULL", "2|b|\"5\""]
        ),
        SchemaChange(
            "dropped",
            "CREATE TABLE dropped (id int PRIMARY KEY, v text, w text)",
            before: [Native.create("dropped", ["id": "1", "v": "\"a\"", "w": "\"a\""])],
            "ALTER TABLE dropped DROP w",
            after: [Native.create("dropped", ["id": "2", "v": "\"b\""])],
            "SELECT id, v FROM dropped ORDER BY id",
            ["1|a", "2|b"]
        ),
        SchemaChange(
            "renamed",
            "CREATE TABLE renamed (id int PRIMARY KEY, v int, w text)",
            before: [Native.create("renamed", ["id": "1", "v": "7", "w": "\"a\""])],
            "ALTER TABLE renamed RENAME v TO x; ALTER TABLE renamed RENAME w TO v; ALTER TABLE renamed RENAME x TO w",
            after: [Native.create("renamed", ["id": "2", "v": "\"007\"", "w": "7"])],
            "SELECT id, v, w FROM renamed ORDER BY id",
            ["1|a|7", "2|007|7"]
        ),
        SchemaChange(
            "defaulted",
            "CREATE TABLE defaulted (id int PRIMARY KEY, v text, w text)",
            before: [Native.create("defaulted", ["id": "1", "v": "\"a\""])],
            "ALTER TABLE defaulted ALTER w SET DEFAULT 'w'",
            after: [Native.create("defaulted", ["id": "2", "v": "\"b\""])],
            "SELECT id, v, w FROM defaulted ORDER BY id",
            ["1|a|NULL", "2|b|w"]
        ),
    ]

    /// What planning goes by: a plan made for the table as it was would lose a row.
    static let facts: [SchemaChange] = [
        SchemaChange(
            "made_unique",
            "CREATE TABLE made_unique (id int PRIMARY KEY, v text)",
            before: [Native.create("made_unique", ["id": "1", "v": "\"a\""])],
            "CREATE UNIQUE INDEX ON made_unique (v)",
            after: [
                Native.create("made_unique", ["id": "2", "v": "\"b\""]),
                Native.update("made_unique", set: ["v": "\"c\""], where: ["id": "2"]),
                Native.create("made_unique", ["id": "3", "v": "\"b\""]),
            ],
            "SELECT id, v FROM made_unique ORDER BY id",
            ["1|a", "2|c", "3|b"]
        ),
        SchemaChange(
            "key_grows",
            "CREATE TABLE key_grows (id int CONSTRAINT key_grows_key PRIMARY KEY, v text NOT NULL)",
            before: [Native.create("key_grows", ["id": "1", "v": "\"a\""])],
            "ALTER TABLE key_grows DROP CONSTRAINT key_grows_key, ADD PRIMARY KEY (id, v)",
            after: [
                Native.create("key_grows", ["id": "1", "v": "\"a\""]),
                Native.create("key_grows", ["id": "1", "v": "\"b\""]),
            ],
            "SELECT id, v FROM key_grows ORDER BY id, v",
            ["1|a", "1|b"]
        ),
        SchemaChange(
            "guarded",
            """
            CREATE TABLE guarded (id int PRIMARY KEY, v text);
            CREATE FUNCTION count_them() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN NEW.v := (SELECT count(*) FROM guarded); RETURN NEW; END $$
            """,
            before: [Native.create("guarded", ["id": "1", "v": "\"a\""])],
            "CREATE TRIGGER t BEFORE INSERT ON guarded FOR EACH ROW EXECUTE FUNCTION count_them()",
            after: [
                Native.create("guarded", ["id": "2"]), Native.delete("guarded", where: ["id": "1"]),
                Native.create("guarded", ["id": "3"]),
            ],
            "SELECT id, v FROM guarded ORDER BY id",
            ["2|1", "3|1"]
        ),
        SchemaChange(
            "untold",
            """
            CREATE TABLE untold (id int PRIMARY KEY, v int);
            CREATE FUNCTION untell() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.v := 0; RETURN NEW; END $$;
            CREATE TRIGGER t BEFORE INSERT ON untold FOR EACH ROW EXECUTE FUNCTION untell()
            """,
            before: [Native.create("untold", ["id": "1", "v": "1"])],
            "DROP FUNCTION untell() CASCADE",
            after: [Native.create("untold", ["id": "2", "v": "2"]), Native.create("untold", ["id": "3", "v": "3"])],
            "SELECT id, v FROM untold ORDER BY id",
            ["1|0", "2|2", "3|3"]
        ),
        SchemaChange(
            "named",
            """
            CREATE TABLE named (id int PRIMARY KEY, v int);
            CREATE FUNCTION name_it() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.v := 0; RETURN NEW; END $$;
            CREATE TRIGGER t BEFORE INSERT ON named FOR EACH ROW EXECUTE FUNCTION name_it()
            """,
            before: [Native.create("named", ["id": "1", "v": "1"])],
            "ALTER FUNCTION name_it() RENAME TO \"name it 'otherwise'\"",
            after: [
                Native.create("named", ["id": "2", "v": "2"]), Native.create("named", ["id": "3", "v": "3"]),
            ],
            "SELECT id, v FROM named ORDER BY id",
            ["1|0", "2|0", "3|0"]
        ),
        // The table in the middle is in no entry, and neither of the others is altered.
        SchemaChange(
            "cascading",
            """
            CREATE TABLE z_root (id int PRIMARY KEY);
            CREATE TABLE middle (id int PRIMARY KEY, root int REFERENCES z_root ON DELETE CASCADE);
            CREATE TABLE twig (id int PRIMARY KEY, middle int);
            CREATE TABLE a_leaf (id int PRIMARY KEY, twig int REFERENCES twig ON DELETE CASCADE, v text);
            INSERT INTO z_root VALUES (1), (2); INSERT INTO middle VALUES (1, 1), (2, 2); INSERT INTO twig VALUES (1, 1), (2, 2);
            """,
            before: [
                Native.create("a_leaf", ["id": "1", "twig": "1", "v": "\"old\""]),
                Native.create("z_root", ["id": "3"]),
            ],
            "ALTER TABLE twig ADD FOREIGN KEY (middle) REFERENCES middle ON DELETE CASCADE",
            after: [
                Native.create("a_leaf", ["id": "5", "twig": "2", "v": "\"new\""]),
                Native.delete("z_root", where: ["id": "1"]),
                Native.create("a_leaf", ["id": "1", "twig": "2", "v": "\"new\""]),
            ],
            "SELECT id, twig, v FROM a_leaf ORDER BY id",
            ["1|2|new", "5|2|new"]
        ),
    ]

    static let all = types + columns + facts
    static let enums = "CREATE TYPE mood AS ENUM ('sad'); CREATE TYPE humour AS ENUM ('sad');"
}
