/// The parameters of one statement, one after the other in a single buffer: libpq copies from there, nothing else does.
package struct PostgresParameters: Sendable {
    /// How a parameter's bytes are meant.
    package enum Format: Int32, Sendable {
        /// What the type's text input reads.
        case text = 0
        /// What the type's binary receive function reads.
        case binary = 1
    }

    private(set) var bytes: [UInt8] = []
    /// Offset of each; -1 for NULL.
    private(set) var offsets: [Int] = []
    private(set) var lengths: [Int32] = []
    private(set) var formats: [Int32] = []

    package init() {}

    /// Text parameters, as catalog queries use them.
    package init(text values: [String?]) {
        for value in values {
            if let value { append(.text) { $0.append(contentsOf: value.utf8) } } else { appendNull() }
        }
    }

    package var count: Int { offsets.count }

    package mutating func reserve(bytes count: Int) {
        bytes.reserveCapacity(bytes.count + count)
    }

    package mutating func appendNull() {
        offsets.append(-1)
        lengths.append(0)
        formats.append(0)
    }

    /// Appends one parameter, written by `write` at the end of the buffer.
    package mutating func append(_ format: Format, _ write: (inout [UInt8]) -> Void) {
        let start = bytes.count
        write(&bytes)
        offsets.append(start)
        lengths.append(Int32(bytes.count - start))
        formats.append(format.rawValue)
        // libpq reads text parameters up to the NUL.
        if format == .text { bytes.append(0) }
    }

    /// Whether a text parameter has a NUL inside, at which libpq would silently cut it.
    package var textHoldsNUL: Bool {
        for index in offsets.indices where offsets[index] >= 0 && formats[index] == Format.text.rawValue {
            if bytes[offsets[index]..<(offsets[index] + Int(lengths[index]))].contains(0) { return true }
        }
        return false
    }
}
