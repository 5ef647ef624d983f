/// What would become of some entries if they were one window: a value, in the form in which it is printed as JSON.
///
/// Holds names and SQL with `$n`, never a value of a row.
package struct Explanation: Sendable, Encodable {
    /// One entry, in the order in which they were given.
    package struct Entry: Sendable, Encodable {
        /// Counted from 1.
        package let number: Int
        /// Of the text that the entries were read from.
        package let line: Int
        /// `A`, `B`, …: the name of its signature below; nil where the entry cannot be read.
        package internal(set) var signature: String?
        package internal(set) var road: String?
        /// The statement that carries it, counted from 1; nil where none does.
        package internal(set) var statement: Int?
        package internal(set) var failure: Failure?
    }

    /// Why an entry is no command.
    package struct Failure: Sendable, Encodable {
        package let reason: String
        /// Bytes from the start of the entry; nil where the fault has no place.
        package let offset: Int?
        /// What the drainer would do about it.
        package let outcome: String
    }

    /// Commands of one table, operation and set of columns.
    package struct Group: Sendable, Encodable {
        package let name: String
        package let table: String
        package let operation: String
        /// Sorted.
        package let columns: [String]
        package let whereColumns: [String]
        package internal(set) var roads: [Road]
        package internal(set) var forms: [Form]
        /// Why nothing of the table overtakes it; empty where it is no barrier.
        package internal(set) var barrier: [String]
        /// What would make it one.
        package let wouldBeBarrier: [String]
        /// What else an operator should know.
        package internal(set) var notes: [String]
        /// Nil where the catalog was not asked.
        package internal(set) var catalog: CatalogAnswer?
    }

    /// A road that commands of one signature take.
    package struct Road: Sendable, Encodable {
        /// `bulk`, `single` or `forced`.
        package let road: String
        package let why: String
        package let entries: [Int]
    }

    /// SQL as it would be prepared.
    package struct Form: Sendable, Encodable {
        /// `bulk` or `single`.
        package let form: String
        package let sql: String
        /// The entries that it is the text of; a `where` that is more than equality has a text for each.
        package let entries: [Int]
        /// Whether a statement of the plan has it.
        package let isSent: Bool
        /// PostgreSQL's answer to preparing it; nil where it takes it, or was not asked.
        package internal(set) var refusal: String?
    }

    /// What PostgreSQL's catalog says of a signature.
    package struct CatalogAnswer: Sendable, Encodable {
        package struct Column: Sendable, Encodable {
            package let name: String
            /// Nil where the table has no such column.
            package let type: String?
        }

        package let tableExists: Bool
        package let columns: [Column]
        /// The primary key first: what ON CONFLICT DO NOTHING looks at, and what names rows.
        package let uniqueKeys: [[String]]
        /// `person_id -> atlas_app.person (id)`.
        package let foreignKeys: [String]
        /// Triggers, rules and the like, each named.
        package let obstacles: [String]
    }

    /// One statement of the plan.
    package struct PlannedStatement: Sendable, Encodable {
        package let number: Int
        package let road: String
        package let signature: String
        package let entries: [Int]
    }

    package internal(set) var entries: [Entry]
    package internal(set) var statements: [PlannedStatement]
    package internal(set) var signatures: [Group]
    /// The settings that decided, by the names of the environment.
    package let settings: [String: String]
    /// What was taken for true without asking; empty where the catalog was asked.
    package let assumptions: [String]
}
