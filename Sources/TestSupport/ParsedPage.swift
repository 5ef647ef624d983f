import Foundation

/// A strict reader of Prometheus' text format: whatever the format forbids is an error that names the line.
package struct ParsedPage: Sendable {
    package struct Sample: Sendable {
        package let name: String
        package let labels: [String: String]
        package let value: Double
    }

    package struct Fault: Error, CustomStringConvertible {
        package let description: String
    }

    package private(set) var types: [String: String] = [:]
    package private(set) var helps: [String: String] = [:]
    package private(set) var samples: [Sample] = []

    /// The value of the series with exactly these labels; nil where there is none.
    package func value(_ name: String, _ labels: [String: String] = [:]) -> Double? {
        samples.first { $0.name == name && $0.labels == labels }?.value
    }

    /// The sum over all series with these labels, whatever others they have.
    package func sum(_ name: String, _ labels: [String: String] = [:]) -> Double {
        samples.filter { sample in
            sample.name == name && labels.allSatisfy { sample.labels[$0.key] == $0.value }
        }.map(\.value).reduce(0, +)
    }

    package init(_ text: String) throws {
        guard text.hasSuffix("\n") || text.isEmpty else { throw Fault(description: "no line feed at the end") }
        var current = ""
        var seen: Set<String> = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
            if line.hasPrefix("# ") {
                let parts = line.split(separator: " ", maxSplits: 3).map(String.init)
                guard parts.count == 4 else { throw Fault(description: "heading: \(line)") }
                switch parts[1] {
                case "HELP":
                    guard helps.updateValue(parts[3], forKey: parts[2]) == nil else {
                        throw Fault(description: "second HELP: \(line)")
                    }
                    current = parts[2]
                case "TYPE":
                    guard current == parts[2], ["counter", "gauge", "histogram"].contains(parts[3]),
                        types.updateValue(parts[3], forKey: parts[2]) == nil
                    else { throw Fault(description: "TYPE: \(line)") }
                default: throw Fault(description: "comment: \(line)")
                }
                continue
            }
            let sample = try Self.sample(line)
            let family = types[current] == "histogram" ? try Self.histogramName(sample.name) : sample.name
            guard family == current, types[current] != nil else {
                throw Fault(description: "not of its family: \(line)")
            }
            guard seen.insert("\(sample.name) \(sample.labels.sorted { $0.key < $1.key })").inserted else {
                throw Fault(description: "twice: \(line)")
            }
            samples.append(sample)
        }
        try checkHistograms()
    }

    private static func histogramName(_ name: String) throws -> String {
        for suffix in ["_bucket", "_sum", "_count"] where name.hasSuffix(suffix) {
            return String(name.dropLast(suffix.count))
        }
        throw Fault(description: "no part of a histogram: \(name)")
    }

    private static func sample(_ line: Substring) throws -> Sample {
        let head = #/[a-zA-Z_:][a-zA-Z0-9_:]*/#
        guard let name = try head.prefixMatch(in: line) else { throw Fault(description: "name: \(line)") }
        var rest = line[name.range.upperBound...].unicodeScalars
        var labels: [String: String] = [:]
        if rest.first == "{" {
            rest.removeFirst()
            while rest.first != "}" {
                let key = rest.prefix { $0 != "=" }
                guard String(key).wholeMatch(of: #/[a-zA-Z_][a-zA-Z0-9_]*/#) != nil else {
                    throw Fault(description: "label name: \(line)")
                }
                rest = rest[key.endIndex...].dropFirst()
                guard rest.popFirst() == "\"" else { throw Fault(description: "quote: \(line)") }
                var value = String.UnicodeScalarView()
                while let scalar = rest.popFirst(), scalar != "\"" {
                    guard scalar == "\\" else {
                        value.append(scalar)
                        continue
                    }
                    switch rest.popFirst() {
                    case "\\": value.append("\\")
                    case "\"": value.append("\"")
                    case "n": value.append("\n")
                    default: throw Fault(description: "escape: \(line)")
                    }
                }
                guard labels.updateValue(String(value), forKey: String(key)) == nil else {
                    throw Fault(description: "label twice: \(line)")
                }
                if rest.first == "," { rest.removeFirst() }
            }
            rest.removeFirst()
        }
        guard rest.popFirst() == " " else { throw Fault(description: "no space before the value: \(line)") }
        let text = String(rest)
        guard let value = text == "+Inf" ? Double.infinity : Double(text) else {
            throw Fault(description: "value: \(line)")
        }
        return Sample(name: String(name.output), labels: labels, value: value)
    }

    /// Buckets rise with their bounds, the last has none and equals the count, and there is a sum.
    private func checkHistograms() throws {
        for name in types.filter({ $0.value == "histogram" }).keys {
            let buckets = Dictionary(grouping: samples.filter { $0.name == name + "_bucket" }) { sample in
                sample.labels.filter { $0.key != "le" }
            }
            for (labels, buckets) in buckets {
                let bounds = buckets.compactMap {
                    $0.labels["le"] == "+Inf" ? .infinity : Double($0.labels["le"] ?? "")
                }
                guard bounds.count == buckets.count, zip(bounds, bounds.dropFirst()).allSatisfy({ $0 < $1 }),
                    bounds.last == .infinity,
                    zip(buckets, buckets.dropFirst()).allSatisfy({ $0.value <= $1.value }),
                    value(name + "_count", labels) == buckets.last?.value, value(name + "_sum", labels) != nil
                else { throw Fault(description: "histogram \(name) \(labels)") }
            }
        }
    }
}
