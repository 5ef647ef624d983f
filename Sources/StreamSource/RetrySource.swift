package import Drain
package import Entries
package import Logging
import Redis
import Telemetry

/// Hands dead letters out once more, in the order that their stream had them in. What is written is removed from them, what
/// is refused again stays for its new reason.
package actor RetrySource: Source {
    private enum Phase {
        case unclaimed
        case claimed
        case reading
        case ended
    }

    private let letters: DeadLetterStream
    private let group: StreamGroup
    private let configuration: SourceConfiguration
    private let redis: PatientRedis
    private var phase = Phase.unclaimed
    /// Where the letters that are still to be tried are kept.
    private var rest: ArraySlice<StreamID>
    private var size = EntrySize()
    private var decoder: EntryDecoder
    private var isStopping = false
    /// The ID that each letter handed out had in its stream.
    private var original: [StreamID: StreamID] = [:]

    package private(set) var refused = RefusedEntries()
    /// Written now, or by a run that ended before it could remove them.
    package private(set) var removed = 0
    package private(set) var wasLost = false
    package private(set) var ownClaim: StreamClaim?

    /// - Parameter places: of the letters, in the order in which they are tried.
    package init(
        _ letters: DeadLetterStream,
        at places: [StreamID],
        group: StreamGroup,
        configuration: SourceConfiguration,
        logger: Logger
    ) {
        self.letters = letters
        self.group = group
        self.configuration = configuration
        rest = places[...]
        redis = PatientRedis(logger: logger)
        decoder = EntryDecoder(defaultSchema: configuration.defaultSchema)
    }

    /// Whether all were tried.
    package var isComplete: Bool { rest.isEmpty && !wasLost }

    package func next() async -> Delivery {
        while true {
            if isStopping || Task.isCancelled { return .finished }
            switch phase {
            case .unclaimed:
                guard let claim = await redis.answer({ () async throws(RedisError) in try await makeClaim() }) else {
                    continue
                }
                phase = .claimed
                ownClaim = claim
                return .claimed(claim)
            case .reading:
                if rest.isEmpty { return .finished }
                if let window = await read() { return .window(window) }
            case .claimed, .ended: return .finished
            }
        }
    }

    package func open(_ claim: StreamClaim, _ takeover: Takeover) async -> Opening {
        guard case .claimed = phase else { return Opening() }
        // What a run before wrote or recorded, and could not see to any more.
        let removed = await redis.answer { () async throws(RedisError) in
            for letter in takeover.unmoved {
                try await letters.replace(letter.id, error: letter.error, message: letter.message, table: letter.table)
            }
            return try await letters.remove(takeover.checkpoint.ahead)
        }
        guard let removed, case .claimed = phase else { return Opening() }
        self.removed += removed
        phase = .reading
        return Opening(moved: takeover.unmoved.map(\.id))
    }

    package func settle(_ window: Window, entries: [Int], deadLetters: [DeadLetter]) async {
        let dead = Set(deadLetters.map(\.entry))
        let original = original
        refused.note(deadLetters, of: window) { original[$0] ?? $0 }
        let written = entries.filter { !dead.contains($0) }.map { window.entries[$0].id }
        let count = await redis.answer { () async throws(RedisError) in
            for letter in deadLetters {
                try await letters.replace(
                    window.entries[letter.entry].id,
                    error: letter.error,
                    message: letter.message,
                    table: letter.table?.description ?? ""
                )
            }
            return try await letters.remove(written)
        }
        if count != nil { removed += written.count }
        for entry in window.entries { self.original[entry.id] = nil }
    }

    package func lose(_ stream: String) {
        wasLost = true
        phase = .ended
    }

    package func halt(_ reason: HaltReason) { phase = .ended }

    /// No window is read from here on.
    package func stop() { isStopping = true }

    private func makeClaim() async throws(RedisError) -> StreamClaim {
        let source = configuration.keepsLedger ? try await group.source() : ""
        return StreamClaim(
            stream: group.stream,
            source: source,
            group: "\(group.name) dead letters",
            start: Checkpoint(lastID: .zero)
        )
    }

    /// The next window; nil where all its letters are gone.
    private func read() async -> Window? {
        let places = rest.prefix(size.count(of: configuration.readCount, in: configuration.windowBytes))
        let found = await redis.answer { () async throws(RedisError) in try await letters.letters(at: places) }
        guard let found, case .reading = phase else { return nil }
        var builder = WindowBuilder(stream: group.stream, decoder: decoder)
        var last = places.last
        for letter in found {
            if !builder.isEmpty, builder.byteCount >= configuration.windowBytes { break }
            let fields = letter.fields.map { (name: $0.name[...], value: $0.value[...]) }
            builder.append(id: letter.place, fields: fields)
            original[letter.place] = letter.id
            // Where bytes end the window, the next one begins behind its last letter.
            last = builder.count == found.count ? places.last : letter.place
        }
        if let last, let index = places.firstIndex(of: last) { rest = rest[(index + 1)...] }
        size.note(entries: builder.count, bytes: builder.byteCount)
        var window: Window
        (window, decoder) = builder.finish()
        window.standing = .retried
        return window.entries.isEmpty ? nil : window
    }
}
