package import Drain
package import Entries

/// Quotes an identifier; whatever it holds, it stays one. `refusalOfNames` keeps out what PostgreSQL would not take as it
/// stands.
func quoted(_ identifier: String) -> String {
    // Byte by byte, as PostgreSQL reads it: to Swift a quotation mark and a combining mark are one character, another one.
    let quote = UInt8(ascii: "\"")
    var bytes = [quote]
    for byte in identifier.utf8 {
        if byte == quote { bytes.append(quote) }
        bytes.append(byte)
    }
    bytes.append(quote)
    return String(decoding: bytes, as: UTF8.self)
}

extension Signature {
    /// What PostgreSQL keeps of a name; it silently cuts the rest off, and the cut name may be another table's or column's.
    private static let longestName = 63

    /// Why one of the names can be no identifier.
    package var refusalOfNames: Refusal? {
        for name in [table.schema, table.name] + columns + whereColumns {
            if name.utf8.count > Self.longestName {
                return Refusal(
                    sqlState: "42622",
                    message: "identifier \"\(name)\" is longer than 63 bytes",
                    concernsStatement: true
                )
            }
            if name.utf8.contains(0) {
                return Refusal(sqlState: "42602", message: "an identifier holds a NUL", concernsStatement: true)
            }
        }
        return nil
    }
}
