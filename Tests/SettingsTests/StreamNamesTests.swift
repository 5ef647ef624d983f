import Testing

@testable import Settings

@Suite("Stream names")
struct StreamNamesTests {
    @Test("A range in braces stands for its shards, and the braces stay")
    func expansion() async throws {
        let names = try await load(["--stream-names", "events{shard-0..127}"]).streamNames
        #expect(names.count == 128)
        #expect(names.first == "events{shard-0}")
        #expect(names.last == "events{shard-127}")
    }

    @Test(
        "A list keeps its order from every source",
        arguments: ["a,b{x-9..11}:z,c{tag}", " a , b{x-9..11}:z,\tc{tag} "]
    )
    func lists(text: String) async throws {
        let names = ["a", "b{x-9}:z", "b{x-10}:z", "b{x-11}:z", "c{tag}"]
        #expect(try await load(["--stream-names", text]).streamNames == names)
        #expect(try await load(["--stream-names=\(text)"]).streamNames == names)
        #expect(try await load(environment: ["STREAM_NAMES": text]).streamNames == names)
        #expect(try await load(yaml: "stream_names: \"\(text.trimmed)\"").streamNames == names)
        #expect(try await load(yaml: "stream_names: \(text.trimmed.replacing("\t", with: ""))").streamNames == names)
    }

    @Test("A range may stand alone, and may hold one stream")
    func smallRanges() async throws {
        #expect(try await load(["--stream-names", "{0..1},x{7..7}"]).streamNames == ["{0}", "{1}", "x{7}"])
    }

    @Test(
        "Braces without a range are Redis' own hash tags",
        arguments: ["a{b}", "a{b", "a}b{", "a..b", "a{}", "a{b}{c}"]
    )
    func literals(name: String) async throws {
        #expect(try await load(["--stream-names", name]).streamNames == [name])
    }

    @Test(
        "What looks like a range and is none is refused",
        arguments: [
            "a{5..1}", "a{0..}", "a{..3}", "a{x..y}", "a{0..x}", "a{00..12}", "a{0..012}", "a{0..1}{0..1}",
            "a{0..1..2}",
            "a{0...2}", "a{0..99999999999999999999}", "a{..}", "a{0..-1}",
        ]
    )
    func badRanges(name: String) async throws {
        let error = try await mistake { try await load(["--stream-names", name]) }
        #expect(error.exitCode == 78)
        #expect(error.remedy.contains("events{shard-0..127}"))
    }

    @Test("An empty name is refused", arguments: ["", ",", "a,", ",a", "a,,b", " ", "a, ,b"])
    func emptyNames(text: String) async throws {
        let error = try await mistake { try await load(["--stream-names=\(text)"]) }
        #expect(error.what.contains("an empty name"))
    }

    @Test("A name given twice is refused, also when a range gives it", arguments: ["a,b,a", "s{0..9},s{3}", "a, a"])
    func duplicates(text: String) async throws {
        let error = try await mistake { try await load(["--stream-names=\(text)"]) }
        #expect(error.what.contains("twice"))
    }

    @Test("65536 streams are taken and one more is not, however they are given")
    func absurdExpansions() async throws {
        #expect(try await load(["--stream-names", "a{0..65535}"]).streamNames.count == 65_536)
        for text in [
            "a{0..65536}", "a{0..9223372036854775807}", "a{0..65535},b", "a{0..40000},b{0..40000}", "a{1..65535},b,c",
        ] {
            let error = try await mistake { try await load(["--stream-names", text]) }
            #expect(error.what.contains("more than 65536 streams"))
        }
    }
}
