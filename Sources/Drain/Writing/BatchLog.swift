import Entries
import Logging
import Telemetry

/// At debug, a line for each batch as it is executed: `atlas_app.person create 3/5, 1000 rows, 8 ms`.
struct BatchLog {
    /// Nil where nobody wants the lines.
    private let logger: Logger?
    private let window: Window
    /// Of a planned batch, by its first command: its number among those of its signature, and how many these are.
    private var places: [Int: (number: Int, count: Int)] = [:]

    init(_ logger: Logger, _ window: Window, _ statements: [Statement]) {
        self.window = window
        guard logger.logLevel <= .debug else {
            self.logger = nil
            return
        }
        self.logger = logger
        let bulk = statements.filter { $0.form == .bulk }
        for (_, group) in Dictionary(grouping: bulk, by: \.signature) {
            for (index, statement) in group.enumerated() {
                places[statement.commands[statement.commands.startIndex]] = (index + 1, group.count)
            }
        }
    }

    /// - Parameter isPart: it carries a part of a batch that was refused.
    func executed(_ statement: Statement, isPart: Bool, duration: Duration) {
        guard let logger, statement.form == .bulk else { return }
        logger.debug(
            "\(name(of: statement, isPart)), \(Int((duration.inSeconds * 1000).rounded())) ms",
            metadata: place
        )
    }

    func failed(_ statement: Statement, isPart: Bool, sqlState: String) {
        guard let logger, statement.form == .bulk else { return }
        logger.debug(
            "\(name(of: statement, isPart)), refused",
            metadata: place.merging([LogKey.sqlState: "\(sqlState)"]) { $1 }
        )
    }

    private var place: Logger.Metadata { [LogKey.stream: "\(window.stream)"] }

    private func name(of statement: Statement, _ isPart: Bool) -> String {
        let signature = window.signatures[statement.signature]
        let known = isPart ? nil : places[statement.commands[statement.commands.startIndex]]
        let number = known.map { "\($0.number)/\($0.count)" } ?? "in part"
        return "\(signature.table) \(signature.operation) \(number), \(statement.commands.count) rows"
    }
}
