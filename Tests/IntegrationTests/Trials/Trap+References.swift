import SoakSupport

extension Trap {
    private static func family(_ action: String, more: String = "") -> String {
        """
        CREATE TABLE parent (id int PRIMARY KEY, note text);
        CREATE TABLE child (id int PRIMARY KEY, parent int DEFAULT 0 REFERENCES parent \(action), note text)\(more)
        """
    }

    private static func cascading(_ n: Int) -> [TrialCommand] {
        [
            .create("parent", ["id": 0]),
            .create("parent", ["id": .number("\(n + 1)"), "note": "first"]),
            .create("child", ["id": .number("\(n)"), "parent": .number("\(n + 1)"), "note": "first"]),
            .create("child", ["id": .number("\(n + 50)"), "parent": .number("\(n + 1)")]),
            .delete("parent", where: ["id": .number("\(n + 1)")]),
            .update("child", set: ["note": "after"], where: ["id": .number("\(n)")]),
            .create("parent", ["id": .number("\(n + 1)"), "note": "second"]),
            .create("child", ["id": .number("\(n)"), "parent": .number("\(n + 1)"), "note": "second"]),
            .update("parent", set: ["id": .number("\(n + 200)")], where: ["id": .number("\(n + 1)")]),
            .create("child", ["id": .number("\(n + 100)"), "parent": .number("\(n + 200)")]),
        ]
    }

    /// Rows that refer to others.
    static let references: [Trap] = [
        Trap("children before, between and after their parents", family("")) { n in
            [
                .create("child", ["id": .number("\(n)"), "parent": .number("\(n)"), "note": "too early"]),
                .create("parent", ["id": .number("\(n)")]),
                .create("child", ["id": .number("\(n)"), "parent": .number("\(n)"), "note": "in time"]),
                .delete("parent", where: ["id": .number("\(n)")]),
                .delete("child", where: ["id": .number("\(n)")]),
                .delete("parent", where: ["id": .number("\(n)")]),
                .create("child", ["id": .number("\(n + 20)"), "parent": .number("\(n)"), "note": "too late"]),
                .update("child", set: ["parent": .number("\(n + 1)")], where: ["id": .number("\(n + 1)")]),
            ]
        },
        Trap(
            "a table that refers to itself",
            "CREATE TABLE node (id int PRIMARY KEY, up int REFERENCES node, note text)"
        ) { n in
            [
                .create("node", ["id": .number("\(n)"), "up": .number("\(n)")]),
                .create("node", ["id": .number("\(n + 20)"), "up": .number("\(n + 40)")]),
                .create("node", ["id": .number("\(n + 40)"), "up": .number("\(n)")]),
                .create("node", ["id": .number("\(n + 20)"), "up": .number("\(n + 40)")]),
                .delete("node", where: ["id": .number("\(n)")]),
                .update("node", set: ["up": nil], where: ["id": .number("\(n + 40)")]),
                .update("node", set: ["up": nil], where: ["id": .number("\(n)")]),
                .delete("node", where: ["id": .number("\(n)")]),
            ]
        },
        Trap(
            "a cycle of foreign keys",
            """
            CREATE TABLE egg (id int PRIMARY KEY, hen int);
            CREATE TABLE hen (id int PRIMARY KEY, egg int REFERENCES egg);
            ALTER TABLE egg ADD FOREIGN KEY (hen) REFERENCES hen
            """
        ) { n in
            [
                .create("egg", ["id": .number("\(n)"), "hen": nil]),
                .create("hen", ["id": .number("\(n)"), "egg": .number("\(n)")]),
                .update("egg", set: ["hen": .number("\(n)")], where: ["id": .number("\(n)")]),
                .delete("egg", where: ["id": .number("\(n)")]),
                .delete("hen", where: ["id": .number("\(n)")]),
                .update("egg", set: ["hen": nil], where: ["id": .number("\(n)")]),
                .delete("hen", where: ["id": .number("\(n)")]),
                .delete("egg", where: ["id": .number("\(n)")]),
            ]
        },
        Trap("ON DELETE CASCADE", family("ON DELETE CASCADE"), cascading),
        Trap("ON DELETE SET NULL", family("ON DELETE SET NULL"), cascading),
        Trap("ON DELETE SET DEFAULT", family("ON DELETE SET DEFAULT"), cascading),
        Trap(
            "a delete that sets a default to a row which is made later",
            """
            CREATE TABLE parent (id int PRIMARY KEY);
            CREATE TABLE child (id int PRIMARY KEY, parent int DEFAULT 0 REFERENCES parent ON DELETE SET DEFAULT)
            """
        ) { n in
            [
                .create("parent", ["id": .number("\(n + 1)")]),
                .create("child", ["id": .number("\(n)"), "parent": .number("\(n + 1)")]),
                .delete("parent", where: ["id": .number("\(n + 1)")]),
                .create("parent", ["id": .number("0")]),
                .delete("child", where: ["id": .number("\(n)")]),
                .delete("parent", where: ["id": .number("0")]),
            ]
        },
        Trap("ON UPDATE CASCADE", family("ON UPDATE CASCADE"), cascading),
        Trap(
            "a cascade that reaches rows which no command names",
            family(
                "ON DELETE CASCADE",
                more: "; CREATE TABLE grandchild (id int PRIMARY KEY, child int REFERENCES child ON DELETE CASCADE)"
            )
        ) { n in
            cascading(n) + [
                .create("grandchild", ["id": .number("\(n)"), "child": .number("\(n)")]),
                .delete("parent", where: ["id": .number("\(n + 200)")]),
                .create("grandchild", ["id": .number("\(n + 30)"), "child": .number("\(n + 100)")]),
                .create("grandchild", ["id": .number("\(n)"), "child": nil]),
            ]
        },
        Trap(
            "a delete that reaches a row made before it by two roads",
            """
            CREATE TABLE top (id int PRIMARY KEY);
            CREATE TABLE middle (id int PRIMARY KEY, top int);
            CREATE TABLE bottom (
                id int PRIMARY KEY, top int REFERENCES top ON DELETE SET NULL ON UPDATE CASCADE,
                middle int REFERENCES middle ON DELETE SET NULL ON UPDATE CASCADE);
            -- Keys act in the order in which they were made.
            ALTER TABLE middle ADD FOREIGN KEY (top) REFERENCES top ON DELETE CASCADE ON UPDATE CASCADE
            """
        ) { n in
            [
                .create("top", ["id": .number("\(n)")]),
                .create("middle", ["id": .number("\(n)"), "top": .number("\(n)")]),
                .create("bottom", ["id": .number("\(n)"), "top": .number("\(n)"), "middle": .number("\(n)")]),
                .update("top", set: ["id": .number("\(n + 50)")], where: ["id": .number("\(n)")]),
                .create(
                    "bottom",
                    ["id": .number("\(n + 20)"), "top": .number("\(n + 50)"), "middle": .number("\(n)")]
                ),
                .delete("top", where: ["id": .number("\(n + 50)")]),
                .create("bottom", ["id": .number("\(n + 40)"), "middle": .number("\(n)")]),
            ]
        },
        Trap("deferred foreign keys", family("DEFERRABLE INITIALLY DEFERRED")) { n in
            [
                .create("child", ["id": .number("\(n)"), "parent": .number("\(n + 1)")]),
                .create("parent", ["id": .number("\(n + 1)")]),
                .create("child", ["id": .number("\(n)"), "parent": .number("\(n + 1)")]),
                .delete("parent", where: ["id": .number("\(n + 1)")]),
                .delete("child", where: ["id": .number("\(n)")]),
                .delete("parent", where: ["id": .number("\(n + 1)")]),
            ]
        },
    ]
}
