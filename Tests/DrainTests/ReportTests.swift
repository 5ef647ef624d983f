import Drain
import Logging
import Synchronization
import TestSupport
import Testing

/// What is said once a minute.
@Suite struct ReportTests {
    @Test func `a busy minute is summed up, an idle one is not mentioned`() async throws {
        let totals = RunTotals()
        let lines = Mutex<[String]>([])
        let logger = Logger(label: "test") { _ in
            LineLog { line in lines.withLock { $0.append(line) } }
        }
        // What is drained in each minute; in the fifth the process ends.
        let minutes = [600, 0, 60, 0]
        let minute = Mutex(0)
        let clock = TestClock { length in
            #expect(length == .seconds(60))
            let number = minute.withLock { number in
                defer { number += 1 }
                return number
            }
            guard number < minutes.count else { return withUnsafeCurrentTask { $0?.cancel() } ?? () }
            var done = Totals()
            done.entries = minutes[number]
            done.rows = minutes[number]
            totals.add(done)
        }
        await Task { await totals.report(to: logger, clock: clock) }.value
        #expect(lines.withLock { $0.count } == 2)
        #expect(lines.withLock { $0.first?.contains("entries: 600") == true && $0.first?.contains("rate: 10") == true })
        #expect(lines.withLock { $0.last?.contains("entries: 60") == true })
    }

    @Test func `a complaint is due at once and then once a minute`() {
        var complaint = Complaint()
        let start = ContinuousClock.now
        let due = [0, 1, 59, 60, 61, 119, 120, 500].map { complaint.isDue(now: start + .seconds($0)) }
        #expect(due == [true, false, false, true, false, false, true, true])
    }
}

/// Hands each event on as one line.
private struct LineLog: LogHandler {
    let write: @Sendable (String) -> Void
    var metadata = Logger.Metadata()
    var logLevel = Logger.Level.info

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let pairs = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
        write("\(event.message) \(pairs.joined(separator: ", "))")
    }
}
