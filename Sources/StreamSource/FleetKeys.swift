/// The keys under which the processes of a group find each other and share its streams out.
package struct FleetKeys: Sendable {
    private let group: String

    package init(group: String) {
        self.group = group
    }

    /// Sorted set: token of each process → the time, in Redis' milliseconds, until which it counts as alive.
    package var members: String { key("members") }
    /// Hash: stream → token of its holder. A holder that is no longer alive holds nothing.
    package var leases: String { key("leases") }
    /// Hash: stream → token of a process that waits for it and comes before all others: a replay.
    package var wanted: String { key("wanted") }
    /// Hash: token → what the process says of itself, as JSON.
    package var profiles: String { key("profiles") }

    private func key(_ name: String) -> String { "drainer:fleet:{\(group)}:\(name)" }

    /// The random name of the Redis that a stream lies in, kept beside it.
    package static func source(of stream: String) -> String { "\(stream):drainer:source" }

    /// What was found when a stream's Redis had gone back to an older state, for one group: see `WentBack`.
    static func wentBack(_ stream: String, group: String) -> String { "\(stream):drainer:went-back:\(group)" }
}
