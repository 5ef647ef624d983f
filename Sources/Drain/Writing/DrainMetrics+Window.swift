import Entries
import Foundation
import Telemetry

extension DrainMetrics {
    /// Tells of entries of a window that were committed together.
    ///
    /// - Parameter unmatched: by signature.
    func tell(_ committed: Window, _ entries: [Int], unmatched: [Int: Int], deadLetters: [DeadLetter]) {
        window(entries: entries.count)
        for (signature, count) in unmatched {
            let signature = committed.signatures[signature]
            self.unmatched(action: signature.operation, table: signature.table, count: count)
        }
        for letter in deadLetters { deadLetter(table: letter.table, reason: letter.error) }
        parseFailures(deadLetters.count { $0.error == "parse" })
        for (table, signatures) in Dictionary(grouping: committed.signatures, by: \.table) {
            self.signatures(table: table, count: signatures.count)
        }
        tellLatency(of: committed, entries)
    }

    /// Entries of one millisecond and one signature are told together.
    private func tellLatency(of committed: Window, _ entries: [Int]) {
        let now = Date.now.timeIntervalSince1970
        var run = (signature: 0, milliseconds: UInt64(0), times: 0)
        func tell() {
            if run.times == 0 { return }
            let seconds = now - Double(run.milliseconds) / 1000
            latency(action: committed.signatures[run.signature].operation, seconds: seconds, times: run.times)
        }
        // Both are in stream order.
        var place = 0
        for command in committed.commands {
            while place < entries.count, entries[place] < command.entry { place += 1 }
            guard place < entries.count, entries[place] == command.entry else { continue }
            let milliseconds = committed.entries[command.entry].id.milliseconds
            if run.milliseconds == milliseconds, run.signature == command.signature {
                run.times += 1
            } else {
                tell()
                run = (command.signature, milliseconds, 1)
            }
        }
        tell()
    }
}
