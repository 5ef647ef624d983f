import SoakSupport

extension Trap {
    private static let item = "CREATE TABLE item (id int PRIMARY KEY, note varchar(6), turn int)"

    /// One row and its key.
    static let keys: [Trap] = [
        Trap("create, delete and create of one key", item) { n in
            [
                .create("item", ["id": .number("\(n)"), "note": "first"]),
                .delete("item", where: ["id": .number("\(n)")]),
                .create("item", ["id": .number("\(n)"), "note": "second"]),
            ]
        },
        Trap("delete and create of a row that is there", item) { n in
            [
                .create("item", ["id": .number("\(n)"), "turn": 1]),
                .update("item", set: ["turn": 2], where: ["id": .number("\(n)")]),
                .delete("item", where: ["id": .number("\(n)")]),
                .create("item", ["id": .number("\(n)"), "turn": 3]),
                .delete("item", where: ["id": .number("\(n)")]),
                .create("item", ["id": .number("\(n)"), "note": "last"]),
            ]
        },
        Trap("two creates of one key: the first wins", item) { n in
            [
                .create("item", ["id": .number("\(n)"), "note": "first"]),
                .create("item", ["id": .number("\(n)"), "note": "second"]),
                .create("item", ["id": .number("\(n)"), "turn": 3]),
            ]
        },
        Trap("an update that changes a key", item) { n in
            [
                .create("item", ["id": .number("\(n)"), "note": "\(n)"]),
                .update("item", set: ["id": .number("\(n + 100)")], where: ["id": .number("\(n)")]),
                .create("item", ["id": .number("\(n)"), "note": "new"]),
                .update("item", set: ["turn": 1], where: ["id": .number("\(n + 100)")]),
                .update("item", set: ["id": .number("\(n + 1)")], where: ["id": .number("\(n)")]),
            ]
        },
        Trap("an update by another column between updates by key", item) { n in
            [
                .create("item", ["id": .number("\(n)"), "note": "\(n % 3)", "turn": 0]),
                .update("item", set: ["note": "\((n + 1) % 3)"], where: ["id": .number("\(n)")]),
                .update("item", set: ["turn": 7], where: ["note": "\(n % 3)"]),
                .update("item", set: ["note": "\(n % 3)"], where: ["id": .number("\(n)")]),
                .update("item", set: ["turn": 8], where: ["note": "1"]),
            ]
        },
        Trap("a where with $or, $in and ranges", item) { n in
            [
                .create("item", ["id": .number("\(n)"), "turn": .number("\(n)")]),
                .update("item", set: ["note": "range"], where: .compare("turn", .less, .number("\(n)"))),
                .update("item", set: ["turn": 50], where: .isIn("id", [.number("\(n)"), .number("\(n + 1)")])),
                .delete("item", where: .any([["id": .number("\(n + 2)")], .compare("turn", .greater, 60)])),
                .create("item", ["id": .number("\(n + 2)"), "turn": 70]),
                .update("item", set: ["note": "not"], where: .isNotIn("id", [1, 2, 3])),
            ]
        },
        Trap("a bad row whose later commands are tried all the same", item) { n in
            [
                .create("item", ["id": .number("\(n)"), "note": n % 3 == 0 ? "far too long" : "fits"]),
                .update("item", set: ["turn": 1], where: ["id": .number("\(n)")]),
                .update("item", set: ["note": n % 4 == 1 ? "far too long" : "b"], where: ["id": .number("\(n)")]),
                .create("item", ["id": .number("\(n)"), "note": "again"]),
                .delete("item", where: ["id": n % 5 == 0 ? "none" : .number("\(n + 1)")]),
            ]
        },
        Trap("a forced entry that conflicts with earlier ones", item) { n in
            [
                .create("item", ["id": .number("\(n)"), "note": "a"]),
                .update("item", set: ["note": "b"], where: ["id": .number("\(n)")]),
                .update("item", set: ["turn": 1], where: ["id": .number("\(n)")], forced: n % 3 == 0),
                .delete("item", where: ["id": .number("\(n)")], forced: n % 4 == 1),
                .create("item", ["id": .number("\(n)"), "note": "c"]),
            ]
        },
    ]

    /// Values of keys beside the one that names the row.
    static let uniqueValues: [Trap] = [
        Trap(
            "a unique value freed by a delete and by an update that does not show it",
            "CREATE TABLE item (id int PRIMARY KEY, name text UNIQUE, turn int)"
        ) { n in
            [
                .create("item", ["id": .number("\(n)"), "name": "n\(n)"]),
                .delete("item", where: ["id": .number("\(n)")]),
                .create("item", ["id": .number("\(n + 20)"), "name": "n\(n)"]),
                .update("item", set: ["name": "other \(n)"], where: ["id": .number("\(n + 20)")]),
                .create("item", ["id": .number("\(n + 40)"), "name": "n\(n)"]),
                .create("item", ["id": .number("\(n + 60)"), "name": "n\(n)"]),
                .update("item", set: ["name": nil], where: ["id": .number("\(n + 40)")]),
                .create("item", ["id": .number("\(n + 80)"), "name": "n\(n)"]),
            ]
        },
        Trap(
            "a key of two columns, and one that holds NULL",
            "CREATE TABLE item (a int, b text, c int, PRIMARY KEY (a, b), UNIQUE (b, c))"
        ) { n in
            [
                .create("item", ["a": .number("\(n)"), "b": "x", "c": nil]),
                .create("item", ["a": .number("\(n)"), "b": "y", "c": 1]),
                .create("item", ["a": .number("\(n + 1)"), "b": "y", "c": 1]),
                .delete("item", where: ["a": .number("\(n)"), "b": "y"]),
                .create("item", ["a": .number("\(n + 30)"), "b": "y", "c": 1]),
                .update("item", set: ["c": 5], where: ["b": "x", "a": .number("\(n)")]),
            ]
        },
    ]
}
