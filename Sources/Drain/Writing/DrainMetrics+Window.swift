import Entries
import Foundation
import Telemetry

extension DrainMetrics {
    /// Tells of a window whose first `count` entries were committed.
    ///
    /// - Parameter unmatched: by signature.
    func tell(_ committed: Window, count: Int, unmatched: [Int: Int], deadLetters: [DeadLetter]) {
        window(entries: count)
        for (signature, count) in unmatched {
            let signature = committed.signatures[signature]
            self.unmatched(action: signature.operation, table: signature.table, count: count)
        }
        for letter in deadLetters { deadLetter(table: letter.table, reason: letter.error) }
        parseFailures(deadLetters.count { $0.error == "parse" })
        for (table, signatures) in Dictionary(grouping: committed.signatures, by: \.table) {
            self.signatures(table: table, count: signatures.count)
        }
        tellLatency(of: committed, count: count)
    }

    /// Entries of one millisecond and one action are told together.
    private func tellLatency(of committed: Window, count: Int) {
        let now = Date.now.timeIntervalSince1970
        var run: (action: Entries.Operation, milliseconds: UInt64, times: Int)?
        func tell() {
            guard let run else { return }
            latency(action: run.action, seconds: now - Double(run.milliseconds) / 1000, times: run.times)
        }
        for command in committed.commands where command.entry < count {
            let action = committed.signatures[command.signature].operation
            let milliseconds = committed.entries[command.entry].id.milliseconds
            if let current = run, current.action == action, current.milliseconds == milliseconds {
                run?.times += 1
            } else {
                tell()
                run = (action, milliseconds, 1)
            }
        }
        tell()
    }
}
