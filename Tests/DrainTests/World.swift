import Drain
import Entries
import TestSupport

/// Tables that between them have everything that commands can be in each other's way on.
enum World {
    static let person = TableName(schema: "s", name: "person")
    static let ride = TableName(schema: "s", name: "ride")
    static let stop = TableName(schema: "s", name: "stop")
    static let bill = TableName(schema: "s", name: "bill")
    static let badge = TableName(schema: "s", name: "badge")
    static let node = TableName(schema: "s", name: "node")
    static let tree = TableName(schema: "s", name: "tree")
    static let log = TableName(schema: "s", name: "log")
    static let coupon = TableName(schema: "s", name: "coupon")
    static let counted = TableName(schema: "s", name: "counted")
    static let tally = TableName(schema: "s", name: "tally")

    /// Refused in every text column with 22P02.
    static let badText = "bad"

    static let definitions: [TableDefinition] = [
        TableDefinition(
            person,
            [integer("id"), text("email"), text("name")],
            primaryKey: ["id"],
            uniqueKeys: [["email"]]
        ),
        TableDefinition(
            ride,
            [text("id"), integer("person"), text("note")],
            primaryKey: ["id"],
            foreignKeys: [reference("person", to: person)]
        ),
        // Goes with its ride; keeps its badge from going.
        TableDefinition(
            stop,
            [integer("id"), text("ride"), integer("badge")],
            primaryKey: ["id"],
            foreignKeys: [reference("ride", to: ride, .cascade), reference("badge", to: badge)]
        ),
        TableDefinition(
            bill,
            [integer("id"), integer("stop"), text("note")],
            primaryKey: ["id"],
            foreignKeys: [reference("stop", to: stop)]
        ),
        // Refers to a key that is not the primary one, and loses the reference with the person.
        TableDefinition(
            badge,
            [integer("id"), text("email"), text("note")],
            primaryKey: ["id"],
            foreignKeys: [TableDefinition.ForeignKey(["email"], person, ["email"], onDelete: .setNull)]
        ),
        TableDefinition(
            node,
            [integer("id"), integer("parent"), text("name")],
            primaryKey: ["id"],
            foreignKeys: [reference("parent", to: node)]
        ),
        TableDefinition(
            tree,
            [integer("id"), integer("parent"), text("name")],
            primaryKey: ["id"],
            foreignKeys: [reference("parent", to: tree, .cascade)]
        ),
        TableDefinition(log, [integer("id"), text("name"), text("note")]),
        TableDefinition(
            coupon,
            [TableDefinition.Column("id", .uuid), text("name")],
            primaryKey: ["id"],
            foldedKey: "name"
        ),
        TableDefinition(
            counted,
            [integer("id"), integer("person"), integer("seen")],
            primaryKey: ["id"],
            foreignKeys: [reference("person", to: person)],
            countsRowsInto: "seen"
        ),
        TableDefinition(
            tally,
            [integer("id"), integer("counted"), text("note")],
            primaryKey: ["id"],
            foreignKeys: [reference("counted", to: counted)]
        ),
    ]

    /// Tables that all hang together.
    static let related = definitions.filter { [person, ride, stop, bill, badge].contains($0.name) }

    private static func integer(_ name: String) -> TableDefinition.Column { TableDefinition.Column(name, .integer) }

    private static func text(_ name: String) -> TableDefinition.Column {
        TableDefinition.Column(name, refusing: badText)
    }

    private static func reference(
        _ column: String,
        to parent: TableName,
        _ onDelete: TableDefinition.ForeignKey.OnDelete = .noAction
    ) -> TableDefinition.ForeignKey {
        TableDefinition.ForeignKey([column], parent, ["id"], onDelete: onDelete)
    }
}
