import Drain
import Operations
import TestSupport
import Testing

/// What is said of entries without any server.
@Suite struct ExplainTests {
    private static let example = [
        CommandText.create("atlas_app.person", ["id": "p-1", "name": "Ann"]),
        CommandText.create("atlas_app.location", ["id": "l-1", "lat": 52]),
        CommandText.create("atlas_app.person", ["name": "Ben", "id": "p-2"]),
        CommandText.create("atlas_app.journey_leg", ["id": "j-1"], forced: true),
        CommandText.create("atlas_app.location", ["id": "l-2", "lat": 48]),
        CommandText.create("atlas_app.person", ["id": "p-3", "name": "Cem"]),
    ]

    private func lines(_ entries: [String], separator: String = "\n") -> EntryLines {
        EntryLines(Array(entries.joined(separator: separator).utf8), defaultSchema: "public")
    }

    private func explain(
        _ entries: [String],
        batchSize: Int = 3,
        chunkSize: Int = 1000,
        enabled: Bool = true,
        onParseFailure: FailurePolicy = .stop
    ) -> Explanation {
        let batching = BatchRule(isEnabled: enabled, batchSize: batchSize, chunkSize: chunkSize)
        let rules = DrainRules(batching: batching, onParseFailure: onParseFailure)
        return Explainer(lines(entries), rules: rules, defaultSchema: "public").explanation()
    }

    @Test func `the worked example is four statements for six entries`() {
        let explanation = explain(Self.example)
        #expect(explanation.statements.map(\.road) == ["forced", "bulk", "single", "single"])
        #expect(explanation.statements.map(\.entries) == [[4], [1, 3, 6], [2], [5]])
        #expect(explanation.entries.map(\.signature) == ["A", "B", "A", "C", "B", "A"])
        #expect(explanation.text(quoting: lines(Self.example)).hasPrefix("4 statements for 6 entries\n"))
    }

    @Test func `forms are the SQL of the drain`() {
        let forms = explain([Self.example[0]]).signatures[0].forms
        #expect(
            forms.map(\.sql) == [
                #"INSERT INTO "atlas_app"."person" ("id", "name") SELECT pg_catalog.unnest($1::pg_catalog.text[]), "#
                    + "pg_catalog.unnest($2::pg_catalog.text[]) ON CONFLICT DO NOTHING",
                #"INSERT INTO "atlas_app"."person" ("id", "name") VALUES ($1, $2) ON CONFLICT DO NOTHING"#,
            ]
        )
        #expect(forms.map(\.isSent) == [false, true])
    }

    @Test func `chunks are statements`() {
        let entries = (0..<10).map { CommandText.create("t", ["id": .number($0)]) }
        #expect(explain(entries, chunkSize: 4).statements.map(\.entries.count) == [4, 4, 2])
    }

    @Test func `batching off is said`() {
        let explanation = explain(Self.example, enabled: false)
        #expect(explanation.statements.count == 6)
        #expect(explanation.signatures[0].roads[0].why.contains("BATCHED_CREATE_ENABLED"))
    }

    @Test func `a where that is more than equality is single and a barrier`() {
        let entries = [
            CommandText.entry("update", "t", [("set", #"{"a":1}"#), ("where", #"{"id":{"$gt":3}}"#)]),
            CommandText.entry("update", "t", [("set", #"{"a":1}"#), ("where", #"{"id":{"$lt":3}}"#)]),
        ]
        let group = explain(entries, batchSize: 1).signatures[0]
        #expect(group.roads.map(\.road) == ["single"] && group.barrier.count == 1)
        #expect(
            group.forms.map(\.sql) == [
                #"UPDATE "public"."t" SET "a" = $1 WHERE "id" > $2"#,
                #"UPDATE "public"."t" SET "a" = $1 WHERE "id" < $2"#,
            ]
        )
    }

    @Test func `what a parse failure leaves in the stream has no statement`() {
        let entries = [Self.example[0], "{\"op\":\"create\",\"table\":\"t\" }", Self.example[1]]
        let stopped = explain(entries)
        #expect(stopped.statements.count == 1 && stopped.entries[2].statement == nil)
        #expect(stopped.entries[1].failure?.reason == "the entry has no `row`")
        #expect(explain(entries, onParseFailure: .deadLetter).statements.count == 2)
    }

    @Test func `the place of a fault is marked`() {
        let text = ["{\"op\":\"create\" \"table\":\"t\"}"]
        let page = explain(text).text(quoting: lines(text)).split(separator: "\n")
        let mark = page.firstIndex { $0.hasSuffix("^") && $0.dropLast().allSatisfy { $0 == " " } }
        #expect(mark.map { page[$0 - 1].dropFirst(page[$0].count - 1).first == "\"" } == true, "\(page)")
    }

    @Test func `an entry may stand on several lines`() {
        let pretty = "\n{\n  \"op\": \"delete\",\n  \"table\": \"t\",\r\n  \"where\": {\"id\": 1}\n}\n\n"
        #expect(lines([pretty]).lines.map(\.number) == [2])
        #expect(lines([Self.example[0], "", Self.example[1]]).lines.map(\.number) == [1, 3])
        #expect(lines(Array(Self.example[..<2]), separator: "\r\n").lines.count == 2)
        #expect(lines([" \n\n"]).lines.isEmpty)
    }

    @Test func `no value and no control character is shown`() {
        let text = [#"{"op":"create","table":"t\u001b[2J","row":{"id":"secret"}}"#]
        let page = explain(text).text(quoting: lines(text))
        #expect(!page.contains("secret") && !page.contains("\u{1b}"))
    }

    @Test func `a forced entry takes along what it conflicts with`() {
        let entries = [
            CommandText.create("t", ["id": 1]), CommandText.create("t", ["id": 2]),
            CommandText.update("t", set: ["a": 1], where: ["id": 1], forced: true),
        ]
        let explanation = explain(entries, batchSize: 10)
        #expect(explanation.statements.map(\.entries) == [[1], [3], [2]])
        #expect(explanation.signatures[0].notes == ["entry 1 goes first: a forced entry conflicts with it"])
    }
}
