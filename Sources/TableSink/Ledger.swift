import Drain
import Entries
import Postgres

/// The bookkeeping in the target database that makes every command take effect exactly once: the statements, each on a
/// connection that its owner keeps.
struct Ledger {
    let connection: PostgresConnection

    /// How long a taker waits for the transaction of the owner before, before it ends it.
    private static let patience = "1s"
    private static let mostTries = 5

    /// A stream as this process owns it.
    struct Ownership {
        let claim: StreamClaim
        var epoch: Int64
        var checkpoint: Checkpoint
        /// The connection that is the owner, counted.
        var generation: Int
    }

    /// Takes the stream from whoever owns it.
    func take(_ claim: StreamClaim) async throws(PostgresError) -> Takeover {
        var parameters = Self.key(claim)
        Self.append(claim.start, to: &parameters)
        guard let row = try await takeRow(LedgerText.take, parameters, claim), let (epoch, checkpoint) = Self.read(row)
        else { throw PostgresError(sqlState: nil, message: "the checkpoint holds what no drainer wrote") }
        let rows = try await connection.run(.run(sql: LedgerText.unmoved, Self.key(claim))).rows
        return Takeover(epoch: epoch, checkpoint: checkpoint, unmoved: rows.compactMap(Self.deadLetter))
    }

    /// The streams whose checkpoint is another process', gone, or behind what this process has committed.
    func notOwned(among owned: [Ownership]) async throws(PostgresError) -> [String] {
        guard let group = owned.first?.claim.group else { return [] }
        let rows = try await connection.run(.run(sql: LedgerText.epochs, PostgresParameters(text: [group]))).rows
        return owned.filter { ownership in
            !rows.contains { row in
                row[0] == ownership.claim.source && row[1] == ownership.claim.stream
                    && row[2] == String(ownership.epoch)
                    && row[3].flatMap { StreamID($0) }.map { $0 >= ownership.checkpoint.lastID } == true
            }
        }.map(\.claim.stream)
    }

    func forgetMoves(of claim: StreamClaim) async throws(PostgresError) {
        try await connection.run(.run(sql: LedgerText.forgetMoves, Self.key(claim)))
    }

    private static let fenceName = "drainer_fence"

    /// To be prepared once on every connection.
    static let fencePreparation = PostgresStep.prepare(name: fenceName, sql: LedgerText.fence)

    /// The step that moves the stream's checkpoint in an open transaction, and raises where that is another's by now.
    static func fence(_ ownership: Ownership, movingTo checkpoint: Checkpoint) -> PostgresStep {
        var parameters = key(ownership.claim)
        parameters.append(.text) { $0.append(contentsOf: String(ownership.epoch).utf8) }
        append(checkpoint, to: &parameters)
        return .execute(name: fenceName, parameters)
    }

    /// The step that keeps a checkpoint from being taken or moved until the transaction ends; raises as the fence does.
    static func hold(_ ownership: Ownership) -> PostgresStep {
        .run(sql: LedgerText.hold, key(ownership.claim, "\(ownership.epoch)"))
    }

    /// What has taken effect, without owning it.
    func peek(_ claim: StreamClaim) async throws(PostgresError) -> Checkpoint? {
        try await connection.run(.run(sql: LedgerText.peek, Self.key(claim))).rows.first.flatMap(Self.read)?.checkpoint
    }

    /// Drops a checkpoint whose work is done, unless another process has become the owner.
    func forget(_ claim: StreamClaim, as owner: Ownership) async throws(PostgresError) {
        let witness = [owner.claim.group, "\(owner.epoch)"]
        do throws(PostgresError) {
            try await connection.run(.run(sql: LedgerText.forget, Self.key(claim, witness[0], witness[1])))
        } catch {
            guard error.sqlState == "42501" else { throw error }
            let start = claim.start.lastID.description
            try await connection.run(.run(sql: LedgerText.startOver, Self.key(claim, witness[0], witness[1], start)))
        }
    }

    static func record(_ letter: DeadLetter, of window: Window, _ claim: StreamClaim) -> PostgresStep {
        var parameters = key(claim)
        let entry = window.entries[letter.entry]
        for text in [entry.id.description, letter.error, letter.message, letter.table?.description ?? ""] {
            // A message that quotes a value may hold what a text cannot.
            parameters.append(.text) { $0.append(contentsOf: text.utf8.lazy.map { $0 == 0 ? 0x20 : $0 }) }
        }
        let fields = window.fields[entry.fields]
        parameters.append(.binary) { buffer in
            // One dimension, no NULL, the element type's OID, its length, its lower bound.
            for word in [1, 0, byteaOID, Int32(fields.count * 2), 1] { append(word, to: &buffer) }
            for field in fields {
                for slice in [field.name, field.value] {
                    append(Int32(slice.range.count), to: &buffer)
                    buffer.append(contentsOf: window.arena[slice.range])
                }
            }
        }
        return .run(sql: LedgerText.record, parameters)
    }

    /// Which of these entries are recorded dead letters.
    func recorded(_ ids: [StreamID], of claim: StreamClaim) async throws(PostgresError) -> [RecordedDeadLetter] {
        let parameters = Self.key(claim, Self.array(ids))
        return try await connection.run(.run(sql: LedgerText.recorded, parameters)).rows.compactMap(Self.deadLetter)
    }

    /// - Parameter epoch: that of the owner, which does nothing where another has become it; nil for whoever is none.
    func noteMoved(_ ids: [StreamID], of claim: StreamClaim, as epoch: Int64?) async throws(PostgresError) {
        var parameters = Self.key(claim, Self.array(ids))
        guard let epoch else {
            try await connection.run(.run(sql: LedgerText.noteMoved, parameters))
            return
        }
        parameters.append(.text) { $0.append(contentsOf: String(epoch).utf8) }
        try await connection.run(.run(sql: LedgerText.noteMovedAsOwner, parameters))
    }

    /// Runs a statement that waits for the owner before, a second at a time.
    private func takeRow(_ sql: String, _ parameters: PostgresParameters, _ claim: StreamClaim)
        async throws(PostgresError) -> [String?]?
    {
        var tries = 0
        while true {
            tries += 1
            do throws(PostgresError) {
                try await connection.run("BEGIN; SET LOCAL lock_timeout = '\(Self.patience)'")
                let row = try await connection.run(.run(sql: sql, parameters)).rows.first
                try await connection.run("COMMIT")
                return row
            } catch {
                if await connection.isConnected { try await connection.run("ROLLBACK") }
                guard error.sqlState == "55P03", tries < Self.mostTries else { throw error }
                try await connection.run(.run(sql: LedgerText.endOwner, Self.key(claim)))
            }
        }
    }

    private static func key(_ claim: StreamClaim, _ more: String...) -> PostgresParameters {
        PostgresParameters(text: [claim.source, claim.stream, claim.group] + more)
    }

    private static func append(_ checkpoint: Checkpoint, to parameters: inout PostgresParameters) {
        parameters.append(.text) { $0.append(contentsOf: checkpoint.lastID.description.utf8) }
        parameters.append(.text) { $0.append(contentsOf: array(checkpoint.ahead.sorted()).utf8) }
        if let entriesRead = checkpoint.entriesRead {
            parameters.append(.text) { $0.append(contentsOf: String(entriesRead).utf8) }
        } else {
            parameters.appendNull()
        }
    }

    private static let byteaOID: Int32 = 17

    private static func append(_ word: Int32, to buffer: inout [UInt8]) {
        for shift in [24, 16, 8, 0] { buffer.append(UInt8(truncatingIfNeeded: word >> Int32(shift))) }
    }

    /// IDs need no quotes in an array literal.
    private static func array(_ ids: [StreamID]) -> String {
        "{\(ids.map(\.description).joined(separator: ","))}"
    }

    private static func read(_ row: [String?]) -> (epoch: Int64, checkpoint: Checkpoint)? {
        guard row.count == 4, let epoch = row[0].flatMap({ Int64($0) }), let lastID = row[1].flatMap({ StreamID($0) })
        else { return nil }
        let ahead = (row[2] ?? "").split(separator: ",").compactMap { StreamID($0) }
        return (
            epoch, Checkpoint(lastID: lastID, ahead: Set(ahead), entriesRead: row[3].flatMap { Int($0) })
        )
    }

    private static func deadLetter(_ row: [String?]) -> RecordedDeadLetter? {
        guard row.count == 5, let id = row[0].flatMap({ StreamID($0) }) else { return nil }
        let parts = row[4].map { $0.split(separator: ",", omittingEmptySubsequences: false).map(bytes(ofHex:)) } ?? []
        let fields = stride(from: 0, to: parts.count - 1, by: 2).map { index in
            RecordedField(name: parts[index], value: parts[index + 1])
        }
        return RecordedDeadLetter(
            id: id,
            error: row[1] ?? "",
            message: row[2] ?? "",
            table: row[3] ?? "",
            fields: fields
        )
    }

    private static func bytes(ofHex text: Substring) -> [UInt8] {
        let digits = text.utf8.map { UInt8($0 < 0x40 ? $0 & 0x0F : ($0 & 0x0F) + 9) }
        return stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }
}

extension Ledger {
    /// Why the drainer's schema cannot be used; nil once it is there and may be used.
    enum Obstacle: Sendable {
        case mayNotMake(String)
        case lacksPrivileges([String])
    }

    /// Makes the schema where it is missing and may be made.
    func prepare() async throws(PostgresError) -> Obstacle? {
        do throws(PostgresError) {
            if try await connection.run(LedgerText.probe).rows.first?.first != "t" {
                try await connection.run(LedgerText.migration)
            }
            let missing = try await connection.run(LedgerText.missingPrivilege).rows.compactMap { $0.first ?? nil }
            return missing.isEmpty ? nil : .lacksPrivileges(missing)
        } catch {
            guard error.sqlState == "42501" else { throw error }
            return .mayNotMake(error.message)
        }
    }
}
