package import Entries
import Redis
import Settings
package import StreamSource

/// Sets entries of a stream aside as dead letters, without trying them.
package struct Skip: Sendable {
    package struct Report: Sendable, Encodable {
        package let stream: String
        package let skipped: [String]
        /// Entries that had taken effect, or were dead letters, before.
        package let done: [String]
        /// `complete`, `stopped` or `lost`.
        package let ending: String
        /// Why the fleet is stopped, where it is.
        package let stopReason: String?

        package var isComplete: Bool { ending == "complete" }

        /// For people.
        package var text: String {
            var page = Paragraphs()
            for id in skipped { page.append("\(id) of \(stream) is a dead letter now, and was not written") }
            for id in done { page.append("\(id) of \(stream) was dealt with before: nothing was changed") }
            if let stopReason { page.append("the fleet is stopped (\(stopReason)): 'drainer resume' goes on") }
            return page.text
        }
    }

    private let errand: Errand
    private let ids: [StreamID]
    private let source: SkipSource

    package init(_ errand: Errand, _ ids: [StreamID]) {
        self.errand = errand
        self.ids = Set(ids).sorted()
        source = SkipSource(
            errand.group,
            self.ids,
            configuration: errand.configuration,
            token: errand.guest.token,
            logger: errand.logger
        )
    }

    package func run(whileHeld: @Sendable (FleetProfile) -> Void) async throws(ErrandFailure) -> Report {
        try await errand.requireStream()
        for id in ids {
            let found = try await asking { () async throws(RedisError) in
                try await errand.redis.send(["XRANGE", errand.stream, id.description, id.description])
            }
            guard found.elements?.isEmpty == false else {
                throw .usage("\(errand.stream) holds no entry \(id): it was never there, or is trimmed")
            }
        }
        try await errand.prepare()
        let hasBegun = try await errand.carryAlone(source, whileHeld: whileHeld) {}
        let store = LiveKeyStore(connection: errand.redis, prefix: errand.settings.livePrefix)
        let stop = try await asking { () async throws(RedisError) in try await store.stop() }
        let skipped = await source.skipped
        let done = await source.done
        let isComplete = hasBegun && skipped.count + done.count == ids.count
        return Report(
            stream: errand.stream,
            skipped: skipped.map(\.description),
            done: done.map(\.description),
            ending: await source.wasLost ? "lost" : isComplete ? "complete" : "stopped",
            stopReason: stop.isInForce ? stop.reason ?? "no reason given" : nil
        )
    }

    /// Has it end before it begins.
    package func stop() async {
        await errand.guest.stop()
        await source.stop()
    }
}
