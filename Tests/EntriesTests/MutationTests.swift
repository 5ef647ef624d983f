import Entries
import Foundation
import TestSupport
import Testing

@Suite struct MutationTests {
    @Test(arguments: 0..<20 as Range<UInt64>)
    func `entries drawn at random are read as they were meant`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var decoder = EntryDecoder(defaultSchema: "public")
        for _ in 0..<15 {
            let random = RandomEntry(using: &generator)
            // The decoder remembers shapes of other entries; that must not show.
            let window = Window(entries: [Array(random.json.utf8)], reusing: &decoder)
            #expect(window.failure(of: 0) == nil, "\(random.json)")
            #expect(DecodedEntry(random.json).texts == random.texts, "\(random.json)")
            #expect(window.summary(of: 0) == DecodedEntry(random.json).summary)
        }
    }

    /// What the decoder says of JSON that is no JSON; anything else that it refuses is JSON.
    private static let grammar = [
        "must stand here", "ends too early", "invalid UTF-8", "unknown escape", "lone surrogate", "control character",
        "after the JSON value",
        "not a JSON object",
    ]

    private static let seeds: [[UInt8]] = [
        #"{"op":"create","table":"atlas_app.person","row":{"id":"person-123","name":"J\u00f6hn \ud83d\ude00","n":-12.5e3,"tags":["a","b"],"meta":{"k":[1,null,true]}},"forceDrainToDB":false}"#,
        #"{"op":"update","table":"person","set":{"name":"ಬೆಂಗಳೂರು","x":null},"where":{"id":"person-123","y":7}}"#,
        #"{"op":"update","table":"t","set":{"a":1},"where":{"$or":[{"b":{"$gt":1,"$lte":5}},{"c":{"$in":[1,2,null]}},{"d":{"$not":{"$ne":"x"}}}]}}"#,
        #"{"op":"delete","table":"t","where":{"$and":[{"a":1},{"b":"2"}]},"x":{"y":[[],{}]}}"#,
    ].map { Array($0.utf8) }

    private static func mutate(_ body: [UInt8], using generator: inout SeededGenerator) -> [UInt8] {
        var body = body
        for _ in 0..<Int.random(in: 1...3, using: &generator) {
            let place = Int.random(in: 0...body.count, using: &generator)
            switch Int.random(in: 0..<7, using: &generator) {
            case 0 where place < body.count: body[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            case 1: body.removeSubrange(place...)
            case 2: body.insert(UInt8.random(in: 0...255, using: &generator), at: place)
            case 3:
                let piece = Array(#"{}[]",:\/"0123456789eE+-.truefalsn$u "#.utf8).randomElement(using: &generator)
                body.insert(piece ?? 0, at: place)
            case 4 where place < body.count: body.remove(at: place)
            case 5:
                let other = seeds.randomElement(using: &generator) ?? []
                let from = Int.random(in: 0...other.count, using: &generator)
                body = Array(body[..<place] + other[from...])
            default:
                let end = Int.random(in: place...body.count, using: &generator)
                body.insert(contentsOf: body[place..<end].prefix(20), at: place)
            }
        }
        return body
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `broken entries are refused, and where the rules agree, as another reader refuses them`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: 1000 + seed)
        var decoder = EntryDecoder(defaultSchema: "public")
        var accepted = 0
        var refused = 0
        for _ in 0..<200 {
            let body = Self.mutate(Self.seeds.randomElement(using: &generator) ?? [], using: &generator)
            let window = Window(entries: [Self.seeds[0], body, Self.seeds[0]], reusing: &decoder)
            let text = String(decoding: body, as: UTF8.self)
            let isJSON =
                String(validating: body, as: UTF8.self) != nil
                && (try? JSONSerialization.jsonObject(with: Data(body))) is [String: Any]
            if let failure = window.failure(of: 1) {
                refused += 1
                #expect(window.commands.count == 2)
                if isJSON {
                    let isGrammar = Self.grammar.contains { failure.reason.contains($0) }
                    // Foundation lets an object end after a comma.
                    let isAfterComma = body.prefix(failure.offset ?? 0).last { $0 > 0x20 } == UInt8(ascii: ",")
                    #expect(!isGrammar || isAfterComma, "\(failure): \(text)")
                }
                if let offset = failure.offset { #expect((0...body.count).contains(offset)) }
            } else {
                accepted += 1
                #expect(isJSON, "\(text)")
                #expect(window.commands.count == 3)
                #expect(window.summary(of: 1) == DecodedEntry(bytes: body).summary)
            }
            // Its neighbours are not touched.
            #expect(window.summary(of: 2) == window.summary(of: 0))
            #expect(window.cells.count == (window.commands.map { window.cells(of: $0).count }.reduce(0, +)))
        }
        #expect(accepted > 0 && refused > 0)
    }

    @Test(arguments: Self.seeds.indices)
    func `an entry cut short anywhere is a failure`(seed: Int) {
        let body = Self.seeds[seed]
        #expect(DecodedEntry(bytes: body).failure == nil)
        let window = Window(entries: body.indices.map { Array(body[..<$0]) })
        #expect(window.commands.isEmpty)
        #expect(window.cells.isEmpty && window.predicates.isEmpty && window.signatures.isEmpty)
    }
}
