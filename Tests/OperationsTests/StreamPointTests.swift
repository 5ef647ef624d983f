import Entries
import Operations
import Testing

/// Places in a stream as operators name them.
@Suite struct StreamPointTests {
    @Test(arguments: [
        ("1700000000000-5", "1700000000000-5", "1700000000000-5"),
        ("1700000000000", "1700000000000-0", "1700000000000-18446744073709551615"),
        ("2023-11-14T22:13:20Z", "1700000000000-0", "1700000000000-18446744073709551615"),
        ("2023-11-14 22:13:20", "1700000000000-0", "1700000000000-18446744073709551615"),
        ("2023-11-14T23:13:20.25+01:00", "1700000000250-0", "1700000000250-18446744073709551615"),
        ("2023-11-14T20:43:20-0130", "1700000000000-0", "1700000000000-18446744073709551615"),
        ("1970-01-02", "86400000-0", "86400000-18446744073709551615"),
    ])
    func idsAndTimes(text: String, first: String, last: String) throws {
        let point = try #require(StreamPoint(text))
        #expect(point.first.description == first && point.last.description == last)
    }

    @Test(arguments: ["", "yesterday", "2023-02-30", "2023-11-14T25:00", "1960-01-01", "-1", "+5", "1-2-3"])
    func anythingElseIsNone(text: String) {
        #expect(StreamPoint(text) == nil)
    }
}
