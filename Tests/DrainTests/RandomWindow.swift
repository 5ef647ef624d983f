import Entries
import TestSupport

/// Entries drawn at random over some of the world's tables, with few keys, so that they meet each other often.
struct RandomWindow {
    private var generator: SeededGenerator
    private let tables: [TableDefinition]
    private let values: Int
    private let forcedPercent: Int
    private let badPercent: Int

    init(seed: UInt64, tables: [TableDefinition]? = nil) {
        var generator = SeededGenerator(seed: seed)
        let count = Int.random(in: 1...4, using: &generator)
        let some = generator.chance(40) ? World.related : World.definitions
        self.tables = tables ?? Array(some.shuffled(using: &generator).prefix(count))
        values = Int.random(in: 2...6, using: &generator)
        forcedPercent = [0, 0, 10, 40].randomElement(using: &generator) ?? 0
        badPercent = [0, 0, 5].randomElement(using: &generator) ?? 0
        self.generator = generator
    }

    mutating func entries(_ count: Int) -> [String] {
        (0..<count).map { _ in entry() }
    }

    private mutating func entry() -> String {
        guard let table = tables.randomElement(using: &generator) else { return "" }
        let name = table.name.description
        let isForced = generator.chance(forcedPercent)
        switch Int.random(in: 0..<10, using: &generator) {
        case 0..<5:
            var columns = table.columns.filter { $0.name != table.countsRowsInto }
            if generator.chance(30), columns.count > 2 { columns.removeLast() }
            if generator.chance(3) { columns.removeFirst() }
            return CommandText.entry("create", name, [("row", object(columns, nullPercent: 10))], isForced)
        case 5..<8:
            let set = settable(table)
            let parts = [("set", object([set], nullPercent: 15)), ("where", condition(table, changing: set))]
            return CommandText.entry("update", name, parts, isForced)
        default:
            return CommandText.entry("delete", name, [("where", condition(table, changing: nil))], isForced)
        }
    }

    /// Now and then the key itself.
    private mutating func settable(_ table: TableDefinition) -> TableDefinition.Column {
        let columns = table.columns.filter { $0.name != table.countsRowsInto }
        let others = columns.filter { !table.primaryKey.contains($0.name) }
        return (generator.chance(85) ? others : columns).randomElement(using: &generator) ?? table.columns[0]
    }

    private mutating func condition(_ table: TableDefinition, changing set: TableDefinition.Column?) -> String {
        let others = table.columns.filter { $0.name != set?.name }
        let first = table.columns[0]
        switch Int.random(in: 0..<20, using: &generator) {
        case 0..<13: return object([first], nullPercent: 0)
        case 13..<15: return object([others.randomElement(using: &generator) ?? first], nullPercent: 0)
        case 15..<17: return object([table.columns[table.columns.count - 1]], nullPercent: 0)
        case 17: return object(table.columns.prefix(2), nullPercent: 0)
        case 18: return #"{"\#(first.name)":{"$in":[\#(value(first)),\#(value(first))]}}"#
        default: return #"{"\#(first.name)":{"$gte":\#(value(first))}}"#
        }
    }

    private mutating func object(_ columns: some Collection<TableDefinition.Column>, nullPercent: Int) -> String {
        var members: [String] = []
        for column in columns {
            let isNull = column.name != "id" && generator.chance(nullPercent)
            members.append("\"\(column.name)\":\(isNull ? "null" : value(column))")
        }
        members.shuffle(using: &generator)
        return "{\(members.joined(separator: ","))}"
    }

    private mutating func value(_ column: TableDefinition.Column) -> String {
        let number = Int.random(in: 1...values, using: &generator)
        if generator.chance(badPercent) { return "\"\(World.badText)\"" }
        switch column.kind {
        case .integer: return [" \(number)", "\"\(number)\"", "\"0\(number)\""].randomElement(using: &generator) ?? ""
        case .uuid:
            let text = "abcdef00-0000-4000-8000-00000000000\(number)"
            return "\"\(generator.chance(30) ? text.uppercased() : text)\""
        case .text: return "\"\(generator.chance(20) ? "V" : "v")\(number)\""
        }
    }
}
