import Foundation

/// The line on a terminal that says how fast it goes, what is left, and for how long.
struct ProgressLine {
    /// How many are done.
    let entries: @Sendable () -> Int
    /// How many are left; nil where nobody knows.
    let left: @Sendable () async -> Int?

    /// Shows the line until cancelled, then wipes it; nothing where there is no terminal.
    func show() async {
        guard isatty(STDERR_FILENO) == 1 else { return }
        var last = (entries: entries(), time: ContinuousClock.now)
        while !Task.isCancelled {
            // Cancellation ends the wait early, and the loop sees it.
            try? await Task.sleep(for: .milliseconds(500))
            let entries = entries()
            let now = ContinuousClock.now
            let seconds = last.time.duration(to: now) / .seconds(1)
            let rate = seconds > 0 ? Double(entries - last.entries) / seconds : 0
            last = (entries, now)
            write("\r\u{1B}[K\(entries) entries, \(Int(rate))/s\(await rest(at: rate))")
        }
        write("\r\u{1B}[K")
    }

    private func rest(at rate: Double) async -> String {
        guard let left = await left() else { return "" }
        guard left > 0, rate >= 1 else { return ", \(left) left" }
        let seconds = Int((Double(left) / rate).rounded(.up))
        let time = seconds < 120 ? "\(seconds) s" : seconds < 7200 ? "\(seconds / 60) min" : "\(seconds / 3600) h"
        return ", \(left) left, about \(time)"
    }

    private func write(_ text: String) {
        FileHandle.standardError.write(Data(text.utf8))
    }
}

/// Runs `body` with the line beside it.
func showing<Value: Sendable>(
    _ progress: ProgressLine,
    _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value?.self) { group in
        group.addTask {
            await progress.show()
            return nil
        }
        group.addTask { try await body() }
        while let value = try await group.next() {
            guard let value else { continue }
            group.cancelAll()
            // The line is wiped before anything else is printed.
            while try await group.next() != nil {}
            return value
        }
        throw CancellationError()
    }
}
