package import Redis
package import StreamSource

/// Stops a fleet and lets it go on.
package struct StopSwitch: Sendable {
    private static let unsaid = "drainer pause"

    private let store: LiveKeyStore
    private let key: String
    private let refresh: String

    /// - Parameters:
    ///   - prefix: of the live keys.
    ///   - refresh: how soon the processes see it, for people.
    package init(_ store: LiveKeyStore, prefix: String, refresh: Duration) {
        self.store = store
        key = prefix + LiveKey.stop.name
        self.refresh = refresh.formatted
    }

    /// What to print: what is now, and what was before. A stop that stands keeps its reason unless another is given.
    package func pause(reason: String?) async throws(RedisError) -> String {
        let before = try await store.stop()
        let kept = before.isInForce ? before.reason : nil
        let reason = reason ?? kept ?? Self.unsaid
        try await store.setStop(reason: reason)
        if before.isInForce {
            return "still paused (\(reason)); it was paused before (\(before.reason ?? "no reason given"))"
        }
        return """
            paused (\(reason)): every process stops taking entries within \(refresh); nothing is lost
            before: \(text(before)); 'drainer resume' goes on
            """
    }

    /// What to print.
    package func resume() async throws(RedisError) -> String {
        let before = try await store.stop()
        try await store.deleteStop()
        guard before.isInForce else { return "nothing was paused (\(text(before)))" }
        return "resumed: every process goes on within \(refresh); it was paused (\(before.reason ?? "no reason given"))"
    }

    private func text(_ stop: LiveKeyStore.Stop) -> String {
        switch stop.value {
        case .none: "running"
        case .some("0"): "running, \(key) was 0"
        case .some(let value): "running, \(key) was \"\(value.prefix(40))\", which stops nobody"
        }
    }
}

extension Duration {
    /// `50 ms`, `1 s`.
    var formatted: String {
        let milliseconds = components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
        return milliseconds % 1000 == 0 ? "\(milliseconds / 1000) s" : "\(milliseconds) ms"
    }
}
