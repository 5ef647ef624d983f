import Entries
import TestSupport
import Testing

@Suite struct KVWhereTests {
    @Test(arguments: [
        (#"{"aB":"\"x\""}"#, "a_b='x'"), (#"{"$and":[{"b":"1"},{"a":"\"\\n\""}]}"#, #"a=h'\\n' b='1'"#),
        (#"{"$and":[{"id":"\"7\""},{"$and":[{"id":"\"7\""}]}]}"#, "id='7'"),
        (#"{"$and":[{"id":"\"7\""},{"$and":[{"x":"1"},{"id":"\"7\""},{"id":"\"7\""}]}]}"#, "id='7' x='1'"),
        (#"{"b":"1","a":"2"}"#, "a='2' b='1'"), (#"{ "\u0024and" : [ { "a" : "1" } ] }"#, "a='1'"),
        (#" { "$and" : [ { "a" : "1" } , { "b" : "2" } ] } "#, "a='1' b='2'"), (#"{"a":["\"x\""]}"#, #"a=["\"x\""]"#),
        (#"{"\u0061":"1"}"#, "a='1'"), (#"{"$and":[{"fooId":"1"},{"foo_id":"1"}]}"#, "foo_id='1'"),
    ])
    func `an AND of bare values is equality, also where it says one twice`(clause: String, summary: String) {
        for (entry, start) in [
            (KVText.delete("T", where: clause), "delete public.t"),
            (KVText.update("T", set: ["z": #""0""#], where: clause), "update public.t set z='0'"),
        ] {
            let entry = DecodedEntry(entry)
            #expect(entry.summary == "\(start) where \(summary)")
            #expect(entry.window.signatures.first?.isEquality == true)
            #expect(entry.window.predicates.isEmpty)
        }
    }

    @Test(arguments: [
        (#"{"a":null}"#, ["a"], "a is null"), (#"{"a":"SqlNull"}"#, ["a"], "a is null"),
        (#"{"a":{"$ne":null}}"#, ["a"], "a is not null"), (#"{"a":{"$ne":"SqlNull"}}"#, ["a"], "a is not null"),
        (#"{"$and":[{"fooId":"1"},{"b":null}]}"#, ["b", "foo_id"], "and[foo_id = '1', b is null]"),
        (#"{"$and":[{"a":"1"},{"a":"2"}]}"#, ["a"], "and[a = '1', a = '2']"),
        (#"{"$and":[{"a":"1"},{"a":"\"1\\&\""}]}"#, ["a"], #"and[a = '1', a = h'1\\&']"#),
        (#"{"$or":[{"b":"1"},{"a":"\"x\""}]}"#, ["a", "b"], "or[b = '1', a = 'x']"),
        (#"{"a":{"$in":["\"x\"","SqlNull",null,["\"y\""]]}}"#, ["a"], #"a in ['x', SqlNull, null, ["\"y\""]]"#),
        (#"{"a":{"$in":[]}}"#, ["a"], "a in []"), (#"{"a":{"$notIn":["1"]}}"#, ["a"], "a not in ['1']"),
        (#"{"a":{"$not":{"$gt":"1","$lte":"\"5\""}}}"#, ["a"], "not[and[a > '1', a <= '5']]"),
        (#"{"a":{"$gte":"1","$lt":"2"}}"#, ["a"], "and[a >= '1', a < '2']"), (#"{"a":{"$ne":"1"}}"#, ["a"], "a <> '1'"),
    ])
    func `anything else is a predicate`(clause: String, columns: [String], summary: String) throws {
        let entry = DecodedEntry(KVText.update("T", set: ["z": #""0""#], where: clause))
        let names = columns.joined(separator: " ")
        #expect(entry.failure == nil)
        let signature = try #require(entry.window.signatures.first)
        #expect(!signature.isEquality && signature.whereColumns == columns, "\(names)")
        #expect(entry.window.predicates.map(entry.window.summary) == [summary])
        #expect(entry.window.cells.count == 1)
    }

    @Test func `commands that say a value twice share the shape of those that do not agree only where they do`() {
        let clauses = ["1", "2"].map { #"{"$and":[{"a":"1"},{"a":"\#($0)"}]}"# }
        let window = Window(entries: (clauses + clauses).map { Array(KVText.delete("T", where: $0).utf8) })
        #expect(window.commands.map { $0.predicate == nil } == [true, false, true, false])
        #expect(window.summary(of: 2) == "delete public.t where a='1'")
        #expect(window.summary(of: 3) == "delete public.t where (and[a = '1', a = '2'])")
    }
}
