import Drain
import Entries
import TestSupport

/// How long it takes to plan a window of a ride service's day: creates of parents and children with keys of their own,
/// some updates of rows that stand earlier in it.
enum PlanBenchmark {
    /// Plans windows of 1000 entries, `count` entries in all, and says how many nanoseconds each took: of one with no
    /// forced entry, and of one where every twentieth is.
    static func run(count: Int) -> String {
        "plan: \(nanoseconds(count, forcedEvery: .max)) ns an entry,"
            + " \(nanoseconds(count, forcedEvery: 20)) ns where some are forced"
    }

    private static func nanoseconds(_ count: Int, forcedEvery period: Int) -> Int64 {
        let windows = (0..<8).map {
            Window((0..<1000).map { entry($0 + 1, forced: $0 % period == period - 1) }, firstSequence: $0)
        }
        let rounds = max(1, count / 1000)
        var batches = 0
        let time = ContinuousClock().measure {
            for round in 0..<rounds {
                let planner = Planner(windows[round % windows.count], facts: facts) { _ in BatchRule() }
                batches += planner.plan().batches.count
            }
        }
        precondition(batches > 0, "a plan of the benchmark is empty")
        return (time / (rounds * 1000)).components.attoseconds / 1_000_000_000
    }

    private static let person = TableName(schema: "atlas_app", name: "person")
    private static let leg = TableName(schema: "atlas_app", name: "journey_leg")

    private static let facts: [TableName: TableFacts] = [
        person: TableFacts(
            columns: columns(["name", "phone"], id: .text),
            uniqueKeys: [TableFacts.UniqueKey(columns: ["id"])],
            references: [TableFacts.Reference(child: leg, columns: ["id"])]
        ),
        leg: TableFacts(
            columns: columns(["person_id", "status"], id: .uuid),
            uniqueKeys: [TableFacts.UniqueKey(columns: ["id"])],
            foreignKeys: [TableFacts.ForeignKey(columns: ["person_id"], parent: person, parentColumns: ["id"])]
        ),
    ]

    private static func columns(_ names: [String], id: TableFacts.Comparison) -> [String: TableFacts.Column] {
        var columns = ["id": TableFacts.Column(comparison: id)]
        for name in names { columns[name] = TableFacts.Column(comparison: .text) }
        return columns
    }

    private static func entry(_ number: Int, forced: Bool) -> String {
        let uuid = CommandValue.text("6f1c2b4e-0000-4000-8000-0000000\(10000 + number)")
        let person = CommandValue.text("person-\(number / 3)")
        return switch number % 3 {
        case 0: CommandText.create(person, forced: forced)
        case 1: CommandText.create(leg: uuid, of: person, forced: forced)
        default: CommandText.update("atlas_app.person", set: ["name": "Ravi"], where: ["id": person], forced: forced)
        }
    }
}

extension CommandText {
    fileprivate static func create(_ person: CommandValue, forced: Bool) -> String {
        create("atlas_app.person", ["id": person, "name": "John", "phone": "+91 98450 00000"], forced: forced)
    }

    fileprivate static func create(leg: CommandValue, of person: CommandValue, forced: Bool) -> String {
        create("atlas_app.journey_leg", ["id": leg, "person_id": person, "status": "ENDED"], forced: forced)
    }
}
