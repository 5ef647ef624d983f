import Foundation
import Logging
import Synchronization
import Testing

@testable import Telemetry

/// How an event becomes a line.
@Suite struct LineLogHandlerTests {
    private func line(_ format: LineLogHandler.Format, showsValues: Bool, _ metadata: Logger.Metadata) -> String {
        let lines = Mutex("")
        let logger = Logger(label: "test") { label in
            LineLogHandler(label: label, format: format, level: .info, showsValues: showsValues) { line in
                lines.withLock { $0 += line }
            }
        }
        logger.info("a\nb", metadata: metadata)
        return lines.withLock { $0 }
    }

    @Test(arguments: [LineLogHandler.Format.text, .json])
    func wordsThatMayQuoteARowAreCutUnlessTheyAreWanted(format: LineLogHandler.Format) {
        let metadata: Logger.Metadata = [LogKey.words: "Key (id)=(canary)", LogKey.sqlState: "23505"]
        let plain = line(format, showsValues: false, metadata)
        #expect(plain.contains("23505") && !plain.contains("canary") && !plain.contains(LogKey.words))
        #expect(line(format, showsValues: true, metadata).contains("Key (id)=(canary)"))
    }

    @Test func aTextForgesNoLine() throws {
        let text = line(.text, showsValues: false, [LogKey.stream: "x\n2026 error forged=\"1\""])
        #expect(text.count { $0 == "\n" } == 1 && text.contains("stream=\"x 2026 error forged='1'\""))
        let json = line(.json, showsValues: false, [LogKey.stream: "x\n{}"])
        #expect(json.count { $0 == "\n" } == 1)
        let object = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: String]
        #expect(object?["stream"] == "x\n{}" && object?["message"] == "a\nb")
    }
}
