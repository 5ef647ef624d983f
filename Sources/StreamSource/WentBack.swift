import Entries

/// What was found of a stream when its Redis had gone back to an older state, as it is kept beside the stream: that it has
/// been told, and what is under which IDs since then.
struct WentBack {
    /// The last entry that had taken effect.
    let last: StreamID
    /// nil where no ID can have been given again.
    let reusedIDs: ReusedIDs?
}

extension WentBack {
    /// Reads `text`.
    init?(_ text: String) {
        let words = text.split(separator: " ")
        guard let last = words.first.flatMap({ StreamID($0) }) else { return nil }
        self.last = last
        if words.count >= 3, let after = StreamID(words[1]), let through = StreamID(words[2]) {
            reusedIDs = ReusedIDs(after: after, through: through, ahead: Set(words[3...].compactMap { StreamID($0) }))
        } else {
            reusedIDs = nil
        }
    }

    /// IDs with a space between: the last one, then those of `reusedIDs`.
    var text: String {
        let reused = reusedIDs.map { [$0.after, $0.through] + $0.ahead.sorted() } ?? []
        return ([last] + reused).map(\.description).joined(separator: " ")
    }
}
