import Entries

/// Batches as they grow, and which of them used what last.
struct Arrangement {
    private(set) var batches: [Batch] = []
    /// Positions of each signature's batches, ascending; forced ones apart.
    private var positions: [[Int]]
    private var forcedPositions: [[Int]]
    /// Per resource and use, the last batch that used it; -1 for none.
    private var tableUses: [Int]
    private var valueUses: [UInt64: LastUses] = [:]
    /// Last batch that holds a command with these compared values.
    private var ownRows: [UInt64: Int] = [:]

    private struct LastUses {
        var shared = -1
        var opposed = -1
        var exclusive = -1
    }

    init(tables: Int, signatures: Int) {
        positions = Array(repeating: [], count: signatures)
        forcedPositions = positions
        tableUses = Array(repeating: -1, count: tables * TableResource.count * Use.count)
    }

    /// A command that looks for its place.
    struct Candidate {
        /// Index into `Window.commands`.
        let index: Int
        let signature: Int
        let road: Batch.Road
        let isCreate: Bool
        /// Hash of the values that a command without a key compares; nil where it cannot share a batch with its like.
        let ownRows: UInt64?
        /// Its table as a whole.
        let ownTable: Resource
    }

    /// The first position at which a command with this claim may stand.
    func firstPosition(for claim: Claim, of candidate: Candidate) -> Int {
        let last = lastUses(of: claim.resource)
        var others = -1
        var exclusive = last.exclusive
        switch claim.use {
        case .shared: others = last.opposed
        case .opposed: others = last.shared
        case .exclusive: others = max(last.shared, last.opposed)
        }
        // Commands of a batch on the single road are executed in stream order, whatever they conflict on.
        if candidate.road != .bulk { return max(others, exclusive) }
        // Creates of one statement keep their order: of two that take one value the first wins, and a row that refers
        // to an earlier one finds it.
        if candidate.isCreate { return max(others + 1, exclusive) }
        // Commands that compare different values of columns they do not change meet in no row.
        if let hash = candidate.ownRows, claim.resource == candidate.ownTable, exclusive >= 0,
            positions[candidate.signature].last == exclusive, ownRows[hash, default: -1] < exclusive
        {
            exclusive -= 1
        }
        return max(others, exclusive) + 1
    }

    /// Puts the command into the first fitting batch from `position` on, and says where that stands.
    mutating func place(_ candidate: Candidate, from position: Int) -> Int {
        let signature = candidate.signature
        let own = candidate.road == .forced ? forcedPositions[signature] : positions[signature]
        let first = own.partitioningIndex { $0 >= position }
        if first < own.count {
            batches[own[first]].commands.append(candidate.index)
            return own[first]
        }
        let new = batches.count
        batches.append(Batch(signature: signature, road: candidate.road, commands: [candidate.index]))
        if candidate.road == .forced {
            forcedPositions[signature].append(new)
        } else {
            positions[signature].append(new)
        }
        return new
    }

    mutating func note(_ claim: Claim, at position: Int) {
        switch claim.resource {
        case .table(let number):
            let slot = number * Use.count + claim.use.rawValue
            tableUses[slot] = max(tableUses[slot], position)
        case .value(let hash):
            switch claim.use {
            case .shared: valueUses[hash, default: LastUses()].shared.raise(to: position)
            case .opposed: valueUses[hash, default: LastUses()].opposed.raise(to: position)
            case .exclusive: valueUses[hash, default: LastUses()].exclusive.raise(to: position)
            }
        }
    }

    mutating func noteOwnRows(_ hash: UInt64, at position: Int) {
        ownRows[hash, default: -1].raise(to: position)
    }

    private func lastUses(of resource: Resource) -> LastUses {
        switch resource {
        case .table(let number):
            let slot = number * Use.count
            return LastUses(shared: tableUses[slot], opposed: tableUses[slot + 1], exclusive: tableUses[slot + 2])
        case .value(let hash): return valueUses[hash] ?? LastUses()
        }
    }
}

extension Int {
    fileprivate mutating func raise(to other: Int) { self = Swift.max(self, other) }
}

extension Array where Element == Int {
    /// The first index whose element satisfies the predicate, in an array whose satisfying elements are a suffix.
    fileprivate func partitioningIndex(where predicate: (Int) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if predicate(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
