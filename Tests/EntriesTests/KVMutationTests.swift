import Entries
import TestSupport
import Testing

@Suite struct KVMutationTests {
    private static func seeds() throws -> [[UInt8]] {
        try WireExample.allCases.map { try $0.bytes }
            + [
                Array(
                    KVText.update(
                        "BookingX",
                        set: ["aB": #"["\"\\2336\\&1\"",["SqlNull"]]"#, "c": #""{\"a\":\"\u00e9\"}""#],
                        where: #"{"$or":[{"a":{"$in":["\"x\"",null]}},{"b":{"$not":{"$gte":"1"}}}]}"#,
                        mappings: ["aB": "a-b"]
                    ).utf8
                )
            ]
    }

    private static func mutate(_ body: [UInt8], _ seeds: [[UInt8]], using generator: inout SeededGenerator) -> [UInt8] {
        var body = body
        for _ in 0..<Int.random(in: 1...3, using: &generator) {
            let place = Int.random(in: 0...body.count, using: &generator)
            switch Int.random(in: 0..<8, using: &generator) {
            case 0 where place < body.count: body[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            case 1: body.removeSubrange(place...)
            case 2: body.insert(UInt8.random(in: 0...255, using: &generator), at: place)
            case 3, 4:
                let pieces = [
                    #"\""#, #"\\"#, "\\", "\"", #"\\&"#, #"\\ \\"#, #"\\SO"#, #"\\2336"#, #"\\x"#, #"\\^"#, #"\u0022"#,
                    #"\u005c"#, #"\n"#, "SqlNull", "[", "]", "{", "}", ",", ":", "0", "null", "$and", "true", "é",
                    "\u{7F}",
                ]
                body.insert(contentsOf: Array((pieces.randomElement(using: &generator) ?? "").utf8), at: place)
            case 5 where place < body.count: body.remove(at: place)
            case 6:
                let other = seeds.randomElement(using: &generator) ?? []
                body = Array(body[..<place] + other[Int.random(in: 0...other.count, using: &generator)...])
            default:
                let end = Int.random(in: place...body.count, using: &generator)
                body.insert(contentsOf: body[place..<end].prefix(20), at: place)
            }
        }
        return body
    }

    /// Every column's reading of every cell: none of them may crash, whatever was let through.
    private static func readAll(_ window: Window) -> Int {
        var bytes: [UInt8] = []
        for cell in window.cells where !cell.isNull {
            for reading in [CellReading.text, .integer, .json] {
                window.append(cell, readAs: reading, to: &bytes)
                window.appendArray(of: cell, delimiter: UInt8(ascii: ","), elements: reading, to: &bytes)
            }
        }
        return bytes.count
    }

    @Test(arguments: 0..<4 as Range<UInt64>)
    func `whatever the bytes, they are a command or a failure, and their neighbours stay`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let seeds = try Self.seeds()
        var decoder = EntryDecoder(defaultSchema: "public")
        var accepted = 0
        var refused = 0
        for _ in 0..<40 {
            let good = seeds.randomElement(using: &generator) ?? []
            let body = Self.mutate(good, seeds, using: &generator)
            let isPacked = Int.random(in: 0..<8, using: &generator) == 0
            let entry = isPacked ? ZstdFrame.pack(body) : body
            let window = Window(entries: [good, entry, good], reusing: &decoder)
            if let failure = window.failure(of: 1) {
                refused += 1
                #expect(window.commands.count == 2)
                if let offset = failure.offset { #expect((0...body.count).contains(offset)) }
            } else {
                accepted += 1
                #expect(String(validating: body, as: UTF8.self) != nil)
                #expect(window.summary(of: 1) == DecodedEntry(bytes: body).summary)
            }
            #expect(window.summary(of: 2) == window.summary(of: 0))
            #expect(window.cells.count == (window.commands.map { window.cells(of: $0).count }.reduce(0, +)))
            #expect(Self.readAll(window) > 0)
        }
        #expect(accepted > 0 && refused > 0)
    }

    @Test(arguments: 0..<3 as Range<UInt64>)
    func `a broken frame is a failure, or says what it says`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let seeds = try Self.seeds().map { ZstdFrame.pack($0, saysSize: $0.count % 2 == 0) }
        for _ in 0..<40 {
            let body = Self.mutate(seeds.randomElement(using: &generator) ?? [], seeds, using: &generator)
            let window = Window(entries: [seeds[0], body, seeds[0]])
            #expect(window.entries.count == 3)
            #expect(window.summary(of: 2) == window.summary(of: 0))
        }
    }

    @Test(arguments: ["x", #"\\\\"#, #"\\n"#, #"\\2336\\&"#, #"\u0041"#])
    func `a cell of 64 MB is read, and read once`(piece: String) throws {
        let size = isDebugBuild ? 1_000_000 : 64_000_000
        let text = String(repeating: piece, count: size / piece.utf8.count)
        let time = try ContinuousClock().measure { () throws in
            let entry = DecodedEntry(
                KVText.create("T", ["a": "\"\\\"\(text)\\\"\"", "b": "\"\(text)\"", "c": "[\"\(text)\"]"])
            )
            #expect(entry.failure == nil)
            let cells = entry.window.cells
            #expect(entry.window.text(of: try #require(cells.first)).utf8.count >= size / piece.utf8.count)
            #expect(entry.window.array(of: try #require(cells.last)).utf8.count > size / piece.utf8.count)
        }
        #expect(time < .seconds(60))
    }

    @Test func `many of everything take no long time`() {
        let count = isDebugBuild ? 5_000 : 100_000
        let fields = (0..<count).map { #""f\#($0)":"1""# }.joined(separator: ",")
        let terms = (0..<count).map { #"{"f\#($0)":"1"}"# }.joined(separator: ",")
        let same = [String](repeating: #"{"f":"1"}"#, count: count).joined(separator: ",")
        let mappings = (0..<count).map { #""f\#($0)":"g\#($0)""# }.joined(separator: ",")
        let texts = [String](repeating: #""\"x\"""#, count: count).joined(separator: ",")
        let time = ContinuousClock().measure {
            for entry in [
                KVText.entry(tag: "Create", type: "TObject", contents: "{\(fields)}"),
                KVText.delete("T", where: "{\"$and\":[\(terms)]}"), KVText.delete("T", where: "{\"$and\":[\(same)]}"),
                KVText.delete("T", where: "{\"$or\":[\(terms)]}"), KVText.delete("T", where: "{\(fields)}"),
                KVText.create("T", ["a": "[\(texts)]"]),
                KVText.create("T", ["a": #""1""#]).replacing(#""mappings":{}"#, with: #""mappings":{\#(mappings)}"#),
                KVText.create("T", ["a": #""1""#]).replacing(
                    #""modelObject":{}"#,
                    with: #""modelObject":{\#(fields)}"#
                ),
            ] {
                #expect(DecodedEntry(entry).failure == nil)
            }
        }
        #expect(time < .seconds(60))
    }
}
