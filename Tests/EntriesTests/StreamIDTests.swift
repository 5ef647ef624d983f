import Entries
import Testing

@Suite struct StreamIDTests {
    @Test(arguments: [
        ("0-0", StreamID.zero), ("1700000000000-12", StreamID(milliseconds: 1_700_000_000_000, sequence: 12)),
        ("18446744073709551615-18446744073709551615", StreamID.max), ("007-00", StreamID(milliseconds: 7, sequence: 0)),
        (
            "9999999999999999999-10000000000000000000",
            StreamID(milliseconds: 9_999_999_999_999_999_999, sequence: 10_000_000_000_000_000_000)
        ),
    ])
    func `an ID is read from text and from ASCII`(text: String, id: StreamID) {
        #expect(StreamID(text) == id)
        #expect(StreamID(ascii: Array(text.utf8).span) == id)
        #expect(StreamID(id.description) == id)
        var bytes = Array("before".utf8)
        var writer = StreamIDWriter()
        writer.append(id, to: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == "before\(id)")
    }

    @Test func `numbers of every length are written`() {
        var number: UInt64 = 0
        for length in 1...19 {
            for number in [number, number + 1, number * 10 + 9] {
                let id = StreamID(milliseconds: number, sequence: .max - number)
                var bytes: [UInt8] = []
                var writer = StreamIDWriter()
                writer.append(id, to: &bytes)
                #expect(String(decoding: bytes, as: UTF8.self) == "\(number)-\(UInt64.max - number)")
            }
            number = number * 10 + UInt64(length % 10)
        }
    }

    @Test func `one writer writes IDs of one millisecond and of others`() {
        let ids = [(0, 0), (0, 9), (7, 10), (7, 11), (70, 1), (7, 12), (7, 12)].map {
            StreamID(milliseconds: $0, sequence: $1)
        }
        var writer = StreamIDWriter()
        for id in ids {
            var bytes: [UInt8] = []
            writer.append(id, to: &bytes)
            #expect(String(decoding: bytes, as: UTF8.self) == id.description)
        }
    }

    @Test(arguments: [
        "", "-", "1-", "-1", "1-2-3", "a-1", "1-a", " 1-1", "1-1 ", "+1-1", "1-+1", "--1", "1--1",
        "18446744073709551616-0",
        "0-18446744073709551616", "99999999999999999999999-0", "١-0",
    ])
    func `what is no ID is refused`(text: String) {
        #expect(StreamID(text) == nil)
        #expect(StreamID(ascii: Array(text.utf8).span) == nil)
    }

    @Test func `milliseconds alone are their first ID, in text only`() {
        #expect(StreamID("1700000000000") == StreamID(milliseconds: 1_700_000_000_000, sequence: 0))
        #expect(StreamID(ascii: Array("1700000000000".utf8).span) == nil)
    }

    @Test func `IDs are ordered by time, then by sequence`() {
        let ids = ["0-0", "0-1", "1-0", "1-18446744073709551615", "2-0", "10-0"].compactMap { StreamID($0) }
        #expect(ids.count == 6)
        #expect(ids.shuffled().sorted() == ids)
    }

    @Test(arguments: [
        ("0-0", "0-1"), ("5-18446744073709551615", "6-0"), ("18446744073709551615-3", "18446744073709551615-4"),
    ])
    func `the next ID is the smallest above`(id: String, next: String) throws {
        #expect(try #require(StreamID(id)).next == StreamID(next))
    }

    @Test func `the last ID has no next and stays`() {
        #expect(StreamID.max.next == .max)
    }
}
