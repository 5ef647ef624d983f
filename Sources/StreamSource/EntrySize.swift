/// How large the entries of a stream are, as seen: what a read may ask for without outgrowing its window.
struct EntrySize {
    /// Smoothed bytes; nil before the first.
    private var mean: Double?

    mutating func note(entries: Int, bytes: Int) {
        guard entries > 0 else { return }
        let new = Double(bytes) / Double(entries)
        mean = mean.map { $0 * 0.8 + new * 0.2 } ?? new
    }

    /// Entries to ask for: at most `entries`, and no more than go into `bytes`; at least one.
    func count(of entries: Int, in bytes: Int) -> Int {
        // Before the first entry nothing is known of their size, and a thousand may be huge.
        guard let mean else { return min(entries, 16) }
        return max(1, min(entries, Int(min(Double(bytes) / max(mean, 1), 1_000_000))))
    }
}
