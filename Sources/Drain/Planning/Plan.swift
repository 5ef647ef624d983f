/// What a window's commands are executed as, in order.
package struct Plan: Sendable, Equatable {
    package var batches: [Batch]
    /// The first of them, which go ahead of the window: forced commands, and those that they must not overtake.
    package var urgentCount: Int

    package init(batches: [Batch] = [], urgentCount: Int = 0) {
        self.batches = batches
        self.urgentCount = urgentCount
    }
}

/// Commands of one signature that stand side by side in the plan.
package struct Batch: Sendable, Equatable {
    package enum Road: Sendable, Equatable {
        /// One statement for all of them.
        case bulk
        /// One statement each: too few of the signature, or batching is off.
        case single
        /// One statement each, ahead of the window.
        case forced
    }

    /// Index into `Window.signatures`.
    package let signature: Int
    package let road: Road
    /// Indices into `Window.commands`, in stream order.
    package var commands: [Int]

    package init(signature: Int, road: Road, commands: [Int]) {
        self.signature = signature
        self.road = road
        self.commands = commands
    }
}

/// When commands of a table are written in bulk.
package struct BatchRule: Sendable, Equatable {
    package var isEnabled: Bool
    /// Commands of a signature in a window from which on they go in bulk.
    package var batchSize: Int
    /// Most rows in one statement.
    package var chunkSize: Int
    /// From how many rows on creates are copied; 0 is never.
    package var copySize: Int

    package init(isEnabled: Bool = true, batchSize: Int = 10, chunkSize: Int = 1000, copySize: Int = 50) {
        self.isEnabled = isEnabled
        self.batchSize = batchSize
        self.chunkSize = chunkSize
        self.copySize = copySize
    }
}
