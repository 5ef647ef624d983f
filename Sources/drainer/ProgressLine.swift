import App
import Drain
import Foundation

/// The line on a terminal that says how fast it goes and what is left.
struct ProgressLine {
    let application: Application
    let start: ContinuousClock.Instant

    /// Shows the line until cancelled, then wipes it.
    func show() async {
        var last = (entries: 0, time: start)
        while !Task.isCancelled {
            // Cancellation ends the wait early, and the loop sees it.
            try? await Task.sleep(for: .milliseconds(500))
            let entries = application.totals.current.entries
            let now = ContinuousClock.now
            let seconds = last.time.duration(to: now) / .seconds(1)
            let rate = seconds > 0 ? Int(Double(entries - last.entries) / seconds) : 0
            last = (entries, now)
            let left = await application.backlog().map { ", \($0) left" } ?? ""
            write("\r\u{1B}[K\(entries) entries, \(rate)/s\(left)")
        }
        write("\r\u{1B}[K")
    }

    private func write(_ text: String) {
        FileHandle.standardError.write(Data(text.utf8))
    }
}
