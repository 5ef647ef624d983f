internal import Foundation

/// What a process says of itself to the others of its group.
package struct FleetProfile: Sendable, Codable, Hashable {
    /// `STREAM_CONSUMER`.
    package var consumer: String
    package var host: String
    package var pid: Int32
    /// The streams that it shares with others; none for a command that only needs one for a while.
    package var streams: [String]
    /// `ORDERING` and `LEDGER`, which all processes of a group must agree on.
    package var mode: String
    /// Milliseconds since the epoch, by the process' clock.
    package var started: Int64
    /// What keeps it from writing; nil where nothing does.
    package var trouble: String?

    package init(consumer: String, host: String, pid: Int32, streams: [String], mode: String, started: Int64) {
        self.consumer = consumer
        self.host = host
        self.pid = pid
        self.streams = streams
        self.mode = mode
        self.started = started
    }

    /// The profile of this process.
    package static func own(consumer: String, streams: [String], mode: String) -> FleetProfile {
        FleetProfile(
            consumer: consumer,
            host: ProcessInfo.processInfo.hostName,
            pid: ProcessInfo.processInfo.processIdentifier,
            streams: streams,
            mode: mode,
            started: Int64(Date.now.timeIntervalSince1970 * 1000)
        )
    }

    /// nil for what no drainer wrote.
    package init?(json: String) {
        guard let profile = try? JSONDecoder().decode(FleetProfile.self, from: Data(json.utf8)) else { return nil }
        self = profile
    }

    package var json: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        // Texts and numbers always make valid JSON.
        return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }

    /// Whether the two must not touch the same group at the same time.
    func conflicts(with other: FleetProfile) -> Bool {
        mode != other.mode && !streams.isEmpty && !Set(streams).isDisjoint(with: other.streams)
    }
}
