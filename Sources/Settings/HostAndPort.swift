/// The `host`, `host:port` or `[address]:port` of a network address.
struct HostAndPort {
    /// Without brackets, never empty.
    let host: String
    /// 0 to 65535; nil where none was given.
    let port: Int?

    /// Says what is wrong without repeating any of the text: a part of a misread password may stand in it.
    init(_ text: some StringProtocol) throws(ValueRefusal) {
        let rest: Substring
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { throw ValueRefusal("has a bracket that is not closed") }
            host = String(text[text.index(after: text.startIndex)..<end])
            guard host.contains(":") else { throw ValueRefusal("has no IPv6 address between its brackets") }
            rest = Substring(text[text.index(after: end)...])
        } else {
            let end = text.firstIndex(of: ":") ?? text.endIndex
            host = String(text[..<end])
            rest = Substring(text[end...])
            guard !rest.dropFirst().contains(":") else {
                throw ValueRefusal(
                    "has more than one colon",
                    remedy: "put an IPv6 address in brackets, such as [::1]:6379"
                )
            }
        }
        guard !host.isEmpty else { throw ValueRefusal("has no host") }
        guard host.allSatisfy({ !$0.isWhitespace && $0 != "[" && $0 != "]" }) else {
            throw ValueRefusal("has a host that is none")
        }
        // A colon without a port is a URL's way of saying its default.
        guard !rest.isEmpty, rest != ":" else {
            port = nil
            return
        }
        let digits = rest.dropFirst()
        guard rest.first == ":", digits.allSatisfy({ $0.isASCII && $0.isNumber }), let port = Int(digits),
            port <= 65_535
        else { throw ValueRefusal("has a port that is no number from 1 to 65535") }
        self.port = port
    }
}
