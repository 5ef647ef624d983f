/// Goes through every state that can follow from a scenario's beginning.
struct Search {
    /// What must never be.
    enum Breach: String, Sendable {
        case effectTwice = "an effect twice"
        case outOfOrder = "effects out of order"
        case deadLetterTwice = "a dead letter twice"
        case deadLetterWithoutCause = "a dead letter of a good entry"
        case trimmedUnread = "an entry trimmed that another group had not read"
        case neverDone = "an entry that nothing more will be done about"
    }

    struct Fault: Sendable, CustomStringConvertible {
        let breach: Breach
        let trace: [String]

        var description: String { "\(breach.rawValue) after: \(trace.joined(separator: "; "))" }
    }

    struct Outcome: Sendable {
        let states: Int
        let fault: Fault?
    }

    private let model: Model
    private var worlds: [World] = []
    private var numbers: [World: Int] = [:]
    /// Of each state, the one it was first reached from, and how.
    private var parents: [(state: Int, step: String)] = []
    /// Of each state, those from which it follows by an ordinary step.
    private var predecessors: [[Int32]] = []

    init(_ model: Model) {
        self.model = model
    }

    /// Breadth first, so that what is found is shortest.
    consuming func run() -> Outcome {
        _ = note(model.scenario.start, from: -1, by: "")
        var next = 0
        while next < worlds.count {
            if let breach = breach(in: worlds[next]) { return outcome(breach, next) }
            for step in model.steps(from: worlds[next]) {
                let number = note(step.world, from: next, by: step.name)
                if step.isOrdinary { predecessors[number].append(Int32(next)) }
            }
            next += 1
        }
        if let stuck = firstStuck() { return outcome(.neverDone, stuck) }
        return Outcome(states: worlds.count, fault: nil)
    }

    private mutating func note(_ world: World, from parent: Int, by step: String) -> Int {
        if let known = numbers[world] { return known }
        let number = worlds.count
        numbers[world] = number
        worlds.append(world)
        parents.append((parent, step))
        predecessors.append([])
        return number
    }

    private func outcome(_ breach: Breach, _ state: Int) -> Outcome {
        var trace: [String] = []
        var current = state
        while current > 0 {
            trace.append(parents[current].step)
            current = parents[current].state
        }
        return Outcome(states: worlds.count, fault: Fault(breach: breach, trace: trace.reversed()))
    }

    // MARK: What must hold

    private func breach(in world: World) -> Breach? {
        let effects = world.postgres.effects.entries
        if Set(effects).count < effects.count { return .effectTwice }
        let ordered = effects.filter { !model.scenario.forced.contains($0) }
        if ordered != ordered.sorted() { return .outOfOrder }
        for entry in 0..<world.added {
            if world.redis.dead[entry] > 1 { return .deadLetterTwice }
            if world.redis.dead[entry] > 0, !model.scenario.bad.contains(entry), !mayBeReused(entry, world) {
                return .deadLetterWithoutCause
            }
            let other = world.redis.otherDelivered
            if other >= 0, world.redis.id[entry] == 0, 2 * (entry + 1) > other { return .trimmedUnread }
        }
        return nil
    }

    /// Whether nobody can tell the entry from one that had taken effect under its ID before Redis went back.
    private func mayBeReused(_ entry: Int, _ world: World) -> Bool {
        if world.addedSeen.contains(entry) { return false }
        let id = world.redis.id[entry]
        return world.addedUnseen.contains(entry) || id > world.redis.reusedAfter && id <= world.redis.reusedThrough
    }

    /// Whether everything is done that was to be done.
    private func isDone(_ world: World) -> Bool {
        if world.transactions.contains(where: \.holdsRow) { return false }
        return (0..<world.added).allSatisfy { entry in
            if world.redis.holder[entry] > 0 { return false }
            if world.redis.id[entry] > world.redis.delivered { return false }
            if model.scenario.bad.contains(entry) { return world.redis.dead[entry] == 1 }
            if world.told.contains(entry) || world.postgres.effects.contains(entry) { return true }
            return mayBeReused(entry, world) && world.redis.dead[entry] == 1
        }
    }

    /// The first state from which ordinary steps do not lead to everything being done.
    private func firstStuck() -> Int? {
        var canEnd = [Bool](repeating: false, count: worlds.count)
        var queue = worlds.indices.filter { isDone(worlds[$0]) }
        for state in queue { canEnd[state] = true }
        while let state = queue.popLast() {
            for before in predecessors[state] where !canEnd[Int(before)] {
                canEnd[Int(before)] = true
                queue.append(Int(before))
            }
        }
        return canEnd.firstIndex(of: false)
    }
}
