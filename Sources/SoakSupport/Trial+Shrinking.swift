import Postgres

extension TrialStage {
    /// Leaves out what it can for as long as the two sides still differ: commands, marks, tables.
    ///
    /// - Parameter limit: of each try; a trial that gets a drainer stuck takes that long whenever it does.
    package func shrunk(_ trial: Trial, within limit: Duration = .seconds(10)) async throws -> Trial {
        var smallest = trial
        // A difference can hang on how fast something was; what does not show again is kept as it is.
        guard try await differs(smallest, within: limit) else { return trial }
        var size = max(1, smallest.commands.count / 2)
        while true {
            var start = 0
            var isSmaller = false
            while start < smallest.commands.count {
                var smaller = smallest
                smaller.commands.removeSubrange(start..<min(start + size, smaller.commands.count))
                if !smaller.commands.isEmpty, try await differs(smaller, within: limit) {
                    smallest = smaller
                    isSmaller = true
                } else {
                    start += size
                }
            }
            if size == 1, !isSmaller { break }
            size = max(1, size / 2)
        }
        for index in smallest.commands.indices where smallest.commands[index].isForced {
            var smaller = smallest
            smaller.commands[index].isForced = false
            if try await differs(smaller, within: limit) { smallest = smaller }
        }
        for table in smallest.schema.tables.sorted() where !smallest.commands.contains(where: { $0.table == table }) {
            var smaller = smallest
            smaller.schema = smallest.schema.without(table)
            if try await differs(smaller, within: limit) { smallest = smaller }
        }
        for index in smallest.schema.pieces.indices.reversed() {
            var smaller = smallest
            smaller.schema = smallest.schema.without(pieceAt: index)
            if try await differs(smaller, within: limit) { smallest = smaller }
        }
        return smallest
    }

    /// Tables that cannot be made without the others are no difference.
    private func differs(_ trial: Trial, within limit: Duration) async throws -> Bool {
        do {
            return try await !differences(of: trial, within: limit).isEmpty
        } catch let error as PostgresError where error.sqlState?.hasPrefix("42") == true {
            return false
        }
    }
}
