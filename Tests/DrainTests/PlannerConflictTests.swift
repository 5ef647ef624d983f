import Drain
import Entries
import TestSupport
import Testing

/// Commands that are in each other's way, and commands that are not.
@Suite struct PlannerConflictTests {
    private func plan(_ entries: [String], batchSize: Int = 1) -> [String] {
        let window = Window(entries)
        let facts = MemoryDatabase(World.definitions).facts(of: Set(window.signatures.map(\.table)))
        return Planner(window, facts: facts) { _ in BatchRule(batchSize: batchSize) }.plan().lines
    }

    private static func person(_ id: CommandValue, email: CommandValue = nil, forced: Bool = false) -> String {
        CommandText.create("s.person", ["id": id, "email": email], forced: forced)
    }

    private static func ride(_ id: CommandValue, of person: CommandValue, forced: Bool = false) -> String {
        CommandText.create("s.ride", ["id": id, "person": person], forced: forced)
    }

    @Test func `creates of two tables that do not refer to each other are two batches`() {
        #expect(
            plan([
                Self.person(1), CommandText.create("s.log", ["id": 1]), Self.person(2),
                CommandText.create("s.log", ["id": 2]),
            ]) == ["bulk 0 2", "bulk 1 3"]
        )
    }

    @Test func `a child stands behind its parent, and a parent behind a child that came too early`() {
        #expect(plan([Self.person(1), Self.ride("a", of: 1), Self.person(2)]) == ["bulk 0 2", "bulk 1"])
        #expect(
            plan([Self.ride("a", of: 1), Self.person(1), Self.ride("b", of: 1)]) == ["bulk 0", "bulk 1", "bulk 2"]
        )
    }

    @Test func `rows that refer to rows of their own table share a statement in stream order only`() {
        func node(_ id: CommandValue, under parent: CommandValue) -> String {
            CommandText.create("s.node", ["id": id, "parent": parent])
        }
        #expect(plan([node(1, under: nil), node(2, under: 1), node(3, under: 2)]) == ["bulk 0 1 2"])
        #expect(plan([node(2, under: 1), node(1, under: nil)]) == ["bulk 0", "bulk 1"])
    }

    @Test(arguments: [(#""1""#, #""01""#), ("1", #""1""#), (#""+1""#, "1"), (#""-0""#, "0"), (#"" 7""#, "7")])
    func `two spellings of an integer are one key`(one: String, other: String) {
        let entries = [one, other].map { id in
            CommandText.entry("update", "s.person", [("set", #"{"name":"a"}"#), ("where", "{\"id\":\(id)}")])
        }
        #expect(plan(entries) == ["bulk 0", "bulk 1"])
    }

    @Test func `two spellings of a uuid are one key`() {
        let ids: [CommandValue] = [
            "abcdef00-0000-4000-8000-000000000001", "ABCDEF00-0000-4000-8000-000000000001",
            "abcdef0000004000800000000000000f",
        ]
        let entries = ids.map { CommandText.update("s.coupon", set: ["name": "a"], where: ["id": $0]) }
        #expect(plan(Array(entries[0...1])) == ["bulk 0", "bulk 1"])
        // Setting the name takes a value of the index that planning cannot judge.
        #expect(plan([entries[0], entries[2]]) == ["bulk 0", "bulk 1"])
    }

    @Test func `different rows are updated together, one row one by one`() {
        func update(_ id: CommandValue) -> String {
            CommandText.update("s.person", set: ["name": "a"], where: ["id": id])
        }
        #expect(plan([update(1), update(2), update(3)]) == ["bulk 0 1 2"])
        #expect(plan([update(1), update(2), update(1), update(3)]) == ["bulk 0 1 3", "bulk 2"])
    }

    @Test func `a delete stands before the create that may take a value it frees`() {
        let entries = [CommandText.delete("s.person", where: ["id": 1]), Self.person(2, email: "a")]
        #expect(plan(entries) == ["bulk 0", "bulk 1"])
        #expect(plan(entries.reversed()) == ["bulk 0", "bulk 1"])
    }

    @Test func `a child with a trigger still stands behind its parent`() {
        func counted(_ id: CommandValue, of person: CommandValue) -> String {
            CommandText.create("s.counted", ["id": id, "person": person])
        }
        #expect(
            plan([counted(1, of: nil), Self.person(1), counted(2, of: 1)]) == ["bulk 0", "bulk 1", "bulk 2"]
        )
    }

    @Test func `a child stands behind a parent with a trigger`() {
        let entries = [
            CommandText.create("s.tally", ["id": 1, "counted": nil]), CommandText.create("s.counted", ["id": 1]),
            CommandText.create("s.tally", ["id": 2, "counted": 1]),
        ]
        #expect(plan(entries) == ["bulk 0", "bulk 1", "bulk 2"])
    }

    @Test func `a row keeps its place to a delete that would take what it refers to along`() {
        // The stops themselves are in no entry.
        let entries = [
            CommandText.create("s.bill", ["id": 1, "stop": nil]), CommandText.delete("s.ride", where: ["id": "a"]),
            CommandText.create("s.bill", ["id": 2, "stop": 1]),
        ]
        #expect(plan(entries) == ["bulk 0", "bulk 1", "bulk 2"])
    }

    @Test func `a delete stands behind the one that takes along what refers to its row`() {
        let entries = [
            CommandText.delete("s.badge", where: ["id": 2]), CommandText.delete("s.ride", where: ["id": "a"]),
            CommandText.delete("s.badge", where: ["id": 1]),
        ]
        #expect(plan(entries) == ["bulk 0", "bulk 1", "bulk 2"])
    }

    @Test func `a row that is deleted stands before the delete of what it refers to through a cascade`() {
        let entries = [
            CommandText.delete("s.ride", where: ["id": "a"]), CommandText.delete("s.bill", where: ["id": 1]),
            CommandText.delete("s.ride", where: ["id": "b"]),
        ]
        #expect(plan(entries) == ["bulk 0", "bulk 1", "bulk 2"])
    }

    @Test func `changes by different values of a column that is no key share a statement`() {
        func update(_ name: CommandValue, set note: CommandValue) -> String {
            CommandText.update("s.log", set: ["note": note], where: ["name": name])
        }
        #expect(
            plan([update("a", set: "x"), update("b", set: "y"), update("a", set: "z")]) == ["bulk 0 1", "bulk 2"]
        )
    }

    @Test func `changes of a unique value go one by one, whatever they compare`() {
        let entries = (1...3).map { number in
            CommandText.update(
                "s.person",
                set: ["email": .text("e-\(number)")],
                where: ["name": .text("n-\(number)")]
            )
        }
        #expect(plan(entries) == ["bulk 0", "bulk 1", "bulk 2"])
    }

    @Test(arguments: ["s.node", "s.tree"])
    func `rows of a table that refers to itself are deleted one by one`(table: String) {
        let byName = ["a", "b"].map { CommandText.delete(table, where: ["name": .text($0)]) }
        #expect(plan(byName) == ["bulk 0", "bulk 1"])
        let byKey = [1, 2].map { CommandText.delete(table, where: ["id": .number($0)]) }
        #expect(plan(byKey) == ["bulk 0", "bulk 1"])
    }

    @Test func `a forced entry goes first, with the earlier ones that it depends on`() {
        let entries = [
            Self.person(1), Self.person(2), Self.ride("a", of: 1), Self.person(3), Self.ride("b", of: 2, forced: true),
        ]
        #expect(plan(entries) == ["bulk 1", "forced 4", "bulk 0 3", "bulk 2"])
        #expect(plan([Self.person(1), Self.person(2, forced: true)]) == ["forced 1", "bulk 0"])
    }

    @Test func `commands of a table that is not there keep their order and go alone`() {
        let entries = (1...3).map { CommandText.create("s.absent", ["id": .number($0)]) }
        #expect(plan(entries) == ["single 0 1 2"])
    }

    @Test func `a plan ends where it is told to`() {
        let window = Window((0..<12).map { Atlas.createPerson($0, forced: $0 == 11) })
        let facts = Atlas.database.facts(of: [Atlas.person])
        let plan = Planner(window, facts: facts, only: { $0.entry < 9 }) { _ in BatchRule(batchSize: 10) }.plan()
        #expect(plan.lines == ["single 0 1 2 3 4 5 6 7 8"])
    }
}
