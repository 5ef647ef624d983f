package import Drain
package import Entries
package import Postgres

extension PostgresSink {
    /// What to do where the drainer's schema is missing and this role may not make it.
    private static let remedy =
        "let a role that may run 'drainer migrate' (--print shows the SQL), or start with LEDGER=off"

    package func take(_ claim: StreamClaim) async throws(SinkFailure) -> Takeover {
        guard let ledger else { return Takeover(epoch: 0, checkpoint: claim.start) }
        do throws(PostgresError) {
            try await connectIfNeeded()
            let takeover: Takeover
            do throws(PostgresError) {
                takeover = try await ledger.take(claim)
            } catch {
                guard ["42P01", "3F000"].contains(error.sqlState) else { throw error }
                try await makeSchema()
                takeover = try await ledger.take(claim)
            }
            owned[claim.stream] = Ledger.Ownership(
                claim: claim,
                epoch: takeover.epoch,
                checkpoint: takeover.checkpoint,
                generation: generation
            )
            return takeover
        } catch {
            throw await failure(error)
        }
    }

    package func checkpoint(of stream: String) async throws(SinkFailure) -> Checkpoint? {
        do throws(PostgresError) { try await connectIfNeeded() } catch { throw await failure(error) }
        guard let ledger else { return nil }
        guard var ownership = owned[stream] else { throw .fenced }
        do throws(PostgresError) {
            if ownership.generation == generation {
                if toBeMarked[stream] != nil { try await markMoved(of: stream) }
                return ownership.checkpoint
            }
            if let again = try await ledger.takeAgain(ownership) {
                // A database that went back to an older state is looked at from the start.
                if again.checkpoint.lastID >= ownership.checkpoint.lastID {
                    ownership.epoch = again.epoch
                    ownership.checkpoint = again.checkpoint
                    ownership.generation = generation
                    owned[stream] = ownership
                    return again.checkpoint
                }
            }
        } catch {
            throw await failure(error)
        }
        owned[stream] = nil
        throw .fenced
    }

    package func noteMoved(_ ids: [StreamID], of stream: String) async {
        guard ledger != nil, owned[stream] != nil else { return }
        toBeMarked[stream, default: []] += ids
        do throws(PostgresError) { try await markMoved(of: stream) } catch { _ = await failure(error) }
    }

    /// Marks dead letters that were moved: those that could not be marked at once, before the next window.
    func markMoved(of stream: String) async throws(PostgresError) {
        guard let ledger, let ids = toBeMarked[stream], let claim = owned[stream]?.claim else { return }
        guard await connection.isConnected else { return }
        try await ledger.noteMoved(ids, of: claim)
        toBeMarked[stream] = nil
    }

    /// Whether a stream is owned over a connection that is no more: what the database has become nobody knows.
    package func hasLostConnection() async -> Bool {
        guard ledger != nil, !owned.isEmpty else { return false }
        let isGone = await connection.noticeEnd()
        let isConnected = await connection.isConnected
        return isGone || !isConnected || owned.values.contains { $0.generation != generation }
    }

    /// Makes sure of the drainer's schema, for whoever must know at the start.
    ///
    /// - Returns: why it cannot be used, with what to do; nil where it can, or none is kept.
    package func prepareLedger() async throws(PostgresError) -> String? {
        guard let ledger else { return nil }
        try await connectIfNeeded()
        switch try await ledger.prepare() {
        case .none: return nil
        case .mayNotMake(let message): return "the schema \"drainer\" cannot be made (\(message)): \(Self.remedy)"
        case .lacksPrivileges(let privileges):
            let list = privileges.joined(separator: ", ")
            return "this role lacks \(list): grant it, or start with LEDGER=off"
        }
    }

    private func makeSchema() async throws(PostgresError) {
        guard let obstacle = try await prepareLedger() else { return }
        throw PostgresError(sqlState: "42501", message: obstacle)
    }
}
