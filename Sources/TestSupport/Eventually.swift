/// Tries `condition` until it holds.
///
/// - Parameters:
///   - what: named in the failure: "the group is there".
///   - pause: between two tries.
/// - Throws: `ServerFailure` after `limit`; what `condition` throws.
package func eventually(
    _ what: String,
    within limit: Duration = .seconds(60),
    every pause: Duration = .milliseconds(10),
    _ condition: () async throws -> Bool
) async throws {
    let start = ContinuousClock.now
    while true {
        if try await condition() { return }
        guard ContinuousClock.now - start < limit else { throw ServerFailure("not within \(limit): \(what)") }
        try await Task.sleep(for: pause)
    }
}
