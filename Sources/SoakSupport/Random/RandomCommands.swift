import TestSupport

/// Draws commands over tables with so few values that they meet all the time.
struct RandomCommands {
    private var generator: SeededGenerator
    private let tables: [RandomTable]
    /// Of each table, the column lists that its creates have.
    private var shapes: [[[RandomTable.Column]]] = []
    private let values: Int
    private let forcedPercent: Int
    private let badPercent: Int
    /// Where the `where` names the key, in percent.
    private let keyPercent: Int

    init(seed: UInt64, tables: [RandomTable]) {
        generator = SeededGenerator(seed: seed)
        self.tables = tables
        values = [3, 4, 7, 7, 20].randomElement(using: &generator) ?? 4
        forcedPercent = [0, 0, 0, 5, 30].randomElement(using: &generator) ?? 0
        badPercent = [0, 0, 3, 10].randomElement(using: &generator) ?? 0
        keyPercent = [60, 90].randomElement(using: &generator) ?? 60
        for table in tables {
            var shapes = [table.written]
            for _ in 0..<Int.random(in: 0...2, using: &generator) {
                let left = table.written.filter { column in
                    let mayGo = column.isNullable || column.defaultValue != nil
                    return !mayGo || generator.chance(60)
                }
                if !left.isEmpty { shapes.append(left) }
            }
            self.shapes.append(shapes)
        }
    }

    mutating func next() -> TrialCommand {
        let index = Int.random(in: 0..<tables.count, using: &generator)
        let table = tables[index]
        let target = table.targets.randomElement(using: &generator) ?? table.name
        let isForced = generator.chance(forcedPercent)
        switch Int.random(in: 0..<20, using: &generator) {
        case 0..<11: return .create(target, row(shapes[index]), forced: isForced)
        case 11..<16: return .update(target, set: change(table), where: condition(table), forced: isForced)
        default: return .delete(target, where: condition(table), forced: isForced)
        }
    }

    private mutating func row(_ shapes: [[RandomTable.Column]]) -> TrialCells {
        var cells: TrialCells = [:]
        for column in (shapes.randomElement(using: &generator) ?? []).shuffled(using: &generator) {
            cells.append(column.name, value(of: column, mayBeBad: true))
        }
        return cells
    }

    private mutating func change(_ table: RandomTable) -> TrialCells {
        var cells: TrialCells = [:]
        let written = table.written
        let others = written.filter { !table.key.contains($0.name) }
        let choice = generator.chance(88) && !others.isEmpty ? others : written
        for column in choice.shuffled(using: &generator).prefix(generator.chance(75) ? 1 : 2) {
            // What a value that cannot be read does to an update that meets no row differs between the two roads.
            cells.append(column.name, value(of: column, mayBeBad: false))
        }
        return cells
    }

    private mutating func value(of column: RandomTable.Column, mayBeBad: Bool) -> TrialValue {
        if mayBeBad, generator.chance(badPercent) {
            if !column.isNullable, generator.chance(20) { return nil }
            if let bad = column.kind.bad(using: &generator) { return bad }
        }
        if column.isNullable, generator.chance(12) { return nil }
        if column.isChecked, generator.chance(badPercent) { return "bad" }
        return column.kind.value(Int.random(in: 0..<values, using: &generator), using: &generator)
    }

    // MARK: where

    private mutating func condition(_ table: RandomTable) -> TrialCondition {
        if !table.key.isEmpty, generator.chance(keyPercent) {
            let extra = generator.chance(10) ? table.written.filter { $0.name == "n" } : []
            return .equals(terms(table.key.compactMap(table.column) + extra, nullPercent: 0))
        }
        // An object in a `where` is an operator, so JSON is compared nowhere.
        let comparable = table.written.filter { $0.kind != .json }
        guard let column = comparable.randomElement(using: &generator) else { return .isIn("n", []) }
        guard column.kind.hasOperators else { return .equals(terms([column], nullPercent: 10)) }
        switch Int.random(in: 0..<14, using: &generator) {
        case 0..<6: return .equals(terms([column], nullPercent: 10))
        case 6:
            let other = comparable.first { $0.name != column.name && $0.kind.hasOperators } ?? column
            return other.name == column.name
                ? .equals(terms([column], nullPercent: 0)) : .equals(terms([column, other], nullPercent: 5))
        case 7, 8:
            let comparison = TrialCondition.Comparison.allCases.randomElement(using: &generator) ?? .less
            return .compare(column.name, comparison, plain(column))
        case 9: return .compare(column.name, .notEqual, nil)
        case 10: return .isIn(column.name, list(column))
        case 11: return .isNotIn(column.name, list(column))
        case 12: return .any([.equals(terms([column], nullPercent: 0)), .equals(terms([column], nullPercent: 10))])
        default:
            return .all([
                .compare(column.name, .greaterOrEqual, plain(column)), .compare(column.name, .less, plain(column)),
            ])
        }
    }

    private mutating func terms(_ columns: [RandomTable.Column], nullPercent: Int) -> TrialCells {
        var cells: TrialCells = [:]
        for column in columns { cells.append(column.name, generator.chance(nullPercent) ? nil : plain(column)) }
        return cells
    }

    private mutating func plain(_ column: RandomTable.Column) -> TrialValue {
        column.kind.value(Int.random(in: 0..<values, using: &generator), using: &generator)
    }

    private mutating func list(_ column: RandomTable.Column) -> [TrialValue] {
        (0..<Int.random(in: 0...3, using: &generator)).map { _ in generator.chance(8) ? nil : plain(column) }
    }
}
