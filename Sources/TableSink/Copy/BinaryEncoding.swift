/// How the values of a column are written in PostgreSQL's binary format.
///
/// The encoders are exact: a text either becomes what the type's text input would have made of it, or the encoder is not
/// sure (an unusual spelling, a value out of range) and leaves it to PostgreSQL, which then reads the statement's rows as
/// text. What a type refuses is refused by PostgreSQL, never here.
enum BinaryEncoding: Sendable, Hashable {
    case int16, int32, int64
    case float4, float8, numeric
    case boolean
    /// Bytes as they stand; a length is checked on receipt.
    case text
    case json, jsonb
    case uuid, bytea
    case date, time, timestamp, timestamptz

    /// - Parameters:
    ///   - type: OID of the column's type; of a domain, of its base type.
    ///   - kind: `pg_type.typtype`.
    init?(type: String, kind: String?) {
        if kind == "e" {
            self = .text
            return
        }
        // The OIDs of built-in types never change.
        switch type {
        case "21": self = .int16
        case "23": self = .int32
        case "20": self = .int64
        case "700": self = .float4
        case "701": self = .float8
        case "1700": self = .numeric
        case "16": self = .boolean
        case "25", "1043", "1042": self = .text
        case "114": self = .json
        case "3802": self = .jsonb
        case "2950": self = .uuid
        case "17": self = .bytea
        case "1082": self = .date
        case "1083": self = .time
        case "1114": self = .timestamp
        case "1184": self = .timestamptz
        default: return nil
        }
    }
}

extension BinaryEncoding {
    /// More than any value takes beyond the bytes of its text: its length, and a header.
    static let overhead = 32

    /// Writes the value that the text in `range` stands for, behind its length; returns the place behind it.
    ///
    /// - Parameter room: holds `overhead` bytes more than the text from `place` on.
    /// - Returns: nil where the encoder is not sure.
    @inline(__always)
    func write(
        _ source: Span<UInt8>,
        _ range: Range<Int>,
        to room: inout MutableRawSpan,
        at place: Int
    ) -> Int? {
        switch self {
        case .text, .json:
            room.store(Int32(truncatingIfNeeded: range.count), at: place)
            return room.copy(source, range, at: place &+ 4)
        case .jsonb:
            room.store(Int32(truncatingIfNeeded: range.count &+ 1), at: place)
            // The format's version.
            room.store(1 as UInt8, at: place &+ 4)
            return room.copy(source, range, at: place &+ 5)
        case .uuid:
            guard let (high, low) = source.uuid(range) else { return nil }
            room.store(16 as Int32, at: place)
            room.store(high, at: place &+ 4)
            room.store(low, at: place &+ 12)
            return place &+ 20
        case .int32:
            guard let value = source.integer(range), let value = Int32(exactly: value) else { return nil }
            return room.storeValue(value, at: place)
        case .int64:
            guard let value = source.integer(range) else { return nil }
            return room.storeValue(value, at: place)
        case .int16:
            guard let value = source.integer(range), let value = Int16(exactly: value) else { return nil }
            return room.storeValue(value, at: place)
        case .boolean:
            guard let value = source.boolean(range) else { return nil }
            return room.storeValue(value ? 1 : 0 as UInt8, at: place)
        case .numeric: return room.storeNumeric(source, range, at: place)
        case .timestamptz:
            guard let value = source.timestamp(range, appliesZone: true) else { return nil }
            return room.storeValue(value, at: place)
        case .timestamp:
            guard let value = source.timestamp(range, appliesZone: false) else { return nil }
            return room.storeValue(value, at: place)
        case .date:
            guard range.count == 10, let value = source.days(range.lowerBound) else { return nil }
            return room.storeValue(Int32(truncatingIfNeeded: value), at: place)
        case .time:
            guard let (value, end) = source.timeOfDay(range), end == range.upperBound else { return nil }
            return room.storeValue(value, at: place)
        case .float8:
            guard let value = source.double(range) else { return nil }
            return room.storeValue(value.bitPattern, at: place)
        case .float4:
            guard let value = source.float(range) else { return nil }
            return room.storeValue(value.bitPattern, at: place)
        case .bytea: return room.storeHexadecimal(source, range, at: place)
        }
    }
}
