/// The streams of a comma list; `name{shard-0..127}` stands for 128 of them, `name{shard-0}` to `name{shard-127}`.
///
/// The braces stay: they are Redis' hash tag, which keeps each shard and its helper keys together.
struct StreamNames {
    /// More than any fleet has shards, and few enough to hold and poll.
    static let limit = 65_536

    let names: [String]

    init(_ list: String) throws(ValueRefusal) {
        var names: [String] = []
        var seen: Set<String> = []
        for item in list.split(separator: ",", omittingEmptySubsequences: false) {
            for name in try Self.expansion(of: item.trimmed, room: Self.limit - names.count) {
                guard seen.insert(name).inserted else {
                    throw ValueRefusal("names the stream \"\(name.line(upTo: 60))\" twice")
                }
                names.append(name)
            }
        }
        self.names = names
    }

    private static func expansion(of name: String, room: Int) throws(ValueRefusal) -> [String] {
        guard !name.isEmpty else { throw ValueRefusal("holds an empty name") }
        guard !name.utf8.contains(0) else { throw ValueRefusal("holds a NUL character") }
        guard room > 0 else { throw tooMany }
        guard let range = try ShardRange(in: name) else { return [name] }
        guard range.last - range.first < room else { throw tooMany }
        return (range.first...range.last).map { "\(range.before)\($0)\(range.after)" }
    }

    private static var tooMany: ValueRefusal { ValueRefusal("names more than \(limit) streams") }
}

/// The `0..127` of `name{shard-0..127}` with what stands around it.
private struct ShardRange {
    let before: Substring
    let first: Int
    let last: Int
    let after: Substring

    /// Nil for a name without a range. What looks like a range and is none is refused: a stream of that very name
    /// would be made, and never filled.
    init?(in name: String) throws(ValueRefusal) {
        let refusal = ValueRefusal(
            "holds a range that cannot be read",
            remedy: "write one range a name, counting up and without leading zeros, such as events{shard-0..127}"
        )
        let braces = Self.braces(in: name)
        let ranges = braces.filter { Self.dots(in: name[$0]) != nil }
        guard let braced = ranges.first else { return nil }
        guard ranges.count == 1, let dots = Self.dots(in: name[braced]) else { throw refusal }
        let head = name[braced.lowerBound..<dots]
        let tail = name[name.index(dots, offsetBy: 2)..<braced.upperBound]
        let digits = String(head.reversed().prefix { $0.isASCII && $0.isNumber }.reversed())
        guard Self.isPlain(digits), Self.isPlain(tail), let first = Int(digits), let last = Int(tail), first <= last
        else { throw refusal }
        before = name[..<name.index(dots, offsetBy: -digits.count)]
        self.first = first
        self.last = last
        after = name[braced.upperBound...]
    }

    private static func isPlain(_ digits: some StringProtocol) -> Bool {
        !digits.isEmpty && digits.allSatisfy { $0.isASCII && $0.isNumber } && (digits.count == 1 || digits.first != "0")
    }

    /// The insides of every `{…}`.
    private static func braces(in name: String) -> [Range<String.Index>] {
        var braces: [Range<String.Index>] = []
        var open: String.Index?
        for index in name.indices {
            if name[index] == "{", open == nil {
                open = name.index(after: index)
            } else if name[index] == "}", let start = open {
                braces.append(start..<index)
                open = nil
            }
        }
        return braces
    }

    /// Where `..` begins.
    private static func dots(in text: Substring) -> String.Index? {
        text.indices.first { text[$0...].hasPrefix("..") }
    }
}
