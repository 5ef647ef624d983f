extension ParsedPage {
    private static let otherUnits = [
        "s", "ms", "us", "ns", "sec", "b", "kb", "mb", "gb", "tb", "pb", "m", "h", "d", "milliseconds", "microseconds",
        "nanoseconds", "minutes", "hours", "days", "weeks", "kilobytes", "megabytes", "bits", "percent",
    ]
    private static let kinds = ["counter", "gauge", "histogram", "summary"]

    /// What `promtool check metrics` would find fault with: its rules on names, units, help and reserved labels.
    package var lint: [String] {
        types.keys.sorted().flatMap { name in faults(of: name, kind: types[name] ?? "") }
    }

    private func faults(of name: String, kind: String) -> [String] {
        var faults: [String] = []
        let words = name.split(separator: "_", omittingEmptySubsequences: false).map(String.init)
        func require(_ holds: Bool, _ rule: String) {
            if !holds { faults.append("\(name): \(rule)") }
        }
        require(helps[name]?.isEmpty == false, "no help")
        require((kind == "counter") == name.hasSuffix("_total"), "counters, and they alone, end in _total")
        require(!name.contains(":"), "colons are for recording rules")
        require(name.allSatisfy { $0.isASCII && !$0.isUppercase }, "no snake_case")
        require(!words.contains(where: Self.otherUnits.contains), "no base unit, or an abbreviated one")
        require(!words.contains(where: Self.kinds.contains), "its kind in its name")
        for suffix in ["_bucket", "_count", "_sum"] {
            require(!name.hasSuffix(suffix), "the suffix \(suffix) is reserved")
        }
        let own = samples.filter { sample in
            sample.name == name || (kind == "histogram" && sample.name.hasPrefix(name + "_"))
        }
        for label in Set(own.flatMap(\.labels.keys)) {
            require(label.allSatisfy { $0.isASCII && !$0.isUppercase }, "label \(label) is no snake_case")
            require(label != "quantile" && (label != "le" || kind == "histogram"), "label \(label) is reserved")
        }
        return faults
    }
}
