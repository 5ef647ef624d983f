/// A group's processes, streams and tables as Redis and PostgreSQL tell them.
package struct FleetStatus: Sendable, Encodable {
    package struct Server: Sendable, Encodable {
        package let answers: Bool
        /// What it says instead.
        package let reason: String?

        package init(answers: Bool, reason: String? = nil) {
            self.answers = answers
            self.reason = reason
        }
    }

    package struct Process: Sendable, Encodable {
        package let consumer: String
        package let host: String
        package let pid: Int32
        package let mode: String
        /// Milliseconds since the epoch.
        package let started: Int64
        /// The streams that it holds.
        package let holds: [String]
        /// What keeps it from writing; nil where nothing does.
        package let trouble: String?
    }

    package struct Checkpoint: Sendable, Encodable {
        package let lastID: String
        package let epoch: Int
        package let ahead: Int
        package let entriesRead: Int?
        package let updatedAt: String
    }

    package struct Stream: Sendable, Encodable {
        package let stream: String
        /// `consumer@host:pid` of the process that holds it.
        package var holder: String?
        package var length: Int
        /// nil where Redis does not know.
        package var lag: Int?
        package var pending: Int?
        /// Seconds since the oldest entry that is not acknowledged was added; 0 where there is none.
        package var oldestSeconds: Double?
        package var deadLetters: Int
        package var checkpoint: Checkpoint?
        /// Other groups that have not acknowledged everything and keep it from being trimmed.
        package var blockingGroups: [String]
        /// What is wrong with it.
        package var trouble: String?
    }

    package struct Shape: Sendable, Encodable {
        package let operation: String
        package let columns: [String]
        package let whereColumns: [String]
    }

    package struct Table: Sendable, Encodable {
        package let table: String
        package let signatures: [Shape]
        /// Columns that some creates of the table name and others do not.
        package let differing: [String]
    }

    package var group: String
    package var paused: Bool
    package var reason: String?
    package var redis = Server(answers: true)
    package var postgres = Server(answers: true)
    package var processes: [Process] = []
    package var streams: [Stream] = []
    /// Of the newest entries.
    package var tables: [Table] = []
}
