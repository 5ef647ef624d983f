import Foundation
package import Logging
import Synchronization

/// Writes each event as one line on standard error: text for people, or one JSON object for machines.
package struct LineLogHandler: LogHandler {
    package enum Format: Sendable {
        case text, json
    }

    private let label: String
    private let format: Format
    private let showsValues: Bool
    private let write: @Sendable (String) -> Void

    package var metadata = Logger.Metadata()
    package var metadataProvider: Logger.MetadataProvider?
    package var logLevel: Logger.Level

    /// - Parameter showsValues: keeps what may quote a row, which is cut otherwise.
    package init(
        label: String,
        format: Format,
        level: Logger.Level,
        showsValues: Bool = false,
        write: @escaping @Sendable (String) -> Void = LineLogHandler.writeToStandardError
    ) {
        self.label = label
        self.format = format
        self.showsValues = showsValues
        logLevel = level
        self.write = write
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { _, new in new }
            .filter { showsValues || !LogKey.quoting.contains($0.key) }.sorted { $0.key < $1.key }
        let time = Date.now.formatted(.iso8601.time(includingFractionalSeconds: true))
        switch format {
        case .text:
            let pairs = all.map { " \($0.key)=\(Self.quotedIfNeeded("\($0.value)"))" }.joined()
            write("\(time) \(event.level) \(Self.oneLine(event.message.description))\(pairs)\n")
        case .json:
            var object: [String: String] = [:]
            for (key, value) in all { object[key] = "\(value)" }
            object["time"] = time
            object["level"] = "\(event.level)"
            object["message"] = event.message.description
            object["logger"] = label
            // Strings alone always make valid JSON.
            let data = try? JSONSerialization.data(
                withJSONObject: object,
                options: [.sortedKeys, .withoutEscapingSlashes]
            )
            write(data.map { String(decoding: $0, as: UTF8.self) + "\n" } ?? "")
        }
    }

    /// One write for each line, so that lines of several threads never mix.
    package static let writeToStandardError: @Sendable (String) -> Void = { line in
        standardError.withLock { _ in FileHandle.standardError.write(Data(line.utf8)) }
    }

    private static let standardError = Mutex(())

    /// A stream's or a table's name may hold anything, also what would forge another line.
    private static func oneLine(_ text: String) -> String {
        String(text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? " " : Character($0) })
    }

    private static func quotedIfNeeded(_ text: String) -> String {
        let isPlain = !text.isEmpty && text.unicodeScalars.allSatisfy { $0.value > 0x20 && $0 != "\"" && $0 != "=" }
        return isPlain ? text : "\"" + oneLine(text).replacing("\"", with: "'") + "\""
    }
}
