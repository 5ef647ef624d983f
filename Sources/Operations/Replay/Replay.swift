import Drain
import Entries
import Settings
package import StreamSource

/// Writes a part of a stream again.
package struct Replay: Sendable {
    private let errand: Errand
    private let extent: ReplayExtent
    private let source: ReplaySource

    package init(_ errand: Errand, _ extent: ReplayExtent) {
        self.errand = errand
        self.extent = extent
        source = ReplaySource(
            errand.group,
            extent,
            configuration: errand.configuration,
            token: errand.leaseToken,
            logger: errand.logger
        )
    }

    /// Counts what would be written. Changes nothing.
    package func plan() async throws(ErrandFailure) -> ReplayPlan {
        if extent.start == .checkpoint {
            guard errand.configuration.keepsLedger else {
                throw .configuration("no checkpoint is kept with \(errand.settings.mode): give an ID or a time")
            }
            guard extent.table == nil else {
                throw .usage("a checkpoint moves over all tables or none: leave --table out, or give an ID or a time")
            }
        }
        try await errand.requireStream()
        var planner = ReplayPlanner(errand, extent)
        return try await planner.count()
    }

    /// Writes it, once the stream is this command's.
    package func run(whileHeld: @Sendable (FleetProfile) -> Void) async throws(ErrandFailure) -> ReplayReport {
        try await errand.prepare()
        let start = ContinuousClock.now
        let hasBegun = try await errand.carryAlone(source, whileHeld: whileHeld) {
            if case .complete = await source.ending { await errand.forget(await source.ownClaim) }
        }
        return ReplayReport(
            errand.totals.current,
            ending: hasBegun ? await source.ending : .stopped,
            refused: await source.refused,
            duration: start.duration(to: .now)
        )
    }

    /// Has it end after the window in hand.
    package func stop() async {
        await errand.guest.stop()
        await source.stop()
    }
}
