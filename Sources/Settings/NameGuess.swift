/// What somebody may have meant by a name that does not exist.
package struct NameGuess {
    /// At most two letters away; nil where nothing is that near.
    package let nearest: String?

    /// Case and the choice of `-` or `_` do not count.
    package init(_ name: String, among names: some Sequence<String>) {
        // A long text is no misspelt name, and comparing it would take its time.
        guard name.count <= 64 else {
            nearest = nil
            return
        }
        let plain = Self.plain(name)
        nearest =
            names.map { (distance: Self.distance(plain, Self.plain($0)), name: $0) }
            .filter { $0.distance <= 2 }
            .min { ($0.distance, $0.name) < ($1.distance, $1.name) }?.name
    }

    private static func plain(_ name: String) -> [Character] {
        name.lowercased().filter { $0 != "-" && $0 != "_" }.map { $0 }
    }

    /// Letters to insert, remove or replace.
    private static func distance(_ left: [Character], _ right: [Character]) -> Int {
        var row = Array(0...right.count)
        for (i, letter) in left.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, other) in right.enumerated() {
                let replaced = letter == other ? diagonal : diagonal + 1
                diagonal = row[j + 1]
                row[j + 1] = min(replaced, row[j] + 1, diagonal + 1)
            }
        }
        return row[right.count]
    }
}
