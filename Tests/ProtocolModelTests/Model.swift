/// The protocol as steps between states, with or without one of its rules.
///
/// A step is what no other process can come between: one command of Redis, one script, one statement that takes the
/// checkpoint's row. Every process may stop between any two steps for as long as it likes, since nobody has to move.
struct Model: Sendable {
    let scenario: Scenario
    /// The rule that it does without.
    let absent: Rule?

    init(_ scenario: Scenario, without absent: Rule? = nil) {
        self.scenario = scenario
        self.absent = absent
    }

    func holds(_ rule: Rule) -> Bool { rule != absent }

    struct Step: Sendable {
        let name: String
        /// What somebody does that is not a fault: everything must come right by such steps alone.
        let isOrdinary: Bool
        let world: World
    }

    /// Collects the steps that can follow on a state.
    struct Steps {
        let world: World
        private(set) var list: [Step] = []

        init(from world: World) {
            self.world = world
        }

        mutating func add(_ name: String, isOrdinary: Bool = true, _ change: (inout World) -> Void) {
            var next = world
            change(&next)
            list.append(Step(name: name, isOrdinary: isOrdinary, world: next))
        }
    }

    func steps(from world: World) -> [Step] {
        var steps = Steps(from: world)
        for number in 0...1 {
            if number == 1, scenario.otherIsOfAnotherMode {
                if !holds(.oneMode) { addStepsWithoutCheckpoint(&steps) }
                continue
            }
            let process = world[process: number]
            if !process.isFrozen {
                addTaking(number, process, &steps)
                addReading(number, process, &steps)
                addWriting(number, process, &steps)
                addSettling(number, process, &steps)
            }
            addServers(number, process, &steps)
            addFaults(number, process, &steps)
        }
        addOutside(&steps)
        return steps.list
    }

    // MARK: Terms

    /// The consumer of a process' connection of now.
    func consumer(_ number: Int, _ process: Process) -> Int {
        1 + number * 16 + (holds(.namePerConnection) ? process.connection : 0)
    }

    /// The entries in the stream whose IDs satisfy the condition, by ID, as many as a window holds.
    func window(_ world: World, where isWanted: (_ entry: Int, _ id: Int) -> Bool) -> Run {
        let found = (0..<world.added).filter { world.redis.id[$0] > 0 && isWanted($0, world.redis.id[$0]) }
        return Run(found.sorted { world.redis.id[$0] < world.redis.id[$1] }.prefix(scenario.windowSize))
    }

    /// Whether an entry has taken effect, as far as its process knows.
    func isDone(_ id: Int, _ process: Process) -> Bool { id <= process.lastID || process.ahead.contains(id) }

    /// Whether an entry came under an ID that had taken effect before Redis went back.
    func isReused(_ id: Int, _ redis: Redis) -> Bool {
        holds(.keepReused) && id > redis.reusedAfter && id <= redis.reusedThrough
    }
}

// MARK: Taking a stream

extension Model {
    private func addTaking(_ number: Int, _ process: Process, _ steps: inout Steps) {
        let world = steps.world
        switch process.phase {
        case .absent:
            guard world.redis.lease < 0, !world.redis.isFull || holds(.leaseWhenFull) else { return }
            steps.add("takes the lease") {
                $0.redis.lease = number
                $0[process: number].phase = .leased
            }
        case .leased: addTakingOfDatabase(number, &steps)
        case .taken:
            steps.add("opens the stream") { open(number, &$0) }
        case .claimed:
            steps.add("sees to dead letters") { beginReading(number, &$0) }
        case .closing:
            guard process.hand.isEmpty, process.unsettled.isEmpty, process.toBeNoted.isEmpty else { return }
            steps.add("takes the stream anew") {
                $0[process: number].phase = .leased
                $0[process: number].next = Run()
            }
        case .replaying, .pending, .new: break
        }
    }

    private func addTakingOfDatabase(_ number: Int, _ steps: inout Steps) {
        if holds(.waitForTransaction), steps.world.transactions.contains(where: \.holdsRow) {
            let other = 1 - number
            guard holds(.endSilentTransaction), steps.world[process: other].transaction.stage == .open else { return }
            steps.add("ends the other's transaction") {
                $0[process: other].transaction = Transaction()
                $0[process: other].hand = Run()
                $0[process: other].next = Run()
                $0[process: other].phase = .closing
            }
            return
        }
        steps.add("takes the database") {
            if !$0.postgres.hasCheckpoint { $0.postgres.lastID = startOfCheckpoint($0) }
            $0.postgres.hasCheckpoint = true
            $0.postgres.owner = number
            $0[process: number].hasEpoch = true
            $0[process: number].lastID = $0.postgres.lastID
            $0[process: number].ahead = $0.postgres.ahead
            $0[process: number].phase = .taken
        }
    }

    /// A group that is there before its checkpoint has done its work up to what is pending.
    private func startOfCheckpoint(_ world: World) -> Int {
        guard holds(.startBeforePending), world.redis.hasGroup else { return 0 }
        let pending = (0..<world.added).filter { world.redis.holder[$0] > 0 }.map { world.redis.id[$0] }
        return pending.min().map { $0 - 1 } ?? world.redis.delivered
    }

    private func open(_ number: Int, _ world: inout World) {
        let process = world[process: number]
        guard world.redis.lease == number else { return letGo(number, &world) }
        let highest = ([process.lastID] + process.ahead.entries).max() ?? 0
        if !world.redis.hasGroup {
            world.redis.hasGroup = true
            world.redis.delivered = world.redis.lastID < process.lastID ? 0 : process.lastID
        }
        if world.redis.lastID < highest || world.redis.delivered < process.lastID {
            if world.redis.wentBackAt != process.lastID {
                // Where the stream still holds the last entry that took effect, none below it has come twice.
                let isIntact = (0..<world.added).contains { world.redis.id[$0] == process.lastID }
                world.redis.reusedAfter = isIntact ? 0 : world.redis.delivered
                world.redis.reusedThrough = isIntact ? 0 : process.lastID
                world.redis.wentBackAt = process.lastID
            }
            if holds(.raiseIDs) { world.redis.lastID = max(world.redis.lastID, highest) }
        }
        world.redisWentBackUnseen = false
        if holds(.takeOver) {
            for entry in 0..<world.added where world.redis.holder[entry] > 0 {
                world.redis.holder[entry] = consumer(number, process)
            }
        }
        world[process: number].phase = .claimed
    }

    private func beginReading(_ number: Int, _ world: inout World) {
        let process = world[process: number]
        for entry in world.postgres.letters.entries where !world.postgres.moved.contains(entry) {
            ensureDeadLetter(entry, &world.redis)
            world.postgres.moved.append(entry)
        }
        // What was acknowledged and is neither in the database nor in the stream: it went back.
        for entry in 0..<world.added where world.redis.id[entry] == 0 {
            if !world.postgres.effects.contains(entry), !world.told.contains(entry), !scenario.bad.contains(entry) {
                world.told.append(entry)
            }
        }
        world[process: number].readThrough = holds(.writeAgain) ? process.lastID : 0
        world[process: number].replayThrough = world.redis.delivered
        world[process: number].phase = holds(.writeAgain) ? .replaying : .pending
    }

    func letGo(_ number: Int, _ world: inout World) {
        let connection = world[process: number].connection
        world[process: number] = Process()
        world[process: number].connection = connection
        if world.redis.lease == number { world.redis.lease = -1 }
    }
}

// MARK: Reading

extension Model {
    private func addReading(_ number: Int, _ process: Process, _ steps: inout Steps) {
        let world = steps.world
        guard [.replaying, .pending, .new].contains(process.phase) else { return }
        if world.redis.lease != number, process.hand.isEmpty, process.unsettled.isEmpty, process.toBeNoted.isEmpty {
            steps.add("sees that its lease is gone") { letGo(number, &$0) }
        }
        guard process.next.isEmpty else { return }
        switch process.phase {
        case .replaying:
            let found = window(world) { $1 > process.readThrough && $1 <= process.replayThrough }
            steps.add("reads what took no effect") { read(found, number, &$0, orGoOnTo: .pending) }
        case .pending:
            let name = consumer(number, process)
            let found = window(world) {
                world.redis.holder[$0] == name && $1 > process.readThrough && !process.hand.contains($0)
                    && !process.unsettled.contains($0)
            }
            steps.add("reads what is pending") { read(found, number, &$0, orGoOnTo: .new) }
        default: addReadingOfNew(number, process, &steps)
        }
    }

    private func read(_ found: Run, _ number: Int, _ world: inout World, orGoOnTo phase: Process.Phase) {
        world[process: number].next = found
        world[process: number].readThrough = found.entries.last.map { world.redis.id[$0] } ?? 0
        if found.isEmpty { world[process: number].phase = phase }
    }

    private func addReadingOfNew(_ number: Int, _ process: Process, _ steps: inout Steps) {
        let world = steps.world
        guard world.redis.hasGroup else {
            steps.add("finds no group") { $0[process: number].phase = .closing }
            return
        }
        let name = consumer(number, process)
        let found = window(world) { $1 > world.redis.delivered }
        let isClean = (0..<world.added).allSatisfy { [0, name].contains(world.redis.holder[$0]) }
        if found.isEmpty, isClean || !holds(.lookBeforeWrite) { return }
        steps.add("reads what is new") {
            for entry in found.entries {
                $0.redis.holder[entry] = name
                $0.redis.delivered = $0.redis.id[entry]
            }
            if isClean || !holds(.lookBeforeWrite) {
                $0[process: number].next = found
            } else {
                $0[process: number].phase = .closing
            }
        }
    }
}

// MARK: Writing

extension Model {
    private func addWriting(_ number: Int, _ process: Process, _ steps: inout Steps) {
        switch process.transaction.stage {
        case .open: steps.add("sends COMMIT") { $0[process: number].transaction.stage = .sent }
        case .sent: break
        case .committed:
            guard process.unsettled.isEmpty, process.toBeNoted.isEmpty else { return }
            steps.add("hears of its commit") { hear(number, &$0) }
        case .none:
            let window = process.hand.isEmpty ? process.next : process.hand
            guard !window.isEmpty, process.phase != .absent else { return }
            addSending(window, number, process, &steps)
        }
    }

    private func addSending(_ window: Run, _ number: Int, _ process: Process, _ steps: inout Steps) {
        let world = steps.world
        let left = window.entries.filter {
            !holds(.skipDone) || isReused(world.redis.id[$0], world.redis) || !isDone(world.redis.id[$0], process)
        }
        if left.isEmpty {
            guard process.unsettled.isEmpty, process.toBeNoted.isEmpty else { return }
            steps.add("skips its window") {
                $0[process: number].hand = window
                $0[process: number].next = Run()
                finish(number, &$0)
            }
            return
        }
        let isOwner = world.postgres.owner == number && process.hasEpoch
        guard isOwner || !holds(.fenceRaises) else {
            steps.add("is fenced out") { letGo(number, &$0) }
            return
        }
        if isOwner, world.transactions.contains(where: \.holdsRow) { return }
        steps.add("begins to write") {
            var transaction = Transaction()
            transaction.stage = .open
            transaction.movesCheckpoint = isOwner
            let forced = left.filter { scenario.forced.contains($0) }
            let isAhead = !forced.isEmpty && forced.count < left.count
            let part = isAhead ? forced : left
            let isLetter = { entry in
                scenario.bad.contains(entry) || isReused(world.redis.id[entry], world.redis)
            }
            transaction.effects = Run(part.filter { !isLetter($0) })
            transaction.letters = Run(part.filter(isLetter))
            let ids = part.map { world.redis.id[$0] }
            if isAhead {
                transaction.lastID = process.lastID
                transaction.ahead = holds(.rememberAhead) ? Run(process.ahead.entries + ids) : process.ahead
            } else {
                transaction.lastID = max(process.lastID, ids.max() ?? 0)
                transaction.ahead = Run(process.ahead.entries.filter { $0 > transaction.lastID })
            }
            $0[process: number].transaction = transaction
            $0[process: number].hand = window
            if process.hand.isEmpty { $0[process: number].next = Run() }
            if !holds(.acknowledgeAfterCommit) {
                for entry in window.entries { $0.redis.holder[entry] = 0 }
            }
        }
    }

    func commit(_ transaction: Transaction, _ postgres: inout Postgres) {
        for entry in transaction.effects.entries { postgres.effects.append(entry) }
        if holds(.recordWithCommit) {
            for entry in transaction.letters.entries { postgres.letters.append(entry) }
        }
        guard transaction.movesCheckpoint else { return }
        postgres.lastID = transaction.lastID
        postgres.ahead = transaction.ahead
    }

    private func hear(_ number: Int, _ world: inout World) {
        let transaction = world[process: number].transaction
        world[process: number].transaction = Transaction()
        guard transaction.movesCheckpoint else { return letGo(number, &world) }
        world[process: number].lastID = transaction.lastID
        world[process: number].ahead = transaction.ahead
        for entry in transaction.letters.entries { world[process: number].letters.append(entry) }
        let hand = world[process: number].hand.entries
        let process = world[process: number]
        let isWhole = hand.allSatisfy { isDone(world.redis.id[$0], process) || world.redis.id[$0] == 0 }
        // A part that went first: the rest of the window follows.
        if isWhole || !hand.contains(where: { scenario.forced.contains($0) }) { finish(number, &world) }
    }

    /// The window in hand is committed, or had been.
    private func finish(_ number: Int, _ world: inout World) {
        let hand = world[process: number].hand
        world[process: number].unsettled = hand
        let known = world[process: number].letters
        let recorded = hand.entries.filter { world.postgres.letters.contains($0) || known.contains($0) }
        world[process: number].letters = Run(recorded)
        world[process: number].hand = Run()
    }
}

// MARK: Acknowledging

extension Model {
    private func addSettling(_ number: Int, _ process: Process, _ steps: inout Steps) {
        let world = steps.world
        if !process.unsettled.isEmpty {
            steps.add("acknowledges") {
                acknowledge(number, &$0)
                $0[process: number].unsettled = Run()
                $0[process: number].letters = Run()
                $0[process: number].toBeNoted = process.letters
            }
            if world.faults.lostAcknowledgements > 0 {
                steps.add("acknowledges and does not hear of it", isOrdinary: false) {
                    acknowledge(number, &$0)
                    $0.faults.lostAcknowledgements -= 1
                }
            }
        }
        if !process.toBeNoted.isEmpty {
            steps.add("notes that dead letters were moved") {
                for entry in process.toBeNoted.entries where !$0.postgres.moved.contains(entry) {
                    $0.postgres.moved.append(entry)
                }
                $0[process: number].toBeNoted = Run()
            }
        }
        if scenario.trims, process.phase != .absent {
            let end = endOfTrim(number, world)
            if (0..<world.added).contains(where: { world.redis.id[$0] > 0 && world.redis.id[$0] < end }) {
                steps.add("trims") {
                    for entry in 0..<world.added where $0.redis.id[entry] < end { $0.redis.id[entry] = 0 }
                    $0.redis.isFull = false
                }
            }
        }
    }

    private func acknowledge(_ number: Int, _ world: inout World) {
        let process = world[process: number]
        for entry in process.unsettled.entries {
            if process.letters.contains(entry), world.redis.holder[entry] > 0 || !holds(.addWherePending) {
                world.redis.dead[entry] += 1
            }
            world.redis.holder[entry] = 0
        }
    }

    /// Where the entry is pending, or was acknowledged by whoever did not come to add it.
    func ensureDeadLetter(_ entry: Int, _ redis: inout Redis) {
        if redis.holder[entry] > 0 || redis.dead[entry] == 0 { redis.dead[entry] += 1 }
        redis.holder[entry] = 0
    }

    /// The first ID that is not to be trimmed.
    private func endOfTrim(_ number: Int, _ world: World) -> Int {
        let redis = world.redis
        guard redis.hasGroup else { return 0 }
        let pending = (0..<world.added).filter { redis.holder[$0] > 0 && redis.id[$0] > 0 }.map { redis.id[$0] }
        var end = pending.min() ?? redis.delivered + 1
        if holds(.trimByAllGroups), redis.otherDelivered >= 0 { end = min(end, redis.otherDelivered + 1) }
        if holds(.trimWhatIsWritten) {
            end = redis.lease == number ? min(end, world[process: number].lastID + 1) : 0
        }
        return end
    }
}
