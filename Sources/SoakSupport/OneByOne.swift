import TestSupport

/// The other side of a trial: psql executes each command by itself, in order, as plain statements whose literals have no
/// type. Nothing of the drainer has a part in it.
struct OneByOne: Sendable {
    private let databaseURL: String

    init(databaseURL: String) {
        self.databaseURL = databaseURL
    }

    /// What the refused commands were refused with, by their place.
    func execute(_ trial: Trial, in schema: String) async throws -> [Int: String] {
        var script = """
            SET synchronous_commit = off;
            SET timezone = 'UTC';
            SET datestyle = 'ISO, MDY';
            SET intervalstyle = 'postgres';
            SET client_min_messages = 'error';

            """
        for command in trial.commands {
            let refuses = trial.schema.refusingOnConflict.contains(command.table)
            // Of a row that breaks two constraints the one is told that a drainer's transactions tell.
            script += "BEGIN;\nSET CONSTRAINTS ALL IMMEDIATE;\n\(command.sql(in: schema, onConflict: !refuses));\n"
            script += "\\echo :SQLSTATE\nCOMMIT;\n"
        }
        let psql = Tool(try ServerBinaries.findPostgres("psql"))
        let output = try await psql.run(["-AtXq", "-d", databaseURL, "-f", "-"], input: script)
        let states = output.split(separator: "\n").map(String.init)
        guard states.count == trial.commands.count else {
            throw ServerFailure("psql answered \(states.count) of \(trial.commands.count) commands")
        }
        var refusals: [Int: String] = [:]
        for (index, state) in states.enumerated() where state != "00000" {
            let command = trial.commands[index]
            let isMet =
                command.isCreate && ["23505", "23P01"].contains(state)
                && trial.schema.refusingOnConflict.contains(command.table)
            if !isMet { refusals[index] = state }
        }
        return refusals
    }
}
