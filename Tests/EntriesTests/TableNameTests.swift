import Entries
import Testing

@Suite struct TableNameTests {
    @Test(arguments: [
        ("t", "public", "t"), ("s.t", "s", "t"), ("s.t.u", "s", "t.u"), (".t", "", "t"), ("s.", "s", ""),
        ("", "public", ""), ("S.T", "S", "T"),
    ])
    func `the first dot splits`(text: String, schema: String, name: String) {
        let table = TableName(text, defaultSchema: "public")
        #expect(table.schema == schema)
        #expect(table.name == name)
    }

    @Test func `a dot with an accent on it is still a dot`() {
        let table = TableName("s.\u{301}t", defaultSchema: "public")
        #expect(table.schema == "s")
        #expect(Array(table.name.utf8) == Array("\u{301}t".utf8))
    }

    @Test func `names are equal where their bytes are`() {
        let composed = TableName(schema: "s", name: "é")
        let decomposed = TableName(schema: "s", name: "e\u{301}")
        #expect(composed != decomposed)
        #expect(Set([composed, decomposed, composed]).count == 2)
        #expect((decomposed < composed) != (composed < decomposed))
        #expect(TableName(schema: "ab", name: "c") != TableName(schema: "a", name: "bc"))
    }

    @Test func `names are ordered by schema, then by name`() {
        let names = [("a", "z"), ("a", "zz"), ("aa", "a"), ("b", "A"), ("b", "a")].map {
            TableName(schema: $0.0, name: $0.1)
        }
        #expect(names.shuffled().sorted() == names)
    }
}
