import Foundation
import Synchronization

/// What happened in a round and when, for whoever has to find out why.
final class Timeline: Sendable {
    private let start = ContinuousClock.now
    private let startOfDay = Date.now
    private let lines = Mutex<[String]>([])
    private let isLoud: Bool

    /// - Parameter isLoud: every line goes to standard error as well.
    init(isLoud: Bool) {
        self.isLoud = isLoud
    }

    /// Since the round began.
    var elapsed: Duration { ContinuousClock.now - start }

    func note(_ line: String) {
        let seconds = elapsed / .seconds(1)
        let text = String(format: "%9.3f  ", seconds) + line
        lines.withLock { $0.append(text) }
        if isLoud { FileHandle.standardError.write(Data((text + "\n").utf8)) }
    }

    /// All of it; 0 is the moment in its first line.
    var text: String {
        let format = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        return "0 is \(startOfDay.formatted(format))\n" + lines.withLock { $0 }.joined(separator: "\n") + "\n"
    }
}
