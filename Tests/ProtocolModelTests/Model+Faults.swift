extension Model {
    /// What the database does with what was sent to it.
    func addServers(_ number: Int, _ process: Process, _ steps: inout Steps) {
        if process.transaction.stage == .sent {
            steps.add("is committed") {
                commit(process.transaction, &$0.postgres)
                $0[process: number].transaction.stage = .committed
            }
        }
        let orphan = steps.world[orphan: number]
        if orphan.stage == .sent {
            steps.add("its lost transaction is committed") {
                commit(orphan, &$0.postgres)
                $0[orphan: number] = Transaction()
            }
            steps.add("its lost transaction is rolled back") { $0[orphan: number] = Transaction() }
        }
    }

    func addFaults(_ number: Int, _ process: Process, _ steps: inout Steps) {
        let world = steps.world
        let hasOrphan = world[orphan: number].stage != .none
        if world.faults.deaths > 0, process.phase != .absent, !hasOrphan || process.transaction.stage != .sent {
            steps.add("dies", isOrdinary: false) {
                $0.faults.deaths -= 1
                if process.transaction.stage == .sent { $0[orphan: number] = process.transaction }
                $0[process: number] = Process()
                $0[process: number].connection = process.connection + 1
            }
        }
        if world.faults.freezes > 0, process.phase != .absent, !process.isFrozen {
            steps.add("stands still from now on", isOrdinary: false) {
                $0.faults.freezes -= 1
                $0[process: number].isFrozen = true
            }
        }
        if world.faults.lostAnswers > 0, !hasOrphan, [.sent, .committed].contains(process.transaction.stage) {
            steps.add("loses the answer to COMMIT", isOrdinary: false) {
                $0.faults.lostAnswers -= 1
                if process.transaction.stage == .sent { $0[orphan: number] = process.transaction }
                $0[process: number].transaction = Transaction()
                if holds(.settleByEpoch) {
                    $0[process: number].hand = Run()
                    $0[process: number].next = Run()
                    $0[process: number].letters = Run()
                    $0[process: number].phase = .closing
                } else {
                    $0[process: number].lastID = $0.postgres.lastID
                    $0[process: number].ahead = $0.postgres.ahead
                }
            }
        }
        if world.faults.cutReads > 0, process.phase == .new, world.ghost == 0 {
            steps.add("has its read cut", isOrdinary: false) {
                $0.faults.cutReads -= 1
                $0.ghost = consumer(number, process)
                $0[process: number].connection += 1
                $0[process: number].next = Run()
                $0[process: number].phase = .closing
            }
        }
        if world.redis.lease == number {
            let isGone = process.phase == .absent || process.isFrozen
            if isGone || world.faults.expiries > 0 {
                steps.add("its lease expires", isOrdinary: isGone) {
                    if !isGone { $0.faults.expiries -= 1 }
                    $0.redis.lease = -1
                }
            }
        }
    }

    /// What comes from outside of both processes.
    func addOutside(_ steps: inout Steps) {
        let world = steps.world
        if world.ghost > 0, world.redis.hasGroup {
            let found = (0..<world.added).filter { world.redis.id[$0] > world.redis.delivered }
            if let entry = found.min(by: { world.redis.id[$0] < world.redis.id[$1] }) {
                steps.add("the cut read is served") {
                    $0.redis.holder[entry] = world.ghost
                    $0.redis.delivered = world.redis.id[entry]
                    $0.ghost = 0
                }
            }
            steps.add("the cut read is noticed") { $0.ghost = 0 }
        }
        if world.redis.otherDelivered >= 0 {
            let unread = (0..<world.added).map { world.redis.id[$0] }.filter { $0 > world.redis.otherDelivered }
            if let id = unread.min() { steps.add("the other group reads") { $0.redis.otherDelivered = id } }
        }
        if world.faults.additions > 0 {
            steps.add("an entry is added", isOrdinary: false) {
                $0.faults.additions -= 1
                $0.redis.lastID += $0.redisWentBackUnseen ? 1 : 2
                $0.redis.id[$0.added] = $0.redis.lastID
                if $0.redisWentBackUnseen {
                    $0.addedUnseen.append($0.added)
                } else if $0.redisWentBack {
                    $0.addedSeen.append($0.added)
                }
                $0.added += 1
            }
        }
        if world.faults.lostGroups > 0, world.redis.hasGroup {
            steps.add("the group is destroyed", isOrdinary: false) {
                $0.faults.lostGroups -= 1
                $0.redis.hasGroup = false
                $0.redis.delivered = 0
                $0.redis.holder = PerEntry()
            }
        }
        addGoingBack(&steps)
    }

    private func addGoingBack(_ steps: inout Steps) {
        let world = steps.world
        if world.faults.redisGoesBack {
            if let old = world.oldRedis {
                steps.add("Redis goes back", isOrdinary: false) {
                    // What was added since is gone; what of it took no effect is the producer's loss.
                    for entry in 0..<world.added where old.id[entry] == 0 && world.redis.id[entry] > 0 {
                        if !$0.told.contains(entry) { $0.told.append(entry) }
                    }
                    $0.redis = old
                    $0.redis.lease = -1
                    $0.oldRedis = nil
                    $0.faults.redisGoesBack = false
                    $0.redisWentBack = true
                    $0.redisWentBackUnseen = true
                    for number in 0...1 where $0[process: number].phase != .absent {
                        $0[process: number].connection += 1
                        $0[process: number].next = Run()
                        $0[process: number].phase = .closing
                    }
                }
            } else {
                steps.add("Redis is saved", isOrdinary: false) { $0.oldRedis = world.redis }
            }
        }
        if world.faults.databaseGoesBack {
            if let old = world.oldPostgres {
                steps.add("the database goes back", isOrdinary: false) {
                    $0.postgres = old
                    $0.postgres.owner = -1
                    $0.oldPostgres = nil
                    $0.faults.databaseGoesBack = false
                    for number in 0...1 {
                        $0[orphan: number] = Transaction()
                        guard $0[process: number].phase != .absent else { continue }
                        $0[process: number].transaction = Transaction()
                        $0[process: number].hand = Run()
                        $0[process: number].next = Run()
                        $0[process: number].phase = .closing
                    }
                }
            } else if world.postgres.hasCheckpoint {
                steps.add("the database is saved", isOrdinary: false) { $0.oldPostgres = world.postgres }
            }
        }
    }

    /// A process that reads what is new, writes it and acknowledges it, with no lease and no checkpoint.
    func addStepsWithoutCheckpoint(_ steps: inout Steps) {
        let world = steps.world
        let process = world.other
        if process.hand.isEmpty, process.unsettled.isEmpty {
            let found = window(world) { $1 > world.redis.delivered }
            guard !found.isEmpty, world.redis.hasGroup else { return }
            steps.add("reads without a lease") {
                for entry in found.entries {
                    $0.redis.holder[entry] = 33
                    $0.redis.delivered = world.redis.id[entry]
                }
                $0.other.hand = found
            }
        } else if !process.hand.isEmpty {
            steps.add("writes without a checkpoint") {
                for entry in process.hand.entries { $0.postgres.effects.append(entry) }
                $0.other.unsettled = process.hand
                $0.other.hand = Run()
            }
        } else {
            steps.add("acknowledges without a checkpoint") {
                for entry in process.unsettled.entries { $0.redis.holder[entry] = 0 }
                $0.other.unsettled = Run()
            }
        }
    }
}
