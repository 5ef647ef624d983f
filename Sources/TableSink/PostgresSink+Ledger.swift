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
            heldStill[claim.stream] = nil
            var beside: Checkpoint?
            if let still = claim.heldStill {
                let takeover = try await take(still, in: ledger)
                heldStill[claim.stream] = ownership(still, takeover)
                beside = takeover.checkpoint
            }
            var takeover = try await take(claim, in: ledger)
            // Those are among the unmoved.
            toBeMarked[claim.stream] = nil
            owned[claim.stream] = ownership(claim, takeover)
            takeover.beside = beside
            return takeover
        } catch {
            throw await failure(error)
        }
    }

    private func take(_ claim: StreamClaim, in ledger: Ledger) async throws(PostgresError) -> Takeover {
        do throws(PostgresError) {
            return try await ledger.take(claim)
        } catch {
            guard ["42P01", "3F000"].contains(error.sqlState) else { throw error }
            try await makeSchema()
            return try await ledger.take(claim)
        }
    }

    private func ownership(_ claim: StreamClaim, _ takeover: Takeover) -> Ledger.Ownership {
        Ledger.Ownership(
            claim: claim,
            epoch: takeover.epoch,
            checkpoint: takeover.checkpoint,
            generation: generation
        )
    }

    package func checkpoint(of stream: String) async throws(SinkFailure) -> Checkpoint? {
        do throws(PostgresError) { try await connectIfNeeded() } catch { throw await failure(error) }
        guard ledger != nil else { return nil }
        guard let ownership = owned[stream] else { throw .fenced }
        guard ownership.generation == generation else {
            owned[stream] = nil
            throw .disowned
        }
        if toBeMarked[stream] != nil {
            do throws(PostgresError) { try await markMoved(of: stream) } catch { throw await failure(error) }
        }
        return ownership.checkpoint
    }

    package func recorded(_ ids: [StreamID], of stream: String) async throws(SinkFailure) -> [RecordedDeadLetter] {
        guard let ledger, let claim = owned[stream]?.claim else { return [] }
        do throws(PostgresError) {
            return try await ledger.recorded(ids, of: claim)
        } catch {
            throw await failure(error)
        }
    }

    package func forgetMoves(of stream: String) async throws(SinkFailure) {
        guard let ledger else { return }
        guard let claim = owned[stream]?.claim else { throw .fenced }
        do throws(PostgresError) {
            try await connectIfNeeded()
            try await ledger.forgetMoves(of: claim)
        } catch {
            throw await failure(error)
        }
        toBeMarked[stream] = nil
    }

    package func noteMoved(_ ids: [StreamID], of stream: String) async {
        guard ledger != nil, owned[stream] != nil else { return }
        toBeMarked[stream, default: []] += ids
        do throws(PostgresError) { try await markMoved(of: stream) } catch { _ = await failure(error) }
    }

    /// Marks dead letters that were moved: those that could not be marked at once, before the next window.
    func markMoved(of stream: String) async throws(PostgresError) {
        guard let ledger, let ids = toBeMarked[stream], let owner = owned[stream] else { return }
        guard await connection.isConnected else { return }
        try await ledger.noteMoved(ids, of: owner.claim, as: owner.epoch)
        toBeMarked[stream] = nil
    }

    /// The owned streams of which this process is the owner no more, or over a connection that is no more, or in a database
    /// that went back to an older state. Looked at only while no transaction is open: whoever writes finds out by itself.
    package func disownedStreams() async -> [String] {
        guard let ledger, !owned.isEmpty else { return [] }
        guard await !connection.noticeEnd(), await connection.isConnected else { return Array(owned.keys) }
        let stale = owned.values.filter { $0.generation != generation }.map(\.claim.stream)
        guard stale.isEmpty, await !connection.isInTransaction else { return stale }
        do throws(PostgresError) {
            return try await ledger.notOwned(among: Array(owned.values))
        } catch {
            _ = await failure(error)
            return []
        }
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

/// Checkpoints of commands that write beside the drain.
extension PostgresSink {
    /// What of a stream has taken effect, without owning it; nil where no checkpoint is kept.
    package func peek(_ claim: StreamClaim) async throws(PostgresError) -> Checkpoint? {
        guard let ledger else { return nil }
        try await connectIfNeeded()
        do throws(PostgresError) {
            return try await ledger.peek(claim)
        } catch {
            guard ["42P01", "3F000"].contains(error.sqlState) else { throw error }
            return nil
        }
    }

    /// Drops a checkpoint whose work is done. To be called by the owner of the stream.
    package func forget(_ claim: StreamClaim) async throws(SinkFailure) {
        guard let ledger, try await checkpoint(of: claim.stream) != nil else { return }
        guard let owner = heldStill[claim.stream] ?? owned[claim.stream] else { return }
        do throws(PostgresError) { try await ledger.forget(claim, as: owner) } catch { throw await failure(error) }
    }

    /// Notes that dead letters stand in the dead-letter stream, whoever moved them: before they are taken from there, so
    /// that nobody moves them again.
    package func noteStanding(_ ids: [StreamID], of claim: StreamClaim) async throws(PostgresError) {
        guard let ledger else { return }
        try await connectIfNeeded()
        do throws(PostgresError) {
            var rest = ids[...]
            while !rest.isEmpty {
                try await ledger.noteMoved(Array(rest.prefix(10_000)), of: claim, as: nil)
                rest = rest.dropFirst(10_000)
            }
        } catch {
            guard ["42P01", "3F000"].contains(error.sqlState) else { throw error }
        }
    }
}
