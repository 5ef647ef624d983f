import Drain
import Logging
import Redis
import Testing

@testable import Settings

@Suite("Values")
struct ValueTests {
    struct CountCase: Sendable, CustomTestStringConvertible {
        let row: any SettingRow
        let range: ClosedRange<Int>
        var testDescription: String { row.name }
    }

    static let counts = [
        CountCase(row: SettingsTable.streamReadCount, range: 1...50_000),
        CountCase(row: SettingsTable.windowBytes, range: 1...1_073_741_824),
        CountCase(row: SettingsTable.streamLinger, range: 0...1000),
        CountCase(row: SettingsTable.streamBlock, range: 10...60_000),
        CountCase(row: SettingsTable.workers, range: 1...64),
        CountCase(row: SettingsTable.leaseTTL, range: 300...600_000),
        CountCase(row: SettingsTable.insertBatchSize, range: 1...50_000),
        CountCase(row: SettingsTable.batchChunkSize, range: 1...10_000),
        CountCase(row: SettingsTable.copyBatchSize, range: 0...10_000),
        CountCase(row: SettingsTable.batchRetryAttempts, range: 1...100),
        CountCase(row: SettingsTable.breakerPercent, range: 0...100),
        CountCase(row: SettingsTable.liveRefresh, range: 50...60_000),
    ]

    @Test("Both ends of a range are taken, and one beyond either is refused with the range", arguments: counts)
    func ranges(count: CountCase) async throws {
        for good in [count.range.lowerBound, count.range.upperBound] {
            let settings = try await load(environment: [count.row.name: "\(good)"])
            #expect(settings.redacted.contains { $0.name == count.row.name && $0.value == "\(good)" })
        }
        for bad in [count.range.lowerBound - 1, count.range.upperBound + 1] {
            let error = try await mistake { try await load(environment: [count.row.name: "\(bad)"]) }
            #expect(error.exitCode == 78)
            #expect(error.setting == count.row.name)
            #expect(error.description.contains("\(count.row.name) is \"\(bad)\""))
            #expect(error.description.contains("from \(count.range.lowerBound) to \(count.range.upperBound)"))
        }
    }

    @Test(
        "A number is whole, in decimal digits, and neither rounded nor wrapped",
        arguments: [
            "ten", "1e3", "10.0", "0x10", "1_000", "1,000", "10 20", "--", "٣", "10s", "true", "null",
            "9223372036854775808", "18446744073709551617", "99999999999999999999999999", "-9223372036854775809",
        ]
    )
    func badNumbers(text: String) async throws {
        for settings in [["--insert-batch-size=\(text)"], ["--stream-block-ms=\(text)"]] {
            let error = try await mistake { try await load(settings) }
            #expect(error.code == .badValue)
            #expect(error.exitCode == 78)
        }
        let inFile = try await mistake { try await load(yaml: "insert_batch_size: \"\(text)\"") }
        #expect(inFile.code == .badValue)
    }

    @Test("Blanks around a number do not count")
    func blanks() async throws {
        #expect(try await load(environment: ["WORKERS": " 8\n"]).workers == 8)
    }

    @Test("Milliseconds take no unit: the name has it already")
    func millisecondsHaveNoUnit() async throws {
        let error = try await mistake { try await load(environment: ["STREAM_BLOCK_MS": "250ms"]) }
        #expect(
            error.description
                == "STREAM_BLOCK_MS is \"250ms\" (environment): give a whole number of milliseconds from 10 to 60000"
        )
    }

    @Test(
        "Booleans take three spellings in any case",
        arguments: [
            ("true", true), ("TRUE", true), ("1", true), ("Yes", true),
            ("false", false), ("False", false), ("0", false), ("NO", false),
        ]
    )
    func booleans(text: String, value: Bool) async throws {
        #expect(try await load(environment: ["BATCHED_CREATE_ENABLED": text]).batchedCreateEnabled == value)
        #expect(try await load(yaml: "batched_create_enabled: \(text)").batchedCreateEnabled == value)
        #expect(try await load(environment: ["LEDGER": text]).ledger == value)
    }

    @Test("Other words are no boolean", arguments: ["on", "y", "t", "2", "-1", "truee", " "])
    func badBooleans(text: String) async throws {
        let error = try await mistake { try await load(environment: ["BATCHED_CREATE_ENABLED": text]) }
        #expect(error.exitCode == 78)
        #expect(error.remedy == "give true or false (also 1, 0, yes, no)")
    }

    @Test("The ledger is on or off", arguments: [("on", true), ("OFF", false)])
    func ledger(text: String, value: Bool) async throws {
        #expect(try await load(environment: ["LEDGER": text]).ledger == value)
        #expect(try await load(yaml: "ledger: \(text)").ledger == value)
    }

    @Test("Words count in any case")
    func words() async throws {
        let settings = try await load(environment: [
            "ORDERING": "None", "ON_PARSE_FAILURE": "DEAD_LETTER", "ON_WRITE_FAILURE": "Stop", "LOG_LEVEL": "DEBUG",
            "LOG_FORMAT": "JSON", "STREAM_RETENTION": "Forever", "ADMIN_ADDRESS": "OFF",
        ])
        #expect(settings.ordering == .none)
        #expect(settings.onParseFailure == .deadLetter)
        #expect(settings.onWriteFailure == .stop)
        #expect(settings.logLevel == .debug)
        #expect(settings.logFormat == .json)
        #expect(settings.streamRetention == .forever)
        #expect(settings.adminAddress == nil)
    }

    @Test("An unknown word is answered with the known ones")
    func badWords() async throws {
        let error = try await mistake { try await load(["--log-level", "verbose"]) }
        #expect(
            error.description == "LOG_LEVEL is \"verbose\" (flag --log-level): "
                + "give one of trace, debug, info, notice, warning, error, critical"
        )
        #expect(try await mistake { try await load(["--on-parse-failure", "dead letter"]) }.exitCode == 78)
    }

    @Test(
        "Durations take a unit, and a bare number is seconds",
        arguments: [
            ("250ms", Duration.milliseconds(250)), ("30s", .seconds(30)), ("10m", .seconds(600)), ("5", .seconds(5)),
            ("0", .zero), ("0s", .zero), ("007s", .seconds(7)), (" 3s ", .seconds(3)),
        ]
    )
    func durations(text: String, value: Duration) async throws {
        #expect(try await load(environment: ["REFUSAL_GRACE": text]).refusalGrace == value)
        #expect(try await load(yaml: "refusal_grace: \(text)").refusalGrace == value)
    }

    @Test("Retention reaches from nothing over days to forever")
    func retention() async throws {
        func retention(_ text: String) async throws -> Retention {
            try await load(environment: ["STREAM_RETENTION": text]).streamRetention
        }
        #expect(try await retention("1h") == .duration(.seconds(3600)))
        #expect(try await retention("7d") == .duration(.seconds(604_800)))
        #expect(try await retention("3650d") == .duration(.seconds(315_360_000)))
        #expect(try await retention("forever") == .forever)
    }

    @Test(
        "A duration with a sign, a fraction, another unit or beyond its range is refused",
        arguments: [
            "-5s", "-1", "+5s", "1.5s", "5 s", "5S", "s", "5sec", "1h30m", "٣s", "601", "11m", "3651d", "forever5",
            "9223372036854775807d", "9223372036854775808ms", "1e2", "ms",
        ]
    )
    func badDurations(text: String) async throws {
        let error = try await mistake { try await load(["--refusal-grace=\(text)"]) }
        #expect(error.exitCode == 78)
        #expect(error.remedy == "give a duration from 0s to 10m, such as 250ms, 30s, 15m, 1h or 7d")
    }

    @Test(
        "A retention beyond ten years is refused, and told of forever",
        arguments: ["3651d", "99999999999999d", "ever"]
    )
    func badRetention(text: String) async throws {
        let error = try await mistake { try await load(["--stream-retention", text]) }
        #expect(error.remedy.hasSuffix("or forever"))
    }

    @Test("A name keeps its blanks, and an empty one is refused")
    func names() async throws {
        #expect(try await load(environment: ["STREAM_GROUP": " my group "]).streamGroup == " my group ")
        for flag in ["--stream-group", "--stream-consumer", "--database-schema", "--live-prefix"] {
            #expect(try await mistake { try await load(["\(flag)="]) }.exitCode == 78)
            #expect(try await mistake { try await load(["\(flag)=  "]) }.description.contains("which is empty"))
        }
    }

    @Test(
        "The admin address is a host and a port",
        arguments: [
            ("0.0.0.0:80", "0.0.0.0", 80), ("[::1]:9999", "::1", 9999), ("localhost:0", "localhost", 0),
            ("metrics.example:65535", "metrics.example", 65_535),
        ]
    )
    func adminAddress(text: String, host: String, port: Int) async throws {
        let address = try #require(try await load(environment: ["ADMIN_ADDRESS": text]).adminAddress)
        #expect(address.host == host)
        #expect(address.port == port)
        #expect(address.description == text)
    }

    @Test(
        "An admin address without a host or a port is refused",
        arguments: [
            ":9999", "9999", "localhost", "localhost:", "::1:9999", "[::1]", "[::1]9999", "[]:1", "[::1:9999",
            "h:65536",
            "h:-1", "h:+1", "h:http", "a b:1", "h:99999999999999999999", "on",
        ]
    )
    func badAdminAddress(text: String) async throws {
        let error = try await mistake { try await load(["--admin-address=\(text)"]) }
        #expect(error.exitCode == 78)
    }
}
