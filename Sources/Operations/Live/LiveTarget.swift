package import Entries
import Settings
package import StreamSource

/// The live key that an operator's words name.
package struct LiveTarget: Sendable {
    /// What is wrong with the words, in the form `<what>: <what to do>`.
    package struct Mistake: Error, CustomStringConvertible {
        package let description: String
    }

    /// The key of the whole process.
    package let base: LiveKey
    /// Nil for the whole process.
    package let table: TableName?

    /// The key as it stands in Redis, without prefix.
    package var key: LiveKey { table.map(base.of) ?? base }

    init(base: LiveKey, table: TableName?) {
        self.base = base
        self.table = table
    }

    /// - Parameters:
    ///   - name: in any case, with `-` or `_`; `insert_batch_size:atlas_app.person` names a table too, and the whole key
    ///     as it stands in Redis will do.
    ///   - table: `schema.table`, or a table of `defaultSchema`.
    package init(_ name: String, table: String?, prefix: String, defaultSchema: String) throws(Mistake) {
        let parts = (name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : name)
            .split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let plain = parts[0].lowercased().map { $0 == "-" ? "_" : String($0) }.joined()
        guard let base = LiveKey.global.first(where: { $0.name == plain }) else { throw Self.unknown(name, plain) }
        if parts.count > 1, table != nil {
            throw Mistake(description: "\(name.line()) names a table, and --table another: give one of them")
        }
        let tableName = (table ?? (parts.count > 1 ? parts[1] : nil)).map {
            TableName($0, defaultSchema: defaultSchema)
        }
        if let tableName {
            guard LiveKey.perTable.contains(base) else {
                throw Mistake(description: "\(base.name) counts for all tables: leave the table out")
            }
            guard !tableName.name.isEmpty, !tableName.schema.isEmpty else {
                throw Mistake(description: "the table has no name: give it as schema.table")
            }
        }
        self.init(base: base, table: tableName)
    }

    /// Reads a value for the key; of one that is 0 or 1, also `true`, `yes`, `on` and their opposites.
    package func value(of text: String) throws(Mistake) -> Int {
        var number = Int(text)
        if base.range == 0...1 {
            switch text.lowercased() {
            case "true", "yes", "on": number = 1
            case "false", "no", "off": number = 0
            default: break
            }
        }
        guard let number, base.range.contains(number) else {
            throw Mistake(description: "\(base.name) cannot be \"\(text.line())\": give \(base.allowed)")
        }
        return number
    }

    private static func unknown(_ name: String, _ plain: String) -> Mistake {
        let known = LiveKey.global.map(\.name)
        if SettingsTable.all.contains(where: { $0.key == plain }) {
            return Mistake(
                description: "\(plain) is a setting that counts from a start on, no live key: give one of "
                    + known.joined(separator: ", ")
            )
        }
        let guess = NameGuess(plain, among: known).nearest.map { "did you mean \($0)?" }
        return Mistake(
            description: "\(name.line()) is no live key: \(guess ?? "give one of " + known.joined(separator: ", "))"
        )
    }
}

extension LiveKey {
    /// As the object of *give*.
    var allowed: String {
        range == 0...1 ? "0 or 1" : "a whole number from \(range.lowerBound) to \(range.upperBound)"
    }
}
