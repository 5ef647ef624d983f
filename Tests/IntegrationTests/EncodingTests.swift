import Postgres
import TestSupport
import Testing

@testable import TableSink

/// The encoders of COPY's binary format against PostgreSQL's own reading: where one is sure, the value is the same; what
/// PostgreSQL refuses, none is sure of.
@Suite struct EncodingTests {
    /// A type, texts that its encoder must be sure of, and texts that it must leave to PostgreSQL or get right.
    struct TypeCase: Sendable, CustomTestStringConvertible {
        let type: String
        let encoding: BinaryEncoding
        let ordinary: [String]
        var odd: [String] = []

        var testDescription: String { type }
    }

    static let integers = ["0", "1", "-1", "42", "007", "-0", "12345", "32767", "-32768"]
    static let decimals = [
        "0", "-0", "0.0", "-0.00", "1", "10", "100", "1000", "10000", "12345678", "0.1", "0.01", "0.0001", "0.00001",
        "9.99",
        "99999999.9999", "10000.0001", "-12.5000", "000.5", "123456789012345", "0.30000000000000004",
        "12.971598700000001",
        "1.7976931348623157", "123456789.123456789",
    ]
    static let moments = [
        "2026-08-18 13:48:46", "2026-08-18T13:48:46Z", "2026-08-18 13:48:46.121123 UTC", "2026-08-18T13:48:46.1+05:30",
        "2000-02-29 00:00:00+00", "1900-03-01 23:59:59.999999-0330", "0001-01-01 00:00:00-14",
        "9999-12-31 23:59:59+14:00",
        "1999-12-31T23:59:59.000001", "2024-02-29 12:00:00.5Z",
    ]
    static let oddMoments = [
        "2026-02-29 00:00:00", "1900-02-29 00:00:00", "2026-04-31 00:00:00", "2026-00-10 00:00:00",
        "0000-01-01 00:00:00",
        "2026-08-18 24:00:00", "2026-08-18 13:48:60", "2026-08-18 13:60:00", "2026-08-18 13:48:46.1234567",
        "2026-08-18 13:48:46.", "2026-08-18 13:48:46+16", "2026-08-18 13:48:46+05:60", "2026-08-18 13:48", "2026-08-18",
        "infinity", "now", "2026-08-18 13:48:46 BC", "2026-08-18 13:48:46 Asia/Kolkata", "2026-08-18t13:48:46z",
        "2026-08-18 13:48:46utc", "2026-08-18 13:48:46+05:3", "2026-8-18 13:48:46", "18-08-2026 13:48:46",
        "2026-08-18 13:48:46+053015", "2026-08-18 13:48:46-00:00", "20260818T134846", "2026/08/18 13:48:46",
    ]

    static let types: [TypeCase] = [
        TypeCase(
            type: "int2",
            encoding: .int16,
            ordinary: integers,
            odd: ["32768", "-32769", "1.0", "1e2", " 1", "1 ", "+1", "", "-", "0x1", "1_000", "٣"]
        ),
        TypeCase(
            type: "int4",
            encoding: .int32,
            ordinary: integers + ["2147483647", "-2147483648"],
            odd: ["2147483648", "-2147483649", "99999999999999999999", "1.5", "--1", "1-"]
        ),
        TypeCase(
            type: "int8",
            encoding: .int64,
            ordinary: integers + ["9223372036854775807", "-9223372036854775808", "9007199254740993"],
            odd: ["9223372036854775808", "-9223372036854775809", "18446744073709551616", "9999999999999999999"]
        ),
        TypeCase(
            type: "float4",
            encoding: .float4,
            ordinary: decimals + ["3.4028235e38", "1e-5", "16777216", "16777217", "1.17549435e-38"],
            odd: ["3.5e38", "1e-46", "1e-40", "1e400", "NaN", "Infinity", "-inf", "1e", "1e+-5", ".5", "5.", "0x10"]
        ),
        TypeCase(
            type: "float8",
            encoding: .float8,
            ordinary: decimals + ["1e5", "1E+22", "1e23", "-1.5e-7", "1.7976931348623157e308", "9007199254740993"],
            odd: [
                "1e309", "1e-330", "4.9e-324", "2.2250738585072011e-308", "nan", "1e99999", "1.e5", "1d5", "1e5 ",
                "0e400",
                "12345678901234567890", "1e0000005",
            ]
        ),
        TypeCase(
            type: "numeric",
            encoding: .numeric,
            ordinary: decimals + [
                "1234567890123456789012345678901234567890", "0.1234567890123456789012345678901234567890",
                "12345678901234567890.12", "0.00000000", "10000000000000000", "1.0000000000000000",
            ],
            odd: ["1e5", "NaN", "Infinity", ".5", "5.", "1.2.3", "+1", "1 000", "1,5", "-", "", "1e131073", "0x1f"]
        ),
        TypeCase(
            type: "boolean",
            encoding: .boolean,
            ordinary: ["true", "false", "t", "f", "True", "FALSE", "T", "F"],
            odd: ["yes", "no", "on", "1", "0", "tru", " true", "truth", "", "F0"]
        ),
        TypeCase(type: "text", encoding: .text, ordinary: ["", " ", "a", "नमस्ते", "two\nlines\t", "\\N", "\\."]),
        TypeCase(type: "varchar(6)", encoding: .text, ordinary: ["", "abcdef", "नमस्ते", "ab    ", "abcdef   "]),
        TypeCase(type: "char(6)", encoding: .text, ordinary: ["", "abcdef", "नमस्ते", "ab    ", "abcdef   "]),
        TypeCase(type: "mood", encoding: .text, ordinary: ["sad", "very 'happy'"]),
        TypeCase(type: "json", encoding: .json, ordinary: ["1", "{\"b\" : 1.00, \"a\":[]}", "\"text\"", "null"]),
        TypeCase(type: "jsonb", encoding: .jsonb, ordinary: ["1", "{\"b\" : 1.00, \"a\":[]}", "\"text\"", "null"]),
        TypeCase(
            type: "uuid",
            encoding: .uuid,
            ordinary: [
                "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11",
                "00000000-0000-0000-0000-000000000000", "ffffffff-FFFF-ffff-FFFF-ffffffffffff",
                "01234567-89ab-cdef-0123-456789ABCDEF",
            ],
            odd: [
                "{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}", "a0eebc999c0b4ef8bb6d6bb9bd380a11", "a0ee-bc99-9c0b",
                "g0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "`0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
                "@0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", ":0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
                "a0eebc99-9c0b-4ef8-bb6d6-bb9bd380a11", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1é",
                "/0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
            ]
        ),
        TypeCase(
            type: "bytea",
            encoding: .bytea,
            ordinary: ["\\x", "\\x00", "\\x00ff5c", "\\xDEADBEEF", "\\x0123456789abcdefABCDEF"],
            odd: ["\\x0", "\\x0g", "\\x00 ff", "plain", "\\000", "\\X00", "\\\\", "", "\\x0123456789abcdeg"]
        ),
        TypeCase(
            type: "date",
            encoding: .date,
            ordinary: [
                "2026-08-18", "2000-01-01", "1999-12-31", "0001-01-01", "9999-12-31", "2024-02-29", "1900-02-28",
                "2000-02-29",
                "1970-01-01", "2026-12-31", "2026-07-31", "2026-09-30",
            ],
            odd: [
                "2026-02-29", "1900-02-29", "2026-13-01", "2026-00-01", "2026-01-00", "0000-01-01", "2026-04-31",
                "today",
                "2026-8-18", "02/03/2026", "10000-01-1", "2026-08-1x", "infinity", "2026.08.18",
            ]
        ),
        TypeCase(
            type: "time",
            encoding: .time,
            ordinary: ["13:48:46", "00:00:00", "23:59:59.999999", "12:30:00.5"],
            odd: [
                "24:00:00", "13:48", "13:48:60", "13:48:46+05", "13:48:46.1234567", "1:48:46", "13:48:46.", "134846",
                "allballs",
            ]
        ),
        TypeCase(type: "timestamp", encoding: .timestamp, ordinary: moments, odd: oddMoments),
        TypeCase(type: "timestamptz", encoding: .timestamptz, ordinary: moments, odd: oddMoments),
        TypeCase(type: "numeric(6,2)", encoding: .numeric, ordinary: ["1.005", "-1.015", "9999.994", "0.001", "12"]),
        TypeCase(
            type: "timestamptz(3)",
            encoding: .timestamptz,
            ordinary: ["2026-08-18 13:48:46.1235", "1999-12-31 23:59:59.9999"]
        ),
        TypeCase(type: "time(0)", encoding: .time, ordinary: ["13:48:46.5", "23:59:59.9"]),
        TypeCase(type: "share", encoding: .numeric, ordinary: ["0.125", "1"]),
    ]

    private static let schema = """
        CREATE TYPE mood AS ENUM ('sad', 'very ''happy''');
        CREATE DOMAIN share AS numeric(4,2) CHECK (VALUE >= 0);
        SET timezone = 'UTC';
        """

    @Test(arguments: types)
    func whereAnEncoderIsSureTheValueIsPostgreSQLsOwn(of type: TypeCase) async throws {
        for text in type.ordinary { #expect(Self.encoded(text, type.encoding) != nil, "\(text)") }
        let texts = Array(Set(type.ordinary + type.odd + Self.mutations(of: type)))
        try await withDatabase { database in
            let connection = PostgresConnection(conninfo: database.url, applicationName: "test")
            try await connection.connect(session: Self.schema)
            try await connection.run(
                """
                CREATE TABLE encoded (id int, value \(type.type));
                CREATE TABLE assigned (id int, value \(type.type));
                CREATE FUNCTION assign(id int, value text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN
                    EXECUTE format('INSERT INTO assigned VALUES ($1, %L)', value) USING id;
                EXCEPTION WHEN OTHERS THEN NULL; END $$;
                """
            )
            var sure: [Int] = []
            var rows = PostgresParameters()
            for (id, text) in texts.enumerated() where Self.encoded(text, type.encoding) != nil {
                sure.append(id)
                rows = PostgresParameters(text: ["\(id)", text])
                try await connection.run(.run(sql: "SELECT assign($1, $2)", rows))
            }
            let refused = try await Self.copy(sure.map { ($0, texts[$0]) }, type.encoding, over: connection)
            let known = try await connection.run("SELECT id FROM assigned").rows.compactMap {
                $0[0].flatMap { Int($0) }
            }
            let unknown = Set(sure).subtracting(known)
            #expect(refused == unknown, "\(refused.symmetricDifference(unknown).map { texts[$0] })")
            let different = try await connection.run(
                """
                SELECT id, e.value, a.value FROM encoded e FULL JOIN assigned a USING (id)
                 WHERE e.value::text IS DISTINCT FROM a.value::text
                """
            ).rows
            #expect(different.isEmpty, "\(different)")
            #expect(sure.count >= type.ordinary.count)
        }
    }

    /// Texts a step away from ordinary ones.
    private static func mutations(of type: TypeCase) -> [String] {
        var generator = SeededGenerator(seed: UInt64(type.type.utf8.reduce(7) { $0 &* 31 &+ Int($1) }))
        let letters = Array("0123456789+-.: eEaAfFgGtTzZxX_/T\\\"{}é")
        return (0..<400).map { _ in
            var text = Array((type.ordinary + type.odd).randomElement(using: &generator) ?? "")
            for _ in 0...Int.random(in: 0...1, using: &generator) {
                let letter = letters.randomElement(using: &generator) ?? "0"
                let place = Int.random(in: 0...text.count, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: text.insert(letter, at: place)
                case 1 where place < text.count: text[place] = letter
                default: if place < text.count { text.remove(at: place) }
                }
            }
            return String(text)
        }
    }

    /// The value behind its length; nil where the encoder is not sure.
    private static func encoded(_ text: String, _ encoding: BinaryEncoding) -> [UInt8]? {
        let bytes = Array(text.utf8)
        var buffer = RowBuffer()
        let isSure = buffer.append(upTo: bytes.count + BinaryEncoding.overhead) { room, place in
            encoding.write(bytes.span, 0..<bytes.count, to: &room, at: place)
        }
        return isSure ? Array(buffer.rows) : nil
    }

    /// Copies rows, each by itself where PostgreSQL refuses some; returns those.
    private static func copy(
        _ rows: [(id: Int, text: String)],
        _ encoding: BinaryEncoding,
        over connection: PostgresConnection
    ) async throws -> Set<Int> {
        var bytes: [UInt8] = [UInt8]("PGCOPY\n".utf8) + [0xFF, 0x0D, 0x0A, 0] + [UInt8](repeating: 0, count: 8)
        for (id, text) in rows {
            bytes += [0, 2, 0, 0, 0, 4] + (0..<4).map { UInt8(truncatingIfNeeded: id >> (24 - 8 * $0)) }
            bytes += encoded(text, encoding) ?? []
        }
        bytes += [0xFF, 0xFF]
        do throws(PostgresError) {
            var pieces = CopyPieces(bytes)
            try await connection.copy("COPY encoded FROM STDIN (FORMAT binary)", &pieces)
            return []
        } catch {
            guard error.sqlState != nil, rows.count > 1 else { return Set(rows.map(\.id)) }
            let middle = rows.count / 2
            return try await copy(Array(rows[..<middle]), encoding, over: connection)
                .union(copy(Array(rows[middle...]), encoding, over: connection))
        }
    }
}
