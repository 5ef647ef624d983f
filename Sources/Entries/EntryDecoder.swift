/// Reads the value of an entry's `command` field. See `wire-format` in the README for the shapes.
package struct EntryDecoder: Sendable {
    private let defaultSchema: String

    package init(defaultSchema: String) {
        self.defaultSchema = defaultSchema
    }

    /// Appends the command's cells, its signature (where new) and its predicate to `window`, and returns the command.
    package mutating func decode(_ body: Slice, into window: inout Window, entry: Int) throws(ParseFailure) -> Command {
        throw ParseFailure("not written yet")
    }
}
