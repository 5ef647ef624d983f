import Drain
import Entries
import TestSupport
import Testing

/// What is told about planning is what planning does.
@Suite struct ReasonTests {
    @Test(arguments: 0..<4)
    func `reasons agree with the plan`(chunk: UInt64) {
        for seed in (chunk * 100)..<(chunk * 100 + 100) {
            var random = RandomWindow(seed: seed)
            let window = Window(random.entries(20))
            let facts = MemoryDatabase(World.definitions).facts(of: window.tables)
            let rule = BatchRule(batchSize: 3)
            let plan = Planner(window, facts: facts) { _ in rule }.plan()
            for (index, signature) in window.signatures.enumerated() {
                #expect(
                    signature.barrierReasons(among: facts).isEmpty == !signature.isBarrier(among: facts),
                    "seed \(seed): \(signature)"
                )
                let count = window.commands.count { $0.signature == index && !$0.isForced }
                let reason = RoadReason(signature, count: count, rule: rule, facts: facts[signature.table])
                let roads = Set(
                    plan.batches.filter { $0.signature == index && $0.road != .forced }.map { "\($0.road)" }
                )
                #expect(roads.isEmpty || roads == ["\(reason.road)"], "seed \(seed): \(signature) \(reason)")
            }
        }
    }

    @Test func `each obstacle has its reason`() {
        let table = TableName(schema: "s", name: "t")
        let create = Signature(table: table, operation: .create, columns: ["id"])
        let update = Signature(
            table: table,
            operation: .update,
            columns: ["a"],
            whereColumns: ["id"],
            isEquality: false
        )
        let rule = BatchRule(batchSize: 2)
        let plain = TableFacts()
        #expect(RoadReason(create, count: 2, rule: rule, facts: plain) == .threshold)
        #expect(RoadReason(create, count: 1, rule: rule, facts: plain) == .belowThreshold)
        #expect(RoadReason(create, count: 2, rule: rule, facts: nil) == .unknownTable)
        #expect(RoadReason(create, count: 2, rule: BatchRule(isEnabled: false), facts: plain) == .batchingOff)
        #expect(RoadReason(create, count: 2, rule: rule, facts: TableFacts(isBarrier: true)) == .barrierTable)
        #expect(RoadReason(create, count: 2, rule: rule, facts: TableFacts(createsGoAlone: true)) == .createsGoAlone)
        #expect(RoadReason(update, count: 2, rule: rule, facts: plain) == .moreThanEquality)
        let empty = Signature(table: table, operation: .create, columns: [])
        #expect(RoadReason(empty, count: 2, rule: rule, facts: plain) == .noColumns)
    }
}
