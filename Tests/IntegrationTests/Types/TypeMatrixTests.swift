import Postgres
import TestSupport
import Testing

/// Every type that a column can have, in rows, sets and conditions: what comes of an entry is what comes of the statement
/// that someone would type in its place, with untyped literals, one by one and in the same order.
@Suite struct TypeMatrixTests {
    @Test(arguments: Road.all)
    func whatIsWrittenIsWhatTheLiteralsWrite(road: Road) async throws {
        let tables = TypeRow.all.enumerated().map { MatrixTable(number: $0.offset, row: $0.element) }
        try await withScene(TypeRow.ownTypes) { scene in
            try await scene.sql("SET timezone = 'UTC'; CREATE SCHEMA typed; \(MatrixTable.refusalFunction)")
            for schema in ["typed", "public"] {
                try await scene.sql(tables.map { $0.definition(in: schema) }.joined())
            }

            // What every column takes is written without a second try.
            let good = tables.flatMap(\.goodSteps)
            try await scene.publish(good.map(\.entry))
            let report = try await scene.drain(road.settings, within: .seconds(240))
            #expect(report.rows == good.count && report.fallbacks == 0 && report.deadLetters == 0)
            for table in tables {
                for (id, cell) in table.row.cells.enumerated() where cell.refusal == nil {
                    let shown = try await scene.column("SELECT a FROM \(table.name) WHERE id IN (\(id), \(id + 100))")
                    #expect(shown == [cell.shown, cell.shown], "\(table.row.type) \(cell.json)")
                }
            }

            let others = tables.flatMap(\.otherSteps)
            let ids = try await scene.publish(others.map(\.entry))
            // Hundreds of refusals, each found alone, take a busy machine their time.
            let patient = ["REFUSAL_GRACE": "0s", "BREAKER_PERCENT": "0"]
            try await scene.drain(road.settings.merging(patient) { $1 }, within: .seconds(240))
            var refusals: [String: String] = [:]
            for letter in try await scene.deadLetters() {
                refusals[letter["drainer-id"] ?? ""] = letter["drainer-error"]
            }
            let expected = try await scene.column(MatrixTable.typed(good + others)).dropFirst(good.count)
            for ((id, step), typed) in zip(zip(ids, others), expected) {
                let cut = step.isCut ? step.cell.refusal : nil
                // Of two faults in one statement, the value or the operator may be told.
                let isToldOfItsOperator = typed == step.cell.refusal && refusals[id] == "42883"
                #expect(refusals[id] == cut ?? typed || isToldOfItsOperator, "\(step.entry) \(typed ?? "")")
                if step.mustBeRefused { #expect(refusals[id] == step.cell.refusal, "\(step.entry)") }
            }
            for table in tables {
                var rows: [[[String?]]] = []
                for schema in ["typed", "public"] {
                    rows.append(try await scene.sql("SELECT * FROM \(schema).\(table.name) ORDER BY id"))
                }
                #expect(rows[0] == rows[1], "\(table.row.type)")
            }
        }
    }
}
