/// A table of a random schema: what the commands on it must know.
struct RandomTable {
    struct Column {
        let name: String
        let kind: ColumnKind
        var isNullable = true
        /// PostgreSQL fills it.
        var isFilled = false
        /// SQL of its default.
        var defaultValue: String?
        /// A text of 'bad' is refused by a CHECK.
        var isChecked = false
    }

    let name: String
    /// The key's first.
    var columns: [Column]
    /// What names a row; empty where nothing does.
    var key: [String] = []
    /// Columns that other tables refer to.
    var referable: [[String]] = []
    /// The names under which commands reach it: its own, those of partitions, heirs and views.
    var targets: [String] = []
    var isPartitioned = false
    var hasRules = false

    func column(_ name: String) -> Column? { columns.first { $0.name == name } }

    var written: [Column] { columns.filter { !$0.isFilled } }
}
