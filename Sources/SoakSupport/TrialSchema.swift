/// The tables of a trial, made once for the drainer and once for the other side.
package struct TrialSchema: Sendable {
    package struct Piece: Sendable {
        package let sql: String
        /// Tables that it makes or stands on: without one of them it cannot be.
        package let tables: Set<String>

        package init(_ sql: String, of tables: Set<String> = []) {
            self.sql = sql
            self.tables = tables
        }
    }

    package private(set) var pieces: [Piece]
    /// A deferrable key or a rule: there a create goes without ON CONFLICT, and 23505 and 23P01 mean an existing key.
    package private(set) var refusingOnConflict: Set<String>

    package init(_ pieces: [Piece], refusingOnConflict: Set<String> = []) {
        self.pieces = pieces
        self.refusingOnConflict = refusingOnConflict
    }

    /// - Parameter sql: any number of statements; names without a schema are the trial's.
    package init(_ sql: String, refusingOnConflict: Set<String> = []) {
        self.init([Piece(sql)], refusingOnConflict: refusingOnConflict)
    }

    var sql: String { pieces.map { $0.sql + ";" }.joined(separator: "\n") }

    /// Each once.
    var tables: Set<String> { pieces.reduce(into: []) { $0.formUnion($1.tables) } }

    func without(_ table: String) -> TrialSchema {
        var smaller = self
        smaller.pieces.removeAll { $0.tables.contains(table) }
        return smaller
    }

    /// Without one piece.
    func without(pieceAt index: Int) -> TrialSchema {
        var smaller = self
        smaller.pieces.remove(at: index)
        return smaller
    }
}
