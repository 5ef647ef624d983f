import App
import ArgumentParser
import Postgres
import Settings
import TableSink

struct Migrate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make the schema \"drainer\" in the target database, where the checkpoints lie.",
        usage: "drainer migrate [--print] [--<setting> <value> ...]",
        discussion: """
            'drainer run' makes it by itself where its role may. Where it may not, run this
            once as a role that may, and grant the drainer's role what --print ends with.
            Harmless where all is there, and beside running processes.

            Examples:
              DATABASE_URL=postgresql://owner@db/app drainer migrate
              drainer migrate --print | psql postgresql://owner@db/app

            Exit: 0 done, 64 usage, 69 PostgreSQL cannot be reached, 77 a permission is
            missing, 78 configuration.
            """
    )

    @Flag(name: .customLong("print"), help: "Print the SQL and change nothing.")
    var printsOnly = false

    @Argument(parsing: .allUnrecognized, help: ArgumentHelp("Settings as flags.", visibility: .hidden))
    var arguments: [String] = []

    func run() async throws {
        if printsOnly {
            print("BEGIN;\n\(LedgerText.migration)\nCOMMIT;\n\n\(LedgerText.grants)")
            return
        }
        let access = ServerAccess(try await SettingArguments(arguments).load())
        do throws(Unreachable) {
            let connection = try await access.postgres()
            do throws(PostgresError) {
                try await connection.run(LedgerText.migration)
            } catch {
                throw access.failure(error)
            }
        } catch {
            throw giveUp(error)
        }
        print("the schema \"drainer\" is there")
    }
}
