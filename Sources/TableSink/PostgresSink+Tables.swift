package import Drain
package import Entries
import Postgres

extension PostgresSink {
    package func facts(of names: Set<TableName>, fresh: Bool) async throws(SinkFailure) -> [TableName: TableFacts] {
        var facts: [TableName: TableFacts] = [:]
        planned = names
        for name in names {
            // A table that was not there is looked for again: someone may have made it since.
            if fresh || tables[name]??.answer == nil {
                do throws(PostgresError) { try await read(name) } catch { throw await failure(error) }
            }
            if let known = tables[name] ?? nil { facts[name] = known.description.facts }
        }
        return facts
    }

    /// Reads a table, outside of any transaction.
    private func read(_ name: TableName) async throws(PostgresError) {
        let catalog = Catalog(connection: connection)
        let wasKnown = tables.keys.contains(name)
        let known = tables[name] ?? nil
        var watch = known?.watch
        var answer: String?
        var description = known?.description
        if description == nil { description = try await catalog.describe(name) }
        var isWatched = false
        var hasLostWatch = false
        while let seen = description, !isWatched {
            do throws(PostgresError) {
                let standing = try await stand(watch, over: seen)
                watch = standing
                answer = try await connection.run(standing.question).rows.first?[0]
                description = try await catalog.describe(name)
                isWatched =
                    description?.relations == standing.relations && description?.functions == standing.functions
            } catch {
                // A function that it names is gone, has another name, or is out of reach.
                guard error.sqlState != nil, !hasLostWatch else { throw error }
                hasLostWatch = true
                if let watch { statements.drop(watch.name) }
                watch = nil
                tables[name] = .some(nil)
                description = try await catalog.describe(name)
            }
        }
        if wasKnown, known?.description != description { statements.expire() }
        guard let description, let watch else {
            if let watch { statements.drop(watch.name) }
            tables[name] = .some(nil)
            return
        }
        tables[name] = KnownTable(description: description, watch: watch, answer: answer)
    }

    /// A watch over the table as it was seen. It stands before what it watches is read, so that nothing changes unseen in
    /// between.
    private func stand(_ watch: TableWatch?, over seen: TableDescription) async throws(PostgresError) -> TableWatch {
        if let watch, watch.relations == seen.relations, watch.functions == seen.functions { return watch }
        watches += 1
        let new = TableWatch(
            name: "drainer_watch_\(watches)",
            relations: seen.relations,
            functions: seen.functions
        )
        try await connection.run(new.preparation)
        if let watch { statements.drop(watch.name) }
        return new
    }

    /// Those of the tables that are there, in an order that does not change.
    func watched(_ names: Set<TableName>) -> [KnownTable] {
        names.sorted().compactMap { tables[$0] ?? nil }
    }

    /// Whether tables are what they were when they were read, asked in the transaction that wrote to them.
    func holds(_ names: Set<TableName>) async throws(PostgresError) -> Bool {
        let watched = watched(names)
        var answers: [[[String?]]] = []
        if !watched.isEmpty {
            let progress = try await connection.pipeline(watched.map(\.watch.question))
            if let refusal = progress.refusal { throw refusal }
            answers = progress.results.map(\.rows)
        }
        return try await holds(names, answers: answers)
    }

    /// - Parameter answers: of the watches of `watched(names)`.
    func holds(_ names: Set<TableName>, answers: [[[String?]]]) async throws(PostgresError) -> Bool {
        let catalog = Catalog(connection: connection)
        var rest = answers[...]
        var holds = true
        for name in names.sorted() {
            let known = tables[name] ?? nil
            let answer = known == nil ? nil : rest.popFirst()?.first?.first ?? nil
            if let answer, answer == known?.answer { continue }
            // Statistics alone may be new. What was not there is looked for by name.
            if try await catalog.describe(name) != known?.description { holds = false }
            tables[name]??.answer = nil
        }
        return holds
    }
}
