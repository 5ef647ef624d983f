/// The `where` of a command, for both sides.
package indirect enum TrialCondition: Sendable, Hashable {
    package enum Comparison: String, Sendable, Hashable, CaseIterable {
        case greater = ">"
        case greaterOrEqual = ">="
        case less = "<"
        case lessOrEqual = "<="
        case notEqual = "<>"

        fileprivate var word: String {
            switch self {
            case .greater: "$gt"
            case .greaterOrEqual: "$gte"
            case .less: "$lt"
            case .lessOrEqual: "$lte"
            case .notEqual: "$ne"
            }
        }
    }

    case equals(TrialCells)
    case compare(String, Comparison, TrialValue)
    case isIn(String, [TrialValue])
    case isNotIn(String, [TrialValue])
    case all([TrialCondition])
    case any([TrialCondition])

    var json: String {
        switch self {
        case .equals(let cells): cells.json
        case .compare(let column, let comparison, let value):
            "{\"\(column)\":{\"\(comparison.word)\":\(value.json)}}"
        case .isIn(let column, let values): "{\"\(column)\":{\"$in\":\(Self.list(values))}}"
        case .isNotIn(let column, let values): "{\"\(column)\":{\"$notIn\":\(Self.list(values))}}"
        case .all(let conditions): "{\"$and\":[\(conditions.map(\.json).joined(separator: ","))]}"
        case .any(let conditions): "{\"$or\":[\(conditions.map(\.json).joined(separator: ","))]}"
        }
    }

    private static func list(_ values: [TrialValue]) -> String {
        "[\(values.map(\.json).joined(separator: ","))]"
    }

    var sql: String {
        switch self {
        case .equals(let cells):
            cells.cells.map { cell in
                let column = TrialValue.quoted(cell.column)
                return cell.value.isNull ? "\(column) IS NULL" : "\(column) = \(cell.value.sql)"
            }.joined(separator: " AND ")
        case .compare(let column, .notEqual, let value) where value.isNull:
            "\(TrialValue.quoted(column)) IS NOT NULL"
        case .compare(let column, let comparison, let value):
            "\(TrialValue.quoted(column)) \(comparison.rawValue) \(value.sql)"
        case .isIn(let column, let values):
            values.isEmpty
                ? "false" : "\(TrialValue.quoted(column)) IN (\(values.map(\.sql).joined(separator: ", ")))"
        case .isNotIn(let column, let values):
            values.isEmpty
                ? "true" : "\(TrialValue.quoted(column)) NOT IN (\(values.map(\.sql).joined(separator: ", ")))"
        case .all(let conditions): "(\(conditions.map(\.sql).joined(separator: ") AND (")))"
        case .any(let conditions): "(\(conditions.map(\.sql).joined(separator: ") OR (")))"
        }
    }

    var source: String {
        func list(_ values: [TrialValue]) -> String { "[\(values.map(\.source).joined(separator: ", "))]" }
        return switch self {
        case .equals(let cells): cells.source
        case .compare(let column, let comparison, let value): ".compare(\"\(column)\", .\(comparison), \(value.source))"
        case .isIn(let column, let values): ".isIn(\"\(column)\", \(list(values)))"
        case .isNotIn(let column, let values): ".isNotIn(\"\(column)\", \(list(values)))"
        case .all(let conditions): ".all([\(conditions.map(\.source).joined(separator: ", "))])"
        case .any(let conditions): ".any([\(conditions.map(\.source).joined(separator: ", "))])"
        }
    }
}

extension TrialCondition: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral cells: (String, TrialValue)...) {
        var terms: TrialCells = [:]
        for (column, value) in cells { terms.append(column, value) }
        self = .equals(terms)
    }
}
