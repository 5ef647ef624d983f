import Entries
import TestSupport
import Testing

@Suite struct KVCommandTests {
    @Test func `the examples say what they say`() throws {
        let create = DecodedEntry(try WireExample.create.text)
        #expect(create.window.signatures.first?.table.description == "public.booking_cancellation_reason")
        #expect(
            create.texts == [
                "additional_info": "Driver said \"not coming\" – ठीक है\n(2nd time)",
                "booking_id": "7d0f2a52-6a0e-4b7c-9f5d-2f0b1c9c1e11", "created_at": "2026-08-18 13:48:46.121123 UTC",
                "distance_unit": "Kilometer", "driver_cancellation_location_lat": "12.9715987",
                "driver_cancellation_location_lon": "77.594566", "driver_dist_to_pickup": "1240",
                "driver_dist_to_pickup_value": "1240.0", "merchant_id": "da4e23a5-3ce6-4c37-8b9b-41377c3c1a51",
                "reason_code": "WAIT_TIME_TOO_LONG", "reason_stage": "OnAssign", "ride_id": nil,
                "rider_id": "9c3b7b1e-0f0e-4f0c-9d53-5f4c4e6b7a10", "source": "ByUser",
                "updated_at": "2026-08-18 13:48:46.121123 UTC",
            ]
        )
        #expect(
            DecodedEntry(try WireExample.update.text).summary
                == "update public.rating set feedback_details='it's ok' media_id=SqlNull rating_value='4' "
                + "updated_at='2026-08-18 13:49:50.5 UTC' was_offered_assistance='True' "
                + "where id='5b0a7d5e-1f6f-4d0d-8c55-0f7f25e2a4d1'"
        )
        let mapped = DecodedEntry(try WireExample.updateWithMappings.text)
        #expect(
            mapped.window.signatures.first?.columns == [
                "bpp_ride_booking_id", "config_in_experiment_versions", "discount", "driver_preference", "status",
                "updated_at",
            ]
        )
        #expect(mapped.texts["where.id"] == "3f1d9c1a-0a54-4b57-8a5c-5d7f8f7c2b10")
        #expect(mapped.window.signatures.first?.isEquality == true)
        #expect(
            DecodedEntry(try WireExample.delete.text).summary
                == "delete public.fare_breakup where booking_id='7d0f2a52-6a0e-4b7c-9f5d-2f0b1c9c1e11' "
                + "entity_type='BOOKING' id='0c4b6c0e-5a2d-4a2e-9d2c-6f0f3b1b8a77'"
        )
    }

    @Test(arguments: WireExample.allCases)
    func `an example cut short anywhere is a failure, and so it leaves nothing behind`(example: WireExample) throws {
        let body = try example.bytes
        #expect(DecodedEntry(bytes: body).failure == nil)
        let window = Window(entries: body.indices.map { Array(body[..<$0]) })
        #expect(window.commands.isEmpty)
        #expect(window.cells.isEmpty && window.predicates.isEmpty && window.signatures.isEmpty)
    }

    private static let row = #"{"aB":"1","c":"\"x\""}"#
    private static let clause = #"{"clauseTag":"where","clauseContents":{"id":"7"}}"#

    @Test(arguments: [
        #"{"tag":"Create","contents_v2":{"tag":"k","timestamp":1,"cmdVersion":"V2","dbName":"d","command":{"tag":"FooBarObject","contents":\#(row)}}}"#,
        #"{"contents_v2":{"command":{"contents":\#(row),"tag":"FooBarObject"},"dbName":null,"cmdVersion":{"x":[1,1]},"tag":"k","timestamp":1.5e3},"tag":"Create","mappings":{},"forceDrainToDB":false}"#,
        #" { "x" : 1 , "contents_v2" : { "y" : [ ] , "tag" : "k" , "timestamp" : 1 , "cmdVersion" : "V2" , "dbName" : "d" , "command" : { "z" : { } , "tag" : "FooBarObject" , "contents" : { "aB" : "1" , "c" : "\"x\"" } } } , "tag" : "Create" } "#,
        #"{"\u0074ag":"Cre\u0061te","contents_v\u0032":{"tag":"k","timestamp":1,"cmdVersion":"V2","dbName":"d","comm\u0061nd":{"tag":"FooBarObject","contents":{"\u0061B":"1","c":"\u0022x\u0022"}}}}"#,
        #"{"table":5,"row":[],"set":1,"where":null,"forceDrainToDB":false,"contents_v2":{"tag":"k","timestamp":1,"cmdVersion":"V2","dbName":"d","command":{"tag":"FooBarObject","contents":\#(row)}},"tag":"Create"}"#,
    ])
    func `order and spelling of keys are free and unknown keys are ignored`(json: String) {
        #expect(DecodedEntry(json).summary == "create public.foo_bar row a_b='1' c='x'")
    }

    @Test(arguments: [
        (
            #"[[{"key":"aB","value":"1"}],[\#(clause)]]"#, "a_b='1'"
        ),
        (
            #"[ [ { "value" : "1" , "x" : 0 , "key" : "aB" } , {"key" : "c","value":"2"} ] , [ \#(clause) ] ]"#,
            "a_b='1' c='2'"
        ),
        (
            #"[[{"key":"aB","value":"1" },{"key":"c", "value":"2"},{"k\u0065y":"d","value":["\"x\""]}],[\#(clause)]]"#,
            #"a_b='1' c='2' d=["\"x\""]"#
        ),
    ])
    func `an update is a list of columns and a where`(contents: String, set: String) {
        let entry = KVText.entry(tag: "Update", type: "TOptions", contents: contents)
        #expect(DecodedEntry(entry).summary == "update public.t set \(set) where id='7'")
    }

    @Test func `the tables are those of the schema that is set`() {
        let decoder = EntryDecoder(defaultSchema: "atlas_app")
        let window = Window(entries: [Array(KVText.create("Ride", ["id": #""1""#]).utf8)], decoder: decoder)
        #expect(window.signatures.first?.table == TableName(schema: "atlas_app", name: "ride"))
    }

    @Test func `entries may be forced`() {
        #expect(DecodedEntry(KVText.create("T", ["a": #""1""#], forced: true)).summary.hasSuffix(" forced"))
        let update = KVText.update("T", set: ["a": #""1""#], where: #"{"id":"7"}"#, forced: true)
        #expect(DecodedEntry(update).summary == "update public.t set a='1' where id='7' forced")
    }

    @Test func `mappings name columns verbatim, in the where, too`() {
        let mappings: KeyValuePairs = ["theID": "Odd Name", "fooBar": "foo", "unused": "x"]
        let create = KVText.create("T", ["theID": #""1""#, "fooBar": #""2""#, "otherID": #""3""#], mappings: mappings)
        #expect(DecodedEntry(create).summary == "create public.t row Odd Name='1' foo='2' other_id='3'")
        for clause in [
            #"{"$and":[{"theID":"1"},{"fooBar":"2"}]}"#, #"{"theID":"1","fooBar":"2"}"#,
        ] {
            let update = KVText.update("T", set: ["fooBar": #""3""#], where: clause, mappings: mappings)
            #expect(DecodedEntry(update).summary == "update public.t set foo='3' where Odd Name='1' foo='2'")
        }
        let predicate = KVText.update(
            "T",
            set: ["fooBar": #""3""#],
            where: #"{"theID":{"$gt":"1"}}"#,
            mappings: mappings
        )
        #expect(DecodedEntry(predicate).summary == "update public.t set foo='3' where (Odd Name > '1')")
    }

    @Test func `entries that differ in their mappings alone are of different signatures`() {
        let entries = [[:], ["a": "x"], ["a": "y"], [:], ["a": "x"]] as [KeyValuePairs<String, String>]
        let window = Window(entries: entries.map { Array(KVText.create("T", ["a": #""1""#], mappings: $0).utf8) })
        #expect(window.signatures.map(\.columns) == [["a"], ["x"], ["y"]])
        #expect(window.commands.map(\.signature) == [0, 1, 2, 0, 1])
    }

    @Test func `the formats stand side by side in a window`() throws {
        let native = #"{"op":"create","table":"rating","row":{"a":1}}"#
        let entries = [native, try WireExample.update.text, native, KVText.create("Rating", ["a": #""1""#]), native]
        let window = Window(entries: entries.map { Array($0.utf8) })
        #expect(window.commands.map(\.signature) == [0, 1, 0, 0, 0])
    }
}
