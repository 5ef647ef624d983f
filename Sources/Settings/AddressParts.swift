/// A URL cut at its separators, undecoded but for the query. Foundation's own type lets a port that overflows vanish and a
/// broken percent sign pass, so the little that is needed is cut here.
struct AddressParts {
    /// In lower case.
    let scheme: String
    /// What stands before the last `@` of the authority.
    let userInfo: Substring?
    /// Host and port.
    let authority: Substring
    /// With its leading slash, or empty.
    let path: Substring
    let query: [(name: String, value: String)]

    init(_ text: String) throws(ValueRefusal) {
        guard let colon = text.firstIndex(of: ":"), text[colon...].hasPrefix("://") else {
            throw ValueRefusal("is no URL")
        }
        scheme = text[..<colon].lowercased()
        guard !text.contains("#") else { throw ValueRefusal("holds a #", remedy: "write a # in a password as %23") }
        let rest = text[text.index(colon, offsetBy: 3)...]
        let question = rest.firstIndex(of: "?")
        let hierarchy = rest[..<(question ?? rest.endIndex)]
        let slash = hierarchy.firstIndex(of: "/") ?? hierarchy.endIndex
        let server = hierarchy[..<slash]
        path = hierarchy[slash...]
        if let at = server.lastIndex(of: "@") {
            userInfo = server[..<at]
            authority = server[server.index(after: at)...]
        } else {
            userInfo = nil
            authority = server
        }
        var query: [(String, String)] = []
        for item in question.map({ rest[rest.index(after: $0)...].split(separator: "&") }) ?? [] {
            let pair = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            query.append(
                (try PercentEncoding.decoded(pair[0]), pair.count == 2 ? try PercentEncoding.decoded(pair[1]) : "")
            )
        }
        self.query = query
    }
}
