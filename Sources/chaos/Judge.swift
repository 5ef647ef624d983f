import Redis
import TestSupport

/// Compares what was sent with what has become of it.
struct Judge {
    let stage: Stage
    let sent: [Sent]
    /// What the last writer of each row left; nil where it deleted it.
    let accounts: [Int: Int?]

    func verdict() async throws -> Verdict {
        var verdict = Verdict(entries: sent.count)
        try await load()
        for question in Question.all {
            for line in try await stage.postgres.psql(question.sql).split(separator: "\n") {
                // Who asks for entries has the stream first behind the table, and the ID last.
                let columns = line.split(separator: "|").map(String.init)
                let entry =
                    question.tellsEntries ? EntryName(stream: Int(columns[1]) ?? -1, id: columns.last ?? "") : nil
                verdict.findings.append(Finding(wrong: question.wrong, text: String(line), entry: entry))
            }
        }
        try await judgeDeadLetters(&verdict)
        return verdict
    }

    /// Puts what was sent beside the tables.
    private func load() async throws {
        var sql = """
            DROP SCHEMA IF EXISTS expected CASCADE;
            CREATE SCHEMA expected;
            CREATE TABLE expected.entry (stream int, number int, kind text, key int, id text);
            CREATE TABLE expected.account (id int, number int);
            COPY expected.entry FROM stdin;

            """
        for entry in sent {
            sql += "\(entry.stream)\t\(entry.number)\t\(entry.kind)\t\(entry.key)\t\(entry.id)\n"
        }
        sql += "\\.\nCOPY expected.account FROM stdin;\n"
        for case (let key, let number?) in accounts { sql += "\(key)\t\(number)\n" }
        sql += "\\.\nANALYZE expected.entry;\n"
        try await stage.postgres.psql(sql)
    }

    /// One for each bad entry, none for any other.
    private func judgeDeadLetters(_ verdict: inout Verdict) async throws {
        let connection = stage.redisConnection()
        var found: [EntryName: [String]] = [:]
        for (index, stream) in stage.streams.enumerated() {
            let letters = try await connection.send(["XRANGE", stream + ":dead", "-", "+"]).elements ?? []
            for letter in letters {
                let fields = letter.elements?.last?.dictionary.compactMapValues(\.text) ?? [:]
                let entry = EntryName(stream: index, id: fields["drainer-id"] ?? "")
                found[entry, default: []].append("\(fields["drainer-error"] ?? "") \(fields["drainer-message"] ?? "")")
            }
        }
        let bad = Set(sent.lazy.filter { $0.kind == .bad }.map { EntryName(stream: $0.stream, id: $0.id) })
        for entry in bad where found[entry] == nil {
            verdict.findings.append(Finding(wrong: .lost, text: "dead letter of \(entry)", entry: entry))
        }
        for (entry, words) in found {
            if words.count > 1 {
                verdict.findings.append(Finding(wrong: .repeated, text: "dead letter of \(entry): \(words)"))
            }
            if !bad.contains(entry) {
                verdict.others.append("a dead letter of \(entry), which is not bad: \(words)")
            }
        }
    }
}
