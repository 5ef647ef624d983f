import TestSupport

extension Trial {
    /// The trial of a seed, the same whenever it is drawn on servers with the same extras.
    package init(seed: UInt64, extras: Set<String>) {
        var generator = SeededGenerator(seed: seed &* 0x9E37_79B9 &+ 17)
        let random = RandomSchema(seed: generator.next(), extras: extras)
        var commands = RandomCommands(seed: generator.next(), tables: random.tables)
        let count = [30, 100, 100, 250, 600].randomElement(using: &generator) ?? 100
        self.init(
            random.schema,
            lane: TrialLane.Kind.allCases.randomElement(using: &generator) ?? .everythingInBulk,
            (0..<count).map { _ in commands.next() }
        )
    }
}
