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
            let lines = try await stage.postgres.psql(question.sql).split(separator: "\n").map(String.init)
            count(lines, as: question.wrong, in: &verdict)
        }
        try await judgeDeadLetters(&verdict)
        return verdict
    }

    private func count(_ lines: [String], as wrong: Question.Wrong, in verdict: inout Verdict) {
        switch wrong {
        case .lost: verdict.lost += lines.count
        case .repeated: verdict.repeated += lines.count
        case .reordered: verdict.reordered += lines.count
        }
        verdict.examples += lines.prefix(20).map { "\(wrong): \($0)" }
        if lines.count > 20 { verdict.examples.append("\(wrong): … \(lines.count) in all") }
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
        var found: [String: [String]] = [:]
        for (index, stream) in stage.streams.enumerated() {
            let letters = try await connection.send(["XRANGE", stream + ":dead", "-", "+"]).elements ?? []
            for letter in letters {
                let fields = letter.elements?.last?.dictionary.compactMapValues(\.text) ?? [:]
                let words = "\(fields["drainer-error"] ?? "") \(fields["drainer-message"] ?? "")"
                found["\(index) \(fields["drainer-id"] ?? "")", default: []].append(words)
            }
        }
        let bad = Set(sent.lazy.filter { $0.kind == .bad }.map { "\($0.stream) \($0.id)" })
        count(bad.subtracting(found.keys).sorted().map { "no dead letter of \($0)" }, as: .lost, in: &verdict)
        let doubles = found.filter { $0.value.count > 1 }.map { "dead letters of \($0.key): \($0.value)" }
        count(doubles.sorted(), as: .repeated, in: &verdict)
        for (entry, words) in found.sorted(by: { $0.key < $1.key }) where !bad.contains(entry) {
            verdict.others.append("a dead letter of \(entry), which is not bad: \(words)")
        }
    }
}
