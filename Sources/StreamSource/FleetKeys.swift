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

    /// The ID up to which a stream's entries had taken effect when its Redis was found to have gone back to an older
    /// state: entries that come after that with an ID up to there are new ones under old IDs.
    package static func wentBack(_ stream: String) -> String { "\(stream):drainer:went-back" }
}
