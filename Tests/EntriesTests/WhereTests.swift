import Entries
import Testing

@Suite struct WhereTests {
    @Test(arguments: [
        (#"{"a":1}"#, "a=1"),
        (#"{"b":"x","a":[1]}"#, "a=[1] b='x'"),
        (#"{"$and":[{"b":1},{"a":2}]}"#, "a=2 b=1"),
        (#"{"$and":[{"b":1,"c":3},{"$and":[{"a":2}]}],"d":4}"#, "a=2 b=1 c=3 d=4"),
        (#"{"\u0061":1}"#, "a=1"),
        (#"{ "\u0024and" : [ { "a" : 1 } ] }"#, "a=1"),
    ])
    func `an AND of bare values on distinct columns is equality`(json: String, summary: String) {
        for (operation, start) in [
            ("delete", "delete public.t"), (#"update","set":{"z":0},"x":""#, "update public.t set z=0"),
        ] {
            let entry = DecodedEntry(#"{"op":"\#(operation)","table":"t","where":\#(json)}"#)
            #expect(entry.summary == "\(start) where \(summary)")
            #expect(entry.window.signatures.first?.isEquality == true)
            #expect(entry.window.predicates.isEmpty)
        }
    }

    @Test(arguments: [
        (#"{"a":null}"#, ["a"], "a is null"),
        (#"{"b":1,"a":null}"#, ["a", "b"], "and[b = 1, a is null]"),
        (#"{"a":{"$ne":null}}"#, ["a"], "a is not null"),
        (#"{"a":{"$not":null}}"#, ["a"], "a is not null"),
        (#"{"a":{"$ne":5}}"#, ["a"], "a <> 5"),
        (#"{"a":{"$not":"x"}}"#, ["a"], "a <> 'x'"),
        (#"{"a":{"$not":[1,2]}}"#, ["a"], "a <> [1,2]"),
        (#"{"a":{"$gt":1}}"#, ["a"], "a > 1"),
        (#"{"a":{"$gte":1}}"#, ["a"], "a >= 1"),
        (#"{"a":{"$lt":1}}"#, ["a"], "a < 1"),
        (#"{"a":{"$lte":1}}"#, ["a"], "a <= 1"),
        (#"{"a":{"$gte":1,"$lt":9}}"#, ["a"], "and[a >= 1, a < 9]"),
        (#"{"a":{"$in":[]}}"#, ["a"], "a in []"),
        (#"{"a":{"$in":[1,null,"x",[2]]}}"#, ["a"], "a in [1, null, 'x', [2]]"),
        (#"{"a":{"$notIn":[]}}"#, ["a"], "a not in []"),
        (#"{"a":{"$notIn":[ true , "\n" ]}}"#, ["a"], #"a not in [true, e'\n']"#),
        (#"{"a":{"$not":{"$gt":1,"$lt":5}}}"#, ["a"], "not[and[a > 1, a < 5]]"),
        (#"{"a":{"$not":{"$not":{"$in":[1]}}}}"#, ["a"], "not[not[a in [1]]]"),
        (#"{"$or":[{"b":1},{"a":2,"c":null}]}"#, ["a", "b", "c"], "or[b = 1, and[a = 2, c is null]]"),
        (#"{"$or":[{"a":1}]}"#, ["a"], "a = 1"),
        (#"{"$and":[{"a":1},{"a":2}]}"#, ["a"], "and[a = 1, a = 2]"),
        (#"{"a":1,"$and":[{"a":2}]}"#, ["a"], "and[a = 1, a = 2]"),
        (
            #"{"$and":[{"a":{"$gt":1}},{"$or":[{"b":1},{"c":1}]}],"d":1}"#, ["a", "b", "c", "d"],
            "and[and[a > 1, or[b = 1, c = 1]], d = 1]"
        ),
        (#"{"a":{"\u0024gt":1}}"#, ["a"], "a > 1"),
        (#"{"$or":[{"\u0061":1},{"a":2}]}"#, ["a"], "or[a = 1, a = 2]"),
    ])
    func `anything else is a predicate`(json: String, columns: [String], summary: String) throws {
        let entry = DecodedEntry(#"{"op":"update","table":"t","set":{"z":0,"y":1},"where":\#(json)}"#)
        #expect(entry.summary == "update public.t set y=1 z=0 where (\(summary))")
        let signature = try #require(entry.window.signatures.first)
        #expect(!signature.isEquality)
        #expect(signature.whereColumns == columns)
        #expect(entry.window.cells.count == 2)
        let deletion = DecodedEntry(#"{"where":\#(json),"op":"delete","table":"t"}"#)
        #expect(deletion.summary == "delete public.t where (\(summary))")
        #expect(deletion.window.cells.isEmpty)
    }

    @Test(arguments: [
        #"{}"#, #"{"$and":[]}"#, #"{"$or":[]}"#, #"{"$and":[{}]}"#, #"{"$or":[{"a":1},{}]}"#, #"{"a":1,"$and":[]}"#,
        #"{"a":{}}"#, #"{"a":{"b":1}}"#, #"{"a":{"$gt":1,"b":1}}"#, #"{"a":{"$foo":1}}"#, #"{"a":{"$eq":1}}"#,
        #"{"$foo":1}"#, #"{"$gt":1}"#, #"{"$not":{"a":1}}"#, #"{"$and":{"a":1}}"#, #"{"$or":1}"#, #"{"$and":[1]}"#,
        #"{"$or":[[{"a":1}]]}"#, #"{"a":{"$in":1}}"#, #"{"a":{"$in":null}}"#, #"{"a":{"$in":[{"b":1}]}}"#,
        #"{"a":{"$notIn":{}}}"#, #"{"a":{"$gt":null}}"#, #"{"a":{"$lt":{"x":1}}}"#, #"{"a":{"$ne":{"$gt":1}}}"#,
        #"{"a":{"$not":{}}}"#, #"{"a":{"$not":{"x":1}}}"#, #"{"a":{"$and":[{"$gt":1}]}}"#,
        #"{"a":1,"a":1}"#, #"{"a":1,"\u0061":1}"#, #"{"a":null,"a":1}"#, #"{"$and":[{"a":1,"a":1}]}"#,
        #"{"$and":[{"a":1}],"$and":[{"b":1}]}"#, #"{"$and":[{"a":1}],"\u0024and":[{"b":1}]}"#,
        #"{"a":{"$gt":1,"$gt":2}}"#, "[]", "1", "null", "\"a\"", "true",
    ])
    func `a where that says nothing clear is a failure`(json: String) {
        for start in [#""op":"delete""#, #""op":"update","set":{"b":1}"#] {
            let entry = DecodedEntry(#"{\#(start),"table":"t","where":\#(json)}"#)
            #expect(entry.failure != nil, "\(entry.summary)")
            #expect(entry.window.cells.isEmpty)
            #expect(entry.window.predicates.isEmpty)
            #expect(entry.window.signatures.isEmpty)
        }
    }

    @Test func `predicates may be as deep as JSON`() {
        // Three levels around the value of `a`, two for each $not around it.
        func entry(_ depth: Int) -> DecodedEntry {
            let json = String(repeating: #"{"$not":"#, count: depth) + "1" + String(repeating: "}", count: depth)
            return DecodedEntry(#"{"op":"delete","table":"t","where":{"a":\#(json)}}"#)
        }
        #expect(entry(126).failure == nil)
        #expect(entry(127).failure?.reason == "more than 128 levels of brackets")
        let clauses = String(repeating: #"{"$or":["#, count: 63) + #"{"a":1}"# + String(repeating: "]}", count: 63)
        #expect(
            DecodedEntry(#"{"op":"delete","table":"t","where":\#(clauses)}"#).summary == "delete public.t where (a = 1)"
        )
    }
}
