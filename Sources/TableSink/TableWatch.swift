import Postgres

/// Tells whether tables have changed in the catalog, at the cost of executing one prepared statement.
///
/// PostgreSQL analyses a prepared statement anew before it executes it once an object that it names was altered, and at that
/// moment reads the literal `now` again (both documented: PREPARE, and the date/time types). So the answer stands until one
/// of the tables changes: a column, a key, a foreign key on either side, a trigger, a rule, its name or schema; also its
/// statistics, which change nothing that is known; or one of the functions that triggers call. A session hears of what
/// others have committed when it begins a transaction and whenever it is granted a lock on a table; after its own lock on a
/// table nobody alters that one.
///
/// `now` is the start of the transaction: within one, two analyses give the same answer. It is prepared, and its answer
/// taken for good, outside of the transactions in which it is asked again.
struct TableWatch {
    let name: String
    /// OIDs.
    let relations: Set<String>
    /// Names as SQL, as PostgreSQL has quoted them.
    let functions: Set<String>

    /// The tables are named by OIDs, which need no privilege, hold no lock, and are only digits. The functions stand where
    /// nothing is ever called: behind a `false` planning looks at nothing.
    var preparation: PostgresStep {
        let tables = relations.sorted().map { ", '\($0)'::pg_catalog.regclass" }.joined()
        let calls = functions.sorted().map { ", false AND \($0)() IS NULL" }.joined()
        return .prepare(name: name, sql: "SELECT pg_catalog.timestamptz 'now'\(tables)\(calls)")
    }

    var question: PostgresStep { .execute(name: name, PostgresParameters()) }

    /// The same in a message of several statements. The name is the drainer's own.
    var questionText: String { "EXECUTE \(name)" }
}

/// A table as it was read.
struct KnownTable {
    let description: TableDescription
    let watch: TableWatch
    /// What the watch answered before the table was read; nil where it must be read again before it is used.
    var answer: String?
}
