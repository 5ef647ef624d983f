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

    /// Entries of one millisecond and one action are told together.
    private func tellLatency(of committed: Window, _ entries: [Int]) {
        let now = Date.now.timeIntervalSince1970
        var run: (action: Entries.Operation, milliseconds: UInt64, times: Int)?
        func tell() {
            guard let run else { return }
            latency(action: run.action, seconds: now - Double(run.milliseconds) / 1000, times: run.times)
        }
        for index in entries {
            let entry = committed.entries[index]
            guard case .command(let number) = entry.content else { continue }
            let action = committed.signatures[committed.commands[number].signature].operation
            let milliseconds = entry.id.milliseconds
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
