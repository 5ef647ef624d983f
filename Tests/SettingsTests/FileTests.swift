import Drain
import Foundation
import Logging
import Redis
import Testing

@testable import Settings

@Suite("The file of settings")
struct FileTests {
    @Test(
        "A number is read however YAML types it",
        arguments: ["1000", "\"1000\"", "'1000'", "!!str 1000", "!!int 1000", "1000 # entries", "&a 1000", "|\n  1000"]
    )
    func numbers(text: String) async throws {
        #expect(try await load(yaml: "stream_read_count: \(text)\n").streamReadCount == 1000)
    }

    @Test("Scalars of every kind are text to the table")
    func scalars() async throws {
        let settings = try await load(
            yaml: """
                batched_create_enabled: no
                refusal_grace: 5s
                batch_retry_delay: 2
                stream_group: 007
                stream_consumer: 1e3
                live_prefix: "drainer:"
                database_schema: 123456789012345678901234567890.50
                admin_address: off
                """
        )
        #expect(!settings.batchedCreateEnabled)
        #expect(settings.refusalGrace == .seconds(5))
        #expect(settings.batchRetryDelay == .seconds(2))
        #expect(settings.streamGroup == "007")
        #expect(settings.streamConsumer == "1e3")
        #expect(settings.databaseSchema == "123456789012345678901234567890.50")
        #expect(settings.adminAddress == nil)
    }

    @Test(
        "A float or a number too large is refused, not rounded",
        arguments: ["1000.0", "1e3", ".inf", "0x3E8", "1_000", "9223372036854775808", "123456789012345678901234567890"]
    )
    func changedNumbers(text: String) async throws {
        try await withFile("stream_read_count: \(text)\n") { path in
            let error = try await mistake { try await load(["--config", path]) }
            #expect(
                error.description
                    == "STREAM_READ_COUNT is \"\(text)\" (stream_read_count in \(path)): give a whole number from 1 to 50000"
            )
        }
    }

    @Test(
        "A list, a map or nothing is no value",
        arguments: [
            ("[1]", "a list"), ("[]", "a list"), ("\n  - 1", "a list"), ("{a: 1}", "a map"), ("{}", "a map"),
            ("\n  deep: {er: 1}", "a map"), ("[[1]]", "a list"), ("", "nothing"), ("~", "nothing"), ("null", "nothing"),
        ]
    )
    func wrongShapes(text: String, found: String) async throws {
        for key in ["workers", "stream_group"] {
            let error = try await mistake { try await load(yaml: "# one\n\(key): \(text)\n") }
            #expect(error.code == .badValue)
            #expect(error.exitCode == 78)
            #expect(error.what.hasPrefix("\(key.uppercased()) is \(found) (\(key) in "))
            #expect(error.what.hasSuffix(", line 2)"))
        }
    }

    @Test("A quoted null is text")
    func quotedNull() async throws {
        #expect(try await load(yaml: "stream_group: 'null'").streamGroup == "null")
        #expect(try await mistake { try await load(yaml: "stream_group: ''") }.what.contains("is empty"))
    }

    @Test(
        "An unknown key ends it, with its line and a guess",
        arguments: [
            ("insert_batch_siz: 1", "did you mean insert_batch_size?"),
            ("INSERT_BATCH_SIZE: 1", "did you mean insert_batch_size?"),
            ("insert-batch-size: 1", "did you mean insert_batch_size?"),
            ("config: x", "remove it, see drainer run --help for the settings"),
            ("drainer: {workers: 1}", "remove it, see drainer run --help for the settings"),
            ("insert.batch.size: 1", "did you mean insert_batch_size?"),
            ("? [a, b]\n: 1", "remove it, see drainer run --help for the settings"),
            ("1: 1", "remove it, see drainer run --help for the settings"),
            ("<<: {workers: 1}", "remove it, see drainer run --help for the settings"),
        ]
    )
    func unknownKeys(text: String, remedy: String) async throws {
        let error = try await mistake { try await load(yaml: "workers: 2\n\(text)\n", ["--workers", "1"]) }
        #expect(error.code == .unknownKey)
        #expect(error.exitCode == 78)
        #expect(error.remedy == remedy)
        #expect(error.what.hasSuffix(", line 2"))
    }

    @Test(
        "A file that is no flat mapping in YAML is told in one line",
        arguments: [
            "- workers", "workers", "12", "workers: 1\nworkers: 2", "a: b: c", "live_prefix: drainer:", "\tworkers: 1",
            "workers: [", "workers: 1\n---\nworkers: 2\n", "workers: *nowhere", "workers: \"", "{", "\u{1}",
        ]
    )
    func brokenFiles(text: String) async throws {
        let error = try await mistake { try await load(yaml: text) }
        #expect(error.code == .file)
        #expect(error.exitCode == 78)
        #expect(!error.description.contains("\n"))
    }

    @Test("A broken line is not quoted: a password may stand in it")
    func brokenLineWithSecret() async throws {
        for text in [
            "redis_url: redis://:secret@h: x", "database_url: \"password=secret", "redis_url redis://:secret@h",
            "redis://u:secret@h: 1", "'password=secret': 1", "redis_url: [\"redis://:secret@h\"]",
            "redis_url: {secret: 1}",
        ] {
            let error = try await mistake { try await load(yaml: text) }
            #expect(!error.description.contains("secret"))
        }
    }

    @Test("Bytes that are no UTF-8 are refused")
    func notUTF8() async throws {
        try await withFile("") { path in
            try Data([0x77, 0x3A, 0x20, 0xFF, 0xFE]).write(to: URL(filePath: path))
            #expect(try await mistake { try await load(["--config", path]) }.code == .file)
        }
    }

    @Test("A file without a setting sets nothing", arguments: ["", "\n", "# nothing\n", "---\n", "{}", "null", "~\n"])
    func emptyFiles(text: String) async throws {
        #expect(try await load(yaml: text).workers == 1)
    }

    @Test("A file that is missing or cannot be read is named with who asked for it")
    func missingFile() async throws {
        let byFlag = try await mistake { try await load(["--config", "/nowhere/drainer.yaml"]) }
        #expect(byFlag.code == .file)
        #expect(byFlag.exitCode == 78)
        #expect(byFlag.what == "the file of settings /nowhere/drainer.yaml (--config) does not exist")
        let byVariable = try await mistake { try await load(environment: ["DRAINER_CONFIG": "/nowhere/drainer.yaml"]) }
        #expect(byVariable.what.contains("(DRAINER_CONFIG)"))
        let directory = try await mistake { try await load(["--config", "/"]) }
        #expect(directory.what == "the file of settings / (--config) cannot be read")
    }
}
