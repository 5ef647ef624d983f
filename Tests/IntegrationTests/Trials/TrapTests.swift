import SoakSupport
import TestSupport
import Testing

/// What is known to lead batching astray: in every way of batching it leaves what one-by-one execution leaves, and refuses
/// the same entries with the same SQLSTATE.
@Suite struct TrapTests {
    @Test(arguments: [TrialLane.Kind.everythingInBulk, .smallChunks, .pairs, .batchingOff])
    func everyTrapLeavesWhatOneByOneExecutionLeaves(lane: TrialLane.Kind) async throws {
        try await withStage { stage in
            for trap in Trap.all {
                // One after the other, and all of them abreast.
                for commands in [trap.inTurn(of: 6), trap.abreast(of: 6)] {
                    let differences = try await stage.differences(of: Trial(trap.schema, lane: lane, commands))
                    #expect(differences == [], "\(trap.name)")
                }
            }
        }
    }

    /// Random schemas and windows with all of it; `ops/soak` goes on for as long as it is let.
    @Test(arguments: [1, 1001, 2001])
    func randomWindowsLeaveWhatOneByOneExecutionLeaves(seed: Int) async throws {
        try await withStage { stage in
            let finding = try await DifferentialSoak(stage: stage).run(from: UInt64(seed)) { $0 >= UInt64(seed) + 8 }
            #expect(finding == nil, "\(finding.map(\.description) ?? "")")
        }
    }

    private func withStage(_ body: (TrialStage) async throws -> Void) async throws {
        try await withScene { scene in
            let stage = try await TrialStage.open(
                redis: scene.settings["REDIS_URL"] ?? "",
                database: scene.settings["DATABASE_URL"] ?? ""
            )
            // All of PostgreSQL's own distribution: what is missing would be left untried.
            #expect(stage.extras.isSuperset(of: ["citext", "btree_gist", "icu"]))
            do {
                try await body(stage)
            } catch {
                await stage.close()
                throw error
            }
            await stage.close()
        }
    }
}

/// Commands that batching could get wrong. `number` tells one set of them from the others: each has rows of its own.
struct Trap: Sendable {
    let name: String
    let schema: TrialSchema
    let commands: @Sendable (_ number: Int) -> [TrialCommand]

    init(
        _ name: String,
        _ sql: String,
        refusingOnConflict: Set<String> = [],
        _ commands: @escaping @Sendable (_ number: Int) -> [TrialCommand]
    ) {
        self.name = name
        schema = TrialSchema(sql, refusingOnConflict: refusingOnConflict)
        self.commands = commands
    }

    func inTurn(of count: Int) -> [TrialCommand] { (0..<count).flatMap(commands) }

    /// The first command of each set, then the second of each, …
    func abreast(of count: Int) -> [TrialCommand] {
        let sets = (0..<count).map(commands)
        return (0..<(sets.map(\.count).max() ?? 0)).flatMap { place in
            sets.compactMap { place < $0.count ? $0[place] : nil }
        }
    }

    static let all = keys + uniqueValues + references + spellings + indexes + tables
}
