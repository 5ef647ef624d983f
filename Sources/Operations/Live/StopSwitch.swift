package import Redis
import Settings
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

    /// A stop that stands keeps its reason unless another is given.
    package func pause(reason: String?) async throws(RedisError) -> StopChange {
        let before = try await store.stop()
        let kept = before.isInForce ? before.reason : nil
        let reason = reason ?? kept ?? Self.unsaid
        try await store.setStop(reason: reason)
        let text =
            before.isInForce
            ? "still paused (\(reason)); it was paused before (\(before.reason ?? "no reason given"))"
            : """
            paused (\(reason)): every process stops taking entries within \(refresh); nothing is lost
            before: \(text(before)); 'drainer resume' goes on
            """
        return StopChange(isStopped: true, reason: reason, wasStopped: before.isInForce, before.reason, text: text)
    }

    package func resume() async throws(RedisError) -> StopChange {
        let before = try await store.stop()
        try await store.deleteStop()
        let text =
            before.isInForce
            ? "resumed: every process goes on within \(refresh); it was paused (\(before.reason ?? "no reason given"))"
            : "nothing was paused (\(text(before)))"
        return StopChange(isStopped: false, reason: nil, wasStopped: before.isInForce, before.reason, text: text)
    }

    private func text(_ stop: LiveKeyStore.Stop) -> String {
        switch stop.value {
        case .none: "running"
        case .some("0"): "running, \(key) was 0"
        case .some(let value): "running, \(key) was \"\(value.prefix(40))\", which stops nobody"
        }
    }
}

/// What pausing or resuming did.
package struct StopChange: Sendable, Encodable {
    package let isStopped: Bool
    package let reason: String?
    package let wasStopped: Bool
    package let reasonBefore: String?
    /// For people.
    package let text: String

    init(isStopped: Bool, reason: String?, wasStopped: Bool, _ reasonBefore: String?, text: String) {
        self.isStopped = isStopped
        self.reason = reason
        self.wasStopped = wasStopped
        self.reasonBefore = wasStopped ? reasonBefore : nil
        self.text = text.split(separator: "\n").map { String($0).line(upTo: 1000) }.joined(separator: "\n")
    }

    private enum CodingKeys: String, CodingKey { case isStopped, reason, wasStopped, reasonBefore }
}

extension Duration {
    /// `50 ms`, `1 s`.
    var formatted: String {
        let milliseconds = components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
        return milliseconds % 1000 == 0 ? "\(milliseconds / 1000) s" : "\(milliseconds) ms"
    }
}
