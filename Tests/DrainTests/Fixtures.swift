import Drain
import Entries
import Logging
import TestSupport

extension MemoryDatabase {
    /// Executes a window's commands one by one in stream order; returns what each refused one was refused with, by its
    /// index.
    mutating func executeOneByOne(_ window: Window) -> (refused: [Int: String], rows: Int, unmatched: Int) {
        var refused: [Int: String] = [:]
        var rows = 0
        var unmatched = 0
        for index in window.commands.indices {
            let before = self
            let statement = Statement(signature: window.commands[index].signature, commands: [index], form: .single)
            do throws(SinkFailure) {
                let effect = try execute(statement, of: window)
                rows += effect.rows
                unmatched += effect.unmatched
            } catch {
                self = before
                if case .refused(let refusal) = error { refused[index] = refusal.sqlState }
            }
        }
        return (refused, rows, unmatched)
    }
}

extension WindowWriter where S == MemorySink {
    /// A writer without grace whose waits take no time.
    init(
        _ sink: MemorySink,
        rules: DrainRules = DrainRules(),
        attempts: Int = 3,
        grace: Duration = .zero,
        clock: TestClock = TestClock(),
        health: SinkHealth = SinkHealth()
    ) {
        self.init(
            sink: sink,
            configuration: Configuration(retryAttempts: attempts, retryDelay: .seconds(1), refusalGrace: grace),
            rules: { _ in rules },
            health: health,
            logger: .silent,
            clock: clock
        )
    }
}

extension Logger {
    static let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
}

extension Plan {
    /// As `bulk 0 1 2`, a line for each batch.
    var lines: [String] {
        batches.map { "\($0.road) \($0.commands.map(String.init).joined(separator: " "))" }
    }
}
