import Synchronization

/// Arrays of a window that is done with, for the next ones: memory that goes back and forth costs page faults, and in
/// pieces of megabytes leaves holes that the heap never fills.
package struct WindowRoom: Sendable {
    /// For the bytes of a reply, which become a window's arena.
    package var arena: [UInt8] = []
    var entries: [Entry] = []
    var fields: [Field] = []
    var commands: [Command] = []
    var cells: [Cell] = []

    package init() {}

    /// Empties the window; an array that somebody else still holds is no loss, only no gain.
    fileprivate init(_ window: consuming Window) {
        arena = window.arena
        entries = window.entries
        fields = window.fields
        commands = window.commands
        cells = window.cells
        // Until it is gone, the arrays are not ours alone.
        window = Window(stream: "")
        arena.removeAll(keepingCapacity: true)
        entries.removeAll(keepingCapacity: true)
        fields.removeAll(keepingCapacity: true)
        commands.removeAll(keepingCapacity: true)
        cells.removeAll(keepingCapacity: true)
    }
}

/// The rooms of windows that are done with.
package final class WindowRooms: Sendable {
    /// One is written, one read, one settled.
    private static let most = 3
    /// A window larger than this (bytes) is rare: its memory is not held for good.
    private static let largestArena = 8 << 20

    private let rooms = Mutex<[WindowRoom]>([])

    package init() {}

    /// Keeps the window's arrays.
    package func keep(_ window: consuming Window) {
        guard window.arena.count <= Self.largestArena else { return }
        let room = WindowRoom(window)
        rooms.withLock { if $0.count < Self.most { $0.append(room) } }
    }

    /// A room, which is new where none is left.
    package func take() -> WindowRoom {
        rooms.withLock { $0.popLast() } ?? WindowRoom()
    }
}
