package import Drain
package import Entries

/// A source of scripted entries that remembers what became of them.
package actor MemorySource: Source {
    private let entries: [String]
    private let windowSize: Int
    private let goesOnAfterHalt: Bool
    private let journal: Journal
    private var next = 0
    private var isHalted = false
    private var waiters: [(windows: Int, continuation: CheckedContinuation<Void, Never>)] = []

    /// Entries acknowledged so far.
    package private(set) var settled = 0
    package private(set) var windows = 0
    package private(set) var halts: [HaltReason] = []
    /// By the entry's place in the stream.
    package private(set) var deadLetters: [Int: DeadLetter] = [:]

    /// - Parameters:
    ///   - entries: the JSON of their `command` fields.
    ///   - goesOnAfterHalt: hands out again what is not settled, as if someone had resumed the fleet at once.
    package init(
        _ entries: [String],
        windowSize: Int,
        goesOnAfterHalt: Bool = false,
        journal: Journal = Journal()
    ) {
        self.entries = entries
        self.windowSize = windowSize
        self.goesOnAfterHalt = goesOnAfterHalt
        self.journal = journal
    }

    package func next() async -> Delivery {
        if isHalted {
            isHalted = false
            if goesOnAfterHalt { return .interrupted }
            next = entries.count
        }
        guard next < entries.count else { return .finished }
        let end = min(next + windowSize, entries.count)
        let window = Window(entries[next..<end], firstSequence: next)
        journal.note("next \(next)..<\(end)")
        next = end
        windows += 1
        for waiter in waiters where waiter.windows <= windows { waiter.continuation.resume() }
        waiters.removeAll { $0.windows <= windows }
        return .window(window)
    }

    package func open(_ claim: StreamClaim, _ takeover: Takeover) async -> Opening { Opening() }

    package func settle(_ window: Window, entries: [Int], deadLetters: [DeadLetter]) async {
        let first = window.entries.first.map { Int($0.id.sequence) } ?? settled
        let count = (entries.last ?? -1) + 1
        journal.note("settle \(first)..<\(first + count)")
        settled = first + count
        for letter in deadLetters { self.deadLetters[first + letter.entry] = letter }
    }

    package func lose(_ stream: String) async {
        journal.note("lose")
        next = settled
    }

    package func halt(_ reason: HaltReason) async {
        journal.note("halt")
        halts.append(reason)
        isHalted = true
        next = settled
    }

    /// Returns once so many windows have been handed out.
    package func handedOut(_ count: Int) async {
        if windows >= count { return }
        await withCheckedContinuation { waiters.append((count, $0)) }
    }
}
