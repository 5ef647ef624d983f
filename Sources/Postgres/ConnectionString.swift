internal import CLibPQ

/// What libpq makes of a connection string, before any server is asked.
package enum ConnectionString {
    /// What is wrong with it; nil where libpq can read it. Holds no part of it: what libpq quotes may be a piece of a
    /// password that stands where it should not.
    package static func fault(in text: String) -> String? {
        guard text.contains("=") || text.hasPrefix("postgresql://") || text.hasPrefix("postgres://") else {
            // To libpq the name of a database.
            return text.contains { ":/@".contains($0) }
                ? "neither a URI that begins with postgresql:// nor name=value" : nil
        }
        var message: UnsafeMutablePointer<CChar>?
        guard let options = unsafe PQconninfoParse(text, &message) else {
            defer { unsafe PQfreemem(message) }
            guard let message = unsafe message else { return "out of memory" }
            return masked(unsafe String(cString: message))
        }
        defer { unsafe PQconninfoFree(options) }
        var next = unsafe options
        while let keyword = unsafe next.pointee.keyword {
            if let value = unsafe next.pointee.val,
                let fault = unsafe fault(of: String(cString: keyword), String(cString: value))
            {
                return fault
            }
            unsafe next += 1
        }
        return nil
    }

    /// Values that libpq takes as they are and would quote when it cannot use them: where a password was not encoded,
    /// its end stands there.
    private static func fault(of option: String, _ value: String) -> String? {
        let parts = value.split(separator: ",")
        switch option {
        case "host", "hostaddr":
            return value.contains("@") ? "an @ stands in the host: in a password write it %40" : nil
        case "dbname":
            let isConnection = value.contains("://") || value.lowercased().contains("password")
            return isConnection ? "the name of the database holds a connection string" : nil
        case "port": return parts.allSatisfy { UInt16($0) != nil } ? nil : "the port is no number"
        default: return nil
        }
    }

    private static func masked(_ message: String) -> String {
        let line = message.split(whereSeparator: \.isNewline).joined(separator: " ").replacing("\"=\"", with: "=")
        guard let first = line.firstIndex(of: "\""), let last = line.lastIndex(of: "\""), first < last else {
            return line
        }
        return line[..<first] + "***" + line[line.index(after: last)...]
    }
}
