import ArgumentParser
import Foundation
import Redis
import TestSupport

/// `chaos bytes`: connections cut at every byte.
struct Bytes: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Cuts connections at every byte of a window's conversation with Redis and PostgreSQL, in both directions.",
        discussion: "Exits with 1 as `chaos faults` does."
    )

    enum Cut: String, ExpressibleByArgument, CaseIterable {
        case reset, close, swallow

        var fault: ProxyFault {
            switch self {
            case .reset: .reset
            case .close: .close
            case .swallow: .swallow(nil)
            }
        }
    }

    @Option(help: "How a connection ends: \(Cut.allCases.map(\.rawValue).joined(separator: ", ")).")
    var cut = Cut.reset

    @Option(help: "Only every so many bytes; where it begins is chosen by the seed.")
    var step = 1

    @Option(help: "So many seconds, and no further position; without it, all of them.")
    var seconds = 86_400

    @Option(help: "Drainers that work at the same time, each on a stream of its own.")
    var lanes = 8

    @Option(help: "Without it, any.")
    var seed: UInt64 = .random(in: 1...999_999)

    @OptionGroup var records: Records

    /// One that is written in one go, and one with everything that takes another road.
    private static let windows: [[Kind]] = [[.bare, .bare, .line], [.line, .forcedLine, .account, .bad, .audited]]

    func validate() throws {
        guard step >= 1, (1...64).contains(lanes) else { throw ValidationError("--step is 1 or more, --lanes 1 to 64") }
    }

    func run() async throws {
        let settings = ["BATCH_RETRY_DELAY": "10ms"]
        let verdict = try await withStage(streams: lanes, lease: .seconds(2), settings: settings, records) { stage in
            let slots = try (0..<lanes).map { try Slot($0, stage, settings: ["STREAM_NAMES": stage.streams[$0]]) }
            let producer = Producer(stage, rate: 1, seed: seed)
            let verdict = try await withThrowingTaskGroup(of: Void.self) { group in
                for slot in slots { group.addTask { try await slot.keepRunning(pauses: 0...0, seed: seed) } }
                let positions = try await positions(stage, slots[0], producer)
                let cuts = try await withThrowingTaskGroup(of: [String: Int].self) { lanes in
                    for slot in slots { lanes.addTask { try await work(stage, slot, producer, positions) } }
                    return try await lanes.reduce(into: [:]) { $0.merge($1, uniquingKeysWith: +) }
                }
                let left = await positions.left
                for slot in slots { slot.close() }
                try await group.waitForAll()
                var verdict = try await Judge(stage: stage, sent: producer.sent, accounts: producer.accounts).verdict()
                verdict.faults = cuts
                if left > 0 { stage.timeline.note("\(left) positions are left") }
                for slot in slots { verdict.others += slot.unexpectedEnds }
                return verdict
            }
            for slot in slots { slot.stopProxies() }
            if records.keepAll || !verdict.isGood(atLeastOnce: false) {
                try records.keep(verdict, of: "bytes \(seed)", stage, slots)
            }
            return verdict
        }
        print(Verdict.head)
        print(verdict.row("bytes \(seed)"))
        for (kind, count) in verdict.faults.sorted(by: { $0.key < $1.key }) { print("  \(kind): \(count)") }
        verdict.complain()
        guard verdict.isGood(atLeastOnce: false) else { throw ExitCode(1) }
    }

    /// Listens to each kind of window when nothing is cut.
    private func positions(_ stage: Stage, _ slot: Slot, _ producer: Producer) async throws -> CutPositions {
        var conversations: [Conversation] = []
        for window in Self.windows {
            for server in Fault.Server.allCases {
                for direction in ProxyDirection.allCases {
                    conversations.append(Conversation(server: server, direction: direction, window: window, bytes: 0))
                }
            }
        }
        let redis = stage.redisConnection()
        // The first window of its kind asks for what the later ones know.
        for _ in 0..<3 {
            for window in Self.windows {
                let before = conversations.map { slot.proxy(to: $0.server).carried($0.direction) }
                try await producer.write(window, to: 0)
                try await drained(stage, redis, 0)
                for (index, conversation) in conversations.enumerated() where conversation.window == window {
                    let after = slot.proxy(to: conversation.server).carried(conversation.direction)
                    conversations[index].bytes = after - before[index]
                }
            }
        }
        for conversation in conversations {
            stage.timeline.note(
                "\(conversation.server) \(conversation.direction): \(conversation.bytes) bytes a window"
            )
        }
        return CutPositions(conversations, step: step, seed: seed, until: .now + .seconds(seconds))
    }

    /// Cuts, writes, and waits until what was written is drained, as long as there are positions.
    private func work(_ stage: Stage, _ slot: Slot, _ producer: Producer, _ positions: CutPositions) async throws
        -> [String: Int]
    {
        let redis = stage.redisConnection()
        var cuts: [String: Int] = [:]
        while let position = await positions.next() {
            let proxy = slot.proxy(to: position.server)
            let struck = proxy.struck
            stage.timeline.note("slot \(slot.number): \(position)")
            proxy.arm(cut.fault, after: position.bytes, position.direction)
            try await producer.write(position.window, to: slot.number)
            if cut == .swallow {
                while proxy.isArmed, await stage.isDrained(redis, [stage.streams[slot.number]]) != true {
                    try await Task.sleep(for: .milliseconds(5))
                }
                try await Task.sleep(for: .milliseconds(20))
                proxy.heal()
            }
            try await drained(stage, redis, slot.number)
            let kind = "\(position.server) \(position.direction)"
            if proxy.struck > struck { cuts[kind, default: 0] += 1 }
            if proxy.isArmed { proxy.heal() }
        }
        return cuts
    }

    private func drained(_ stage: Stage, _ redis: RedisConnection, _ stream: Int) async throws {
        try await eventually("the window of slot \(stream) is drained", within: .seconds(60), every: .milliseconds(5)) {
            await stage.isDrained(redis, [stage.streams[stream]]) == true
        }
    }
}
