/// Runs `afterwards` whether `body` returns or throws, also in a cancelled task.
func cleaningUp<R>(_ body: () async throws -> R, afterwards: () async -> Void) async throws -> R {
    let result: Result<R, any Error>
    do {
        result = .success(try await body())
    } catch {
        result = .failure(error)
    }
    await afterwards()
    return try result.get()
}
