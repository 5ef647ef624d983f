package import Entries

/// What planning must know of a table. The sink reads it from the database's catalog.
package struct TableFacts: Sendable, Hashable {
    /// How values of a column compare, as far as planning can judge it.
    package enum Comparison: Sendable, Hashable {
        /// `01` and `1` are one value.
        case integer
        /// Case and hyphens do not count.
        case uuid
        /// Byte by byte but for trailing blanks, which some types drop.
        case text
        /// Values may be equal in ways that planning cannot see: any two count as equal.
        case unknown
    }

    /// What a create that leaves a column out puts there.
    package enum Default: Sendable, Hashable {
        case null
        /// A value that no other row has: a random uuid.
        case fresh
        /// The same, and larger than those before: a sequence's, an identity's.
        case numbered
        case other
    }

    /// Whether a create that leaves these columns out gives one of them a value of its own.
    func areFresh(_ columns: [String]) -> Bool {
        columns.contains { [.fresh, .numbered].contains(self.columns[$0]?.defaultValue) }
    }

    package struct Column: Sendable, Hashable {
        package let comparison: Comparison
        package let defaultValue: Default

        package init(comparison: Comparison, defaultValue: Default = .null) {
            self.comparison = comparison
            self.defaultValue = defaultValue
        }
    }

    /// A primary key or a plain unique index.
    package struct UniqueKey: Sendable, Hashable {
        package let columns: [String]
        /// Two NULLs do not collide.
        package let nullsAreDistinct: Bool

        package init(columns: [String], nullsAreDistinct: Bool = true) {
            self.columns = columns
            self.nullsAreDistinct = nullsAreDistinct
        }
    }

    package struct ForeignKey: Sendable, Hashable {
        package let columns: [String]
        package let parent: TableName
        /// In the order of `columns`.
        package let parentColumns: [String]

        package init(columns: [String], parent: TableName, parentColumns: [String]) {
            self.columns = columns
            self.parent = parent
            self.parentColumns = parentColumns
        }
    }

    /// A table that refers to this one.
    package struct Reference: Sendable, Hashable {
        package let child: TableName
        /// The referenced columns of this table.
        package let columns: [String]

        package init(child: TableName, columns: [String]) {
            self.child = child
            self.columns = columns
        }
    }

    package var columns: [String: Column]
    /// The primary key first, where there is one; only keys whose columns are all plain and never generated.
    package var uniqueKeys: [UniqueKey]
    /// A partial or expression index, an exclusion constraint, a key over a generated column: what it forbids cannot be
    /// told from a command.
    package var hasUnjudgeableKey: Bool
    package var foreignKeys: [ForeignKey]
    package var references: [Reference]
    /// Tables that a delete or re-key here can reach by CASCADE, SET NULL or SET DEFAULT, over any number of steps.
    package var cascades: Set<TableName>
    /// By SET DEFAULT: to a row that must be there by then, and that no command names.
    package var setsDefaults = false
    /// Tables that this one is a partition or an heir of, over any number of steps: commands on those reach its rows.
    package var ancestors: Set<TableName>
    /// Tables that every command here can look at or change: those that a view shows, that rules and policies name, and
    /// what a delete there reaches.
    package var reaches: Set<TableName>
    /// A trigger or a function that is called for a row may look at and change anything.
    package var reachesEverything: Bool
    /// A user trigger, a rule, a view, inheritance: a command may do more than it says.
    package var isBarrier: Bool
    /// All that makes it a barrier are BEFORE ROW triggers: they see the earlier rows of their own statement, so creates
    /// of one signature still share one.
    package var createsShareStatements: Bool
    /// ON CONFLICT is refused (a deferrable key) or means something else (a rule): creates go one by one.
    package var createsGoAlone: Bool
    /// Creates may be copied where they name none of these columns, of which a copy takes what an INSERT refuses or reads
    /// otherwise; nil where a copy into the table is another thing than an INSERT altogether.
    package var uncopiedColumns: Set<String>?

    package init(
        columns: [String: Column] = [:],
        uniqueKeys: [UniqueKey] = [],
        hasUnjudgeableKey: Bool = false,
        foreignKeys: [ForeignKey] = [],
        references: [Reference] = [],
        cascades: Set<TableName> = [],
        ancestors: Set<TableName> = [],
        reaches: Set<TableName> = [],
        reachesEverything: Bool = false,
        isBarrier: Bool = false,
        createsShareStatements: Bool = false,
        createsGoAlone: Bool = false,
        uncopiedColumns: Set<String>? = nil
    ) {
        self.columns = columns
        self.uniqueKeys = uniqueKeys
        self.hasUnjudgeableKey = hasUnjudgeableKey
        self.foreignKeys = foreignKeys
        self.references = references
        self.cascades = cascades
        self.ancestors = ancestors
        self.reaches = reaches
        self.reachesEverything = reachesEverything
        self.isBarrier = isBarrier
        self.createsShareStatements = createsShareStatements
        self.createsGoAlone = createsGoAlone
        self.uncopiedColumns = uncopiedColumns
    }

    /// Whether a copy of these commands does what INSERTs would, where no key is met.
    package func canCopy(_ signature: Signature) -> Bool {
        signature.operation == .create && uncopiedColumns?.isDisjoint(with: signature.columns) == true
    }
}
