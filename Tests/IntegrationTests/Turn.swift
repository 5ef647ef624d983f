import Foundation

/// Lets so many tests use the shared servers at the same time and no more: hundreds at once would take every connection
/// that PostgreSQL has, and so long for each step that no wait is long enough.
actor Turn {
    static let shared = Turn(limit: max(8, 4 * ProcessInfo.processInfo.activeProcessorCount))

    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(limit: Int) {
        free = limit
    }

    /// Runs `body` when its turn has come.
    nonisolated func take<R>(_ body: () async throws -> R) async throws -> R {
        await begin()
        do {
            let result = try await body()
            await end()
            return result
        } catch {
            await end()
            throw error
        }
    }

    private func begin() async {
        if free > 0 {
            free -= 1
        } else {
            await withCheckedContinuation { waiting.append($0) }
        }
    }

    private func end() {
        if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
    }
}
