import SoakSupport

extension Trap {
    /// One value that is written in several ways.
    static let spellings: [Trap] = [
        Trap("a uuid in two spellings", "CREATE TABLE item (id uuid PRIMARY KEY, note text)") { n in
            let lower = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a\(10 + n)"
            return [
                .create("item", ["id": "\(lower.uppercased())", "note": "first"]),
                .create("item", ["id": "\(lower)", "note": "second"]),
                .update("item", set: ["note": "third"], where: ["id": "{\(lower)}"]),
                .delete("item", where: ["id": "\(lower.replacing("-", with: ""))"]),
                .create("item", ["id": "\(lower)", "note": "fourth"]),
            ]
        },
        Trap("01 and 1", "CREATE TABLE item (id int PRIMARY KEY, other bigint UNIQUE)") { n in
            [
                .create("item", ["id": "0\(n)", "other": " +\(n)"]),
                .create("item", ["id": .number("\(n)"), "other": .number("\(n + 50)")]),
                .delete("item", where: ["id": "+\(n)"]),
                .create("item", ["id": .number("\(n)"), "other": .number("\(n)")]),
                .create("item", ["id": .number("\(n + 50)"), "other": "00\(n)"]),
            ]
        },
        Trap("1.0 and 1", "CREATE TABLE item (id numeric PRIMARY KEY, other float8 UNIQUE)") { n in
            [
                .create("item", ["id": .number("\(n).0"), "other": .number("\(n)e0")]),
                .create("item", ["id": .number("\(n)"), "other": .number("\(n + 50)")]),
                .delete("item", where: ["id": .number("\(n).000")]),
                .create("item", ["id": .number("\(n)"), "other": .number("\(n).0")]),
            ]
        },
        Trap(
            "a collation that takes no account of case",
            """
            CREATE COLLATION blind (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
            CREATE TABLE item (id text COLLATE blind PRIMARY KEY, note text)
            """,
            caseless
        ),
        Trap("citext", "CREATE TABLE item (id citext PRIMARY KEY, note text)", caseless),
        Trap("padded text", "CREATE TABLE item (id char(8) PRIMARY KEY, note text)") { n in
            [
                .create("item", ["id": "a\(n)", "note": "first"]),
                .create("item", ["id": "a\(n)  ", "note": "second"]),
                .delete("item", where: ["id": "a\(n) "]),
                .create("item", ["id": "a\(n)", "note": "third"]),
            ]
        },
    ]

    private static func caseless(_ n: Int) -> [TrialCommand] {
        [
            .create("item", ["id": "Key\(n)", "note": "first"]),
            .create("item", ["id": "kEY\(n)", "note": "second"]),
            .update("item", set: ["note": "third"], where: ["id": "KEY\(n)"]),
            .delete("item", where: ["id": "key\(n)"]),
            .create("item", ["id": "KEy\(n)", "note": "fourth"]),
        ]
    }

    /// Keys that commands do not show.
    static let indexes: [Trap] = [
        Trap(
            "a partial index",
            "CREATE TABLE item (id int PRIMARY KEY, v int, live bool); CREATE UNIQUE INDEX ON item (v) WHERE live"
        ) { n in
            [
                .create("item", ["id": .number("\(n)"), "v": .number("\(n)"), "live": true]),
                .create("item", ["id": .number("\(n + 20)"), "v": .number("\(n)"), "live": false]),
                .update("item", set: ["live": true], where: ["id": .number("\(n + 20)")]),
                .update("item", set: ["live": false], where: ["id": .number("\(n)")]),
                .update("item", set: ["live": true], where: ["id": .number("\(n + 20)")]),
                .create("item", ["id": .number("\(n + 40)"), "v": .number("\(n)"), "live": true]),
            ]
        },
        Trap(
            "an index on an expression",
            "CREATE TABLE item (id int PRIMARY KEY, name text); CREATE UNIQUE INDEX ON item (lower(name))"
        ) { n in
            [
                .create("item", ["id": .number("\(n)"), "name": "Name \(n)"]),
                .create("item", ["id": .number("\(n + 20)"), "name": "NAME \(n)"]),
                .update("item", set: ["name": "gone \(n)"], where: ["id": .number("\(n)")]),
                .create("item", ["id": .number("\(n + 20)"), "name": "name \(n)"]),
                .delete("item", where: ["id": .number("\(n + 20)")]),
                .update("item", set: ["name": "nAME \(n)"], where: ["id": .number("\(n)")]),
            ]
        },
        Trap(
            "an exclusion constraint",
            "CREATE TABLE stay (id int PRIMARY KEY, room int, span int4range, EXCLUDE USING gist (room WITH =, span WITH &&))"
        ) { n in
            [
                .create("stay", ["id": .number("\(n)"), "room": .number("\(n % 3)"), "span": "[\(n),\(n + 2))"]),
                .create(
                    "stay",
                    ["id": .number("\(n + 20)"), "room": .number("\(n % 3)"), "span": "[\(n + 1),\(n + 9))"]
                ),
                .delete("stay", where: ["id": .number("\(n)")]),
                .create("stay", ["id": .number("\(n + 40)"), "room": .number("\(n % 3)"), "span": "[\(n),\(n + 1)]"]),
                .update("stay", set: ["room": 7], where: ["id": .number("\(n + 20)")]),
            ]
        },
        Trap(
            "a deferrable key, where ON CONFLICT is refused",
            "CREATE TABLE item (id int PRIMARY KEY DEFERRABLE INITIALLY DEFERRED, name text UNIQUE DEFERRABLE)",
            refusingOnConflict: ["item"]
        ) { n in
            [
                .create("item", ["id": .number("\(n)"), "name": "n\(n)"]),
                .create("item", ["id": .number("\(n)"), "name": "other"]),
                .create("item", ["id": .number("\(n + 20)"), "name": "n\(n)"]),
                .delete("item", where: ["id": .number("\(n)")]),
                .create("item", ["id": .number("\(n + 20)"), "name": "n\(n)"]),
                .update("item", set: ["id": .number("\(n + 21)")], where: ["id": .number("\(n + 20)")]),
            ]
        },
        Trap(
            "a deferrable key behind a view, or of a partition alone",
            """
            CREATE TABLE item (id int PRIMARY KEY DEFERRABLE, v int);
            CREATE VIEW inner_view AS SELECT * FROM item;
            CREATE VIEW shown AS SELECT id, v FROM inner_view WHERE v IS DISTINCT FROM 3;
            CREATE TABLE part (id int PRIMARY KEY, v int) PARTITION BY RANGE (id);
            CREATE TABLE part_0 PARTITION OF part FOR VALUES FROM (MINVALUE) TO (1000);
            ALTER TABLE part_0 ADD UNIQUE (v) DEFERRABLE
            """,
            refusingOnConflict: ["item", "shown", "part"]
        ) { n in
            [
                .create("shown", ["id": .number("\(n)"), "v": .number("\(n % 5)")]),
                .create("shown", ["id": .number("\(n)"), "v": .number("\(n % 4)")]),
                .create("part", ["id": .number("\(n)"), "v": .number("\(n % 7)")]),
                .delete("item", where: ["id": .number("\(n)")]),
                .create("shown", ["id": .number("\(n)"), "v": 9]),
                .delete("part", where: ["v": .number("\(n % 3)")]),
                .create("part", ["id": .number("\(n + 20)"), "v": .number("\(n % 7)")]),
            ]
        },
    ]
}
