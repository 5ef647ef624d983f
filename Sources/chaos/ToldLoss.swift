/// A loss as a drainer has logged it.
struct ToldLoss: Sendable {
    let first: EntryName
    let last: EntryName
    /// Entries in between that can never be written.
    let lost: Int

    func covers(_ entry: EntryName) -> Bool {
        entry.stream == first.stream && first.place <= entry.place && entry.place <= last.place
    }

    /// Everything that a log tells of the database having gone back.
    static func all(in log: String, of streams: [String]) -> [ToldLoss] {
        log.split(separator: "\n").filter { $0.contains("the database has gone back") }.compactMap { line in
            let pairs = line.split(separator: " ").compactMap { word -> (String, String)? in
                let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
                return parts.count == 2 ? (parts[0], parts[1]) : nil
            }
            let facts = Dictionary(pairs) { $1 }
            guard let stream = facts["stream"].flatMap({ streams.firstIndex(of: $0) }), let first = facts["first"],
                let last = facts["last"], let lost = facts["lost"].flatMap({ Int($0) })
            else { return nil }
            return ToldLoss(
                first: EntryName(stream: stream, id: first),
                last: EntryName(stream: stream, id: last),
                lost: lost
            )
        }
    }
}
