internal import CLibPQ

extension PostgresResult {
    /// Copies a `PGresult` out of libpq; the caller clears it.
    init(_ result: OpaquePointer) {
        let columns = unsafe PQnfields(result)
        let rows = unsafe (0..<PQntuples(result)).map { row in
            (0..<columns).map { column -> String? in
                if unsafe PQgetisnull(result, row, column) == 1 { return nil }
                return unsafe String(cString: PQgetvalue(result, row, column))
            }
        }
        self.init(rows: rows, affected: unsafe Int(String(cString: PQcmdTuples(result))) ?? 0)
    }
}

extension PostgresError {
    /// Copies the error of a `PGresult` out of libpq; the caller clears it.
    init(_ result: OpaquePointer) {
        func field(_ code: Character) -> String? {
            guard let ascii = code.asciiValue, let text = unsafe PQresultErrorField(result, Int32(ascii)) else {
                return nil
            }
            return unsafe String(cString: text)
        }
        // The letters are the protocol's: PG_DIAG_SQLSTATE and the rest are these characters.
        self.init(
            sqlState: field("C"),
            message: field("M") ?? "an error without a message",
            detail: field("D"),
            context: field("W"),
            schema: field("s"),
            table: field("t"),
            column: field("c"),
            constraint: field("n"),
            copyLine: field("W").flatMap(Self.copyLine)
        )
    }

    /// The line that CONTEXT names of a COPY: 4321 of `COPY person, line 4321, column age: "x"`.
    ///
    /// The rest of it can show any text of the row, and a table may be called anything: a wrong number is possible, so
    /// whoever uses it looks whether it is right.
    static func copyLine(inContext context: String) -> Int? {
        for line in context.utf8.split(separator: UInt8(ascii: "\n")) where line.starts(with: "COPY ".utf8) {
            guard let comma = line.firstIndex(of: UInt8(ascii: ",")) else { continue }
            let isDigit = { (byte: UInt8) in (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
            let digits = line[comma...].drop { !isDigit($0) }.prefix(while: isDigit)
            if let number = Int(Substring(digits)) { return number }
        }
        return nil
    }
}
