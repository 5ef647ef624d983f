/// What of a request counts here: the method and the path. Headers and body are read over.
struct RequestHead: Equatable {
    let method: String
    /// Without the query.
    let path: String

    /// What the bytes so far are.
    enum Reading: Equatable {
        case complete(RequestHead)
        /// May become a head.
        case partial
        case garbage
    }

    private static let lineFeed = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")

    /// Reads the head at the start of `bytes`; garbage is told from the first byte that gives it away.
    static func read(_ bytes: [UInt8]) -> Reading {
        guard let first = bytes.first else { return .partial }
        guard (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(first) else { return .garbage }
        guard let end = bytes.firstIndex(of: lineFeed) else { return .partial }
        guard let head = RequestHead(line: bytes[..<end]) else { return .garbage }
        // An empty line ends the head.
        var start = end + 1
        while let next = bytes[start...].firstIndex(of: lineFeed) {
            let line = bytes[start..<next]
            if line.isEmpty || (line.count == 1 && line.first == carriageReturn) { return .complete(head) }
            start = next + 1
        }
        return .partial
    }

    /// Reads `METHOD /path?query HTTP/1.x`.
    private init?(line: ArraySlice<UInt8>) {
        let line = line.last == Self.carriageReturn ? line.dropLast() : line
        guard line.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) else { return nil }
        let parts = String(decoding: line, as: UTF8.self).split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[2] == "HTTP/1.1" || parts[2] == "HTTP/1.0", parts[1].hasPrefix("/") else {
            return nil
        }
        method = String(parts[0])
        path = String(parts[1].prefix { $0 != "?" })
    }

    init(method: String, path: String) {
        self.method = method
        self.path = path
    }
}
