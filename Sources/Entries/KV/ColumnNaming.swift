/// How the names that entries give become names of columns.
struct ColumnNaming {
    /// By field; nil where names are taken as they are.
    private let mappings: [[UInt8]: [UInt8]]?

    /// - Parameter mappings: names of fields, each followed by its column's.
    init(_ format: WireFormat, _ mappings: PackedNames) throws(ParseFailure) {
        guard format == .kv else {
            self.mappings = nil
            return
        }
        let names = NameList(mappings)
        var columns: [[UInt8]: [UInt8]] = [:]
        for field in stride(from: 0, to: names.count, by: 2) {
            let known = columns.updateValue(Array(names.utf8(field + 1)), forKey: Array(names.utf8(field)))
            guard known == nil else { throw ParseFailure("a key stands twice in `mappings`") }
        }
        self.mappings = columns
    }

    func columns(of names: PackedNames) throws(ParseFailure) -> NameList {
        let names = NameList(names)
        guard mappings != nil else { return names }
        var columns = NameList()
        for name in 0..<names.count { columns.append(try column(names.utf8(name))) }
        return columns
    }

    func column(_ name: ArraySlice<UInt8>) throws(ParseFailure) -> ArraySlice<UInt8> {
        guard let mappings else { return name }
        let column = mappings[Array(name)] ?? Array(String(decoding: name, as: UTF8.self).snakeCased.utf8)
        guard !column.isEmpty else { throw ParseFailure("a column's name is empty") }
        return column[...]
    }
}
