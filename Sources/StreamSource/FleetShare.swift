/// What one process holds of the streams it shares with others, and what it should. A value, without Redis.
struct FleetShare {
    /// In the order of the settings, the same in every process of the fleet.
    let streams: [String]
    let token: String
    /// Tokens of the processes that drain the same streams, this one among them.
    let peers: Set<String>
    /// Tokens of all processes that are alive.
    let alive: Set<String>
    /// Holders of streams, dead ones too.
    let holders: [String: String]
    /// Who waits for a stream and comes first.
    let wanted: [String: String]

    /// The most streams that this process holds: ⌈streams / processes⌉.
    var quota: Int { (streams.count + peers.count - 1) / max(1, peers.count) }

    var held: [String] { streams.filter { holders[$0] == token } }

    /// Held streams to give up: those that another process waits for, then what is beyond the quota.
    var surplus: [String] {
        let held = held
        let asked = held.filter { isWantedByOthers($0) }
        let rest = held.filter { !isWantedByOthers($0) }
        return asked + rest.dropFirst(quota)
    }

    /// Streams to take, up to the quota; each process looks from another place on, so that they seldom try the same.
    var wishes: [String] {
        let missing = quota - held.count
        guard missing > 0, !streams.isEmpty else { return [] }
        let rank = peers.sorted().firstIndex(of: token) ?? 0
        let start = rank * streams.count / max(1, peers.count)
        let rotated = streams[start...] + streams[..<start]
        let free = rotated.filter { stream in
            holders[stream].map { !alive.contains($0) } ?? true && !isWantedByOthers(stream)
        }
        return Array(free.prefix(missing))
    }

    private func isWantedByOthers(_ stream: String) -> Bool {
        wanted[stream].map { $0 != token && alive.contains($0) } ?? false
    }
}
