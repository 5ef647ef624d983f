import Foundation
import TestSupport
import Testing

/// `drainer explain`: asked alone, and with the catalog.
@Suite struct ExplainTests {
    private static let example = [
        Atlas.person(1), Atlas.person(2), Atlas.location(1), Atlas.person(3), Atlas.location(2),
        Native.create("atlas_app.journey_leg", ["id": "\"leg-1\""], forced: true),
    ]

    /// Writes the entries to a file, a line each.
    private func file(_ entries: [String]) throws -> String {
        let path = "\(try TestFolder.shared.make("explain"))/entries"
        try entries.joined(separator: "\n").write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    private func explain(_ entries: [String], _ arguments: [String] = [], environment: [String: String] = [:])
        async throws -> (status: TestSupport.ExitStatus, output: String, errors: String)
    {
        try await DrainerProcess.run(["explain", try file(entries)] + arguments, environment: environment)
    }

    @Test func theWorkedExampleNeedsNoServer() async throws {
        let run = try await explain(Self.example, ["--insert-batch-size", "3"])
        #expect(run.status == .code(0) && run.errors.isEmpty, "\(run.errors)")
        #expect(run.output.hasPrefix("4 statements for 6 entries\n"), "\(run.output)")
        #expect(run.output.split(separator: "\n").allSatisfy { $0.count <= 100 }, "\(run.output)")
    }

    @Test func jsonIsForMachines() async throws {
        let run = try await explain(Self.example, ["--json"], environment: ["INSERT_BATCH_SIZE": "3"])
        let json = try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any]
        #expect((json?["statements"] as? [Any])?.count == 4 && (json?["entries"] as? [Any])?.count == 6)
    }

    @Test func theCatalogTellsTypesKeysAndWhatIsMissing() async throws {
        let schema =
            Atlas.schema + """
                CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
                CREATE TRIGGER audit AFTER INSERT ON atlas_app.location FOR EACH ROW EXECUTE FUNCTION note();
                """
        try await withScene(schema) { scene in
            let entries = [
                Atlas.location(1), Atlas.leg(1, person: 1), Native.create("atlas_app.person", ["id": "1", "age": "3"]),
                Native.create("atlas_app.nothing", ["id": "1"]),
            ]
            let run = try await explain(
                entries,
                ["--check", "--insert-batch-size=1"],
                environment: scene.environment([:])
            )
            #expect(run.status == .code(0), "\(run.errors)")
            let output = run.output
            #expect(output.contains("trigger audit (AFTER ROW)") && output.contains("barrier yes"), "\(output)")
            #expect(output.contains("types   id text, lat numeric, lon numeric"), "\(output)")
            #expect(output.contains("$2::pg_catalog.text[])::numeric"), "\(output)")
            #expect(output.contains("from_id -> atlas_app.location (id)"), "\(output)")
            #expect(output.contains("MISSING no such column: age"), "\(output)")
            #expect(output.contains("REFUSED 42703: column \"age\""), "\(output)")
            #expect(output.contains("no table atlas_app.nothing") && output.contains("REFUSED 42P01"), "\(output)")
            #expect(!output.contains("Taken for true"), "\(output)")
        }
    }

    @Test func whatIsExplainedIsWhatIsDone() async throws {
        try await withScene(Atlas.schema) { scene in
            let run = try await explain(
                Self.example,
                ["--check", "--json", "--insert-batch-size=3"],
                environment: scene.environment([:])
            )
            let json = try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any]
            try await scene.publish(Self.example)
            let report = try await scene.drain(["INSERT_BATCH_SIZE": "3"])
            #expect(report.statements == (json?["statements"] as? [Any])?.count)
        }
    }

    @Test func mistakesHaveTheirExitCodes() async throws {
        #expect(try await DrainerProcess.run(["explain", "/no/such/file"], environment: [:]).status == .code(64))
        #expect(try await explain(["{}"], ["--no-such-setting", "1"]).status == .code(64))
        #expect(try await explain(["{}"], ["second"]).status == .code(64))
        #expect(try await explain(["{}"], ["--insert-batch-size", "0"]).status == .code(78))
        #expect(try await explain([]).status == .code(64))
        #expect(try await explain(["no JSON"]).status == .code(0))
        let away = ["DATABASE_URL": "postgresql://nobody@127.0.0.1:1/x"]
        let run = try await explain(["{}"], ["--check"], environment: away)
        #expect(run.status == .code(69) && run.errors.hasPrefix("drainer: PostgreSQL at "), "\(run.errors)")
    }
}
