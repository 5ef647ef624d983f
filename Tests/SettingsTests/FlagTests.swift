import Drain
import Logging
import Redis
import Testing

@testable import Settings

@Suite("Flags")
struct FlagTests {
    @Test("A value stands behind a blank or an equals sign, and keeps every comma, brace and equals sign")
    func values() async throws {
        let settings = try await load(["--stream-group", "a=b,c", "--live-prefix={x},=y:", "--workers=2"])
        #expect(settings.streamGroup == "a=b,c")
        #expect(settings.livePrefix == "{x},=y:")
        #expect(settings.workers == 2)
        let database = try await load(["--database-url=host=a,b password=p,=--w"]).database
        #expect(database.text == "host=a,b password=p,=--w")
        #expect(try await load(["--redis-url=redis://:p,w@h"]).redis.password == "p,w")
    }

    @Test(
        "A negative number is told to be out of range",
        arguments: [["--insert-batch-size", "-5"], ["--insert-batch-size=-5"]]
    )
    func negative(arguments: [String]) async throws {
        let error = try await mistake { try await load(arguments) }
        #expect(
            error.description
                == "INSERT_BATCH_SIZE is \"-5\" (flag --insert-batch-size): give a whole number from 1 to 50000"
        )
        #expect(error.exitCode == 78)
    }

    @Test(
        "A mistake on the command line itself is one of usage",
        arguments: [
            ["--insert-batch-siz", "5"], ["--workers"], ["--workers", "--ledger", "on"],
            ["--workers", "1", "--workers", "1"],
            ["--workers=1", "--workers=1"], ["workers=1"], ["-w", "1"], ["--"], ["--config"], ["--config="],
            ["--config", "a", "--config", "b"], ["--WORKERS", "1"], ["--insert_batch_size", "1"],
            ["--workers", "1", "2"],
            [""], ["=1"], ["--=1"],
        ]
    )
    func usage(arguments: [String]) async throws {
        let error = try await mistake { try await load(arguments) }
        #expect(error.code == .usage)
        #expect(error.exitCode == 64)
        #expect(error.setting == nil)
    }

    @Test(
        "A misspelt flag is answered with the one that was meant",
        arguments: ["--insert-batch-siz", "--insert_batch_size", "--INSERT-BATCH-SIZE", "--insertbatchsize=1"]
    )
    func guess(flag: String) async throws {
        let error = try await mistake { try await load([flag, "1"]) }
        #expect(error.remedy == "did you mean --insert-batch-size?")
    }

    @Test("An unknown flag does not repeat its value")
    func unknownFlagWithSecret() async throws {
        for arguments in [["--password=secret"], ["redis://u:secret@h"], ["--workers", "1", "password=secret"]] {
            #expect(!(try await mistake { try await load(arguments) }).description.contains("secret"))
        }
    }
}
