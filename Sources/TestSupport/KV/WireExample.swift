import Foundation

/// Entries as the producer of KV entries writes them; files of `Tests/WireExamples`.
package enum WireExample: String, CaseIterable, Sendable {
    case create = "create-booking_cancellation_reason"
    case update = "update-rating"
    case updateWithMappings = "update-booking-mappings-array-json"
    case delete = "delete-fare_breakup"

    package var bytes: [UInt8] {
        get throws {
            let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent().deletingLastPathComponent()
            let file = root.appending(path: "Tests/WireExamples/\(rawValue).json")
            var bytes = Array(try Data(contentsOf: file))
            // The file ends its line; the entry does not.
            if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
            return bytes
        }
    }

    package var text: String {
        get throws { String(decoding: try bytes, as: UTF8.self) }
    }
}
