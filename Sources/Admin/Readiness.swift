/// Whether the process can do its work now, and what keeps it from it.
package struct Readiness: Sendable, Hashable {
    /// One for each thing that is wrong, for people; empty while all is well. Holds no row value and no secret.
    package let reasons: [String]

    package static let ready = Readiness(reasons: [])

    package init(reasons: [String]) {
        self.reasons = reasons
    }

    package var isReady: Bool { reasons.isEmpty }
}
