internal import Foundation

extension FleetStatus {
    /// One JSON object.
    package var json: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Texts and numbers always make valid JSON.
        return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }

    /// For people.
    package var text: String {
        var page = Paragraphs()
        page.append("group \(group): \(paused ? "PAUSED (\(reason ?? "no reason given")): drainer resume" : "running")")
        if !postgres.answers { page.append("PostgreSQL: \(postgres.reason ?? "does not answer")") }
        page.append()
        appendProcesses(to: &page)
        appendStreams(to: &page)
        appendTables(to: &page)
        return page.text
    }

    private func appendProcesses(to page: inout Paragraphs) {
        guard !processes.isEmpty else {
            page.append("no process is running")
            page.append()
            return
        }
        page.append(
            table: [["process", "streams", "since", "mode", "trouble"]]
                + processes.map { process in
                    [
                        "\(process.consumer)@\(process.host):\(process.pid)", "\(process.holds.count)",
                        Date(timeIntervalSince1970: Double(process.started) / 1000).formatted(.iso8601), process.mode,
                        process.trouble ?? "-",
                    ]
                }
        )
        page.append()
    }

    private func appendStreams(to page: inout Paragraphs) {
        page.append(
            table: [["stream", "lag", "pending", "oldest", "dead", "checkpoint", "holder"]]
                + streams.map { stream in
                    [
                        stream.stream, Self.number(stream.lag), Self.number(stream.pending),
                        stream.oldestSeconds.map { "\(Int($0)) s" } ?? "unknown", "\(stream.deadLetters)",
                        stream.checkpoint.map { "\($0.lastID) (epoch \($0.epoch))" } ?? "-",
                        stream.trouble ?? stream.holder ?? "nobody",
                    ]
                }
        )
        for stream in streams {
            for group in stream.blockingGroups {
                page.append("group \(group) keeps \(stream.stream) from being trimmed: have it read on, or destroy it")
            }
        }
    }

    private func appendTables(to page: inout Paragraphs) {
        guard !tables.isEmpty else { return }
        page.append()
        page.append(
            table: [["table", "signatures", "columns that only some creates name"]]
                + tables.map {
                    [
                        $0.table, "\($0.signatures.count)",
                        $0.differing.isEmpty ? "-" : $0.differing.joined(separator: ", "),
                    ]
                }
        )
    }

    private static func number(_ value: Int?) -> String { value.map(String.init) ?? "unknown" }
}
