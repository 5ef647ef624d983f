import Synchronization

/// Arrays of a window that is done with, for the next ones: memory that goes back and forth costs page faults, and in
/// pieces of megabytes leaves holes that the heap never fills.
package struct WindowRoom: Sendable {
    /// For the bytes of a reply, which become a window's arena. It holds what it held: to whoever writes over it, bytes that
    /// are there are cheaper than bytes that are not.
    package var arena: [UInt8] = []
    var entries: [Entry] = []
    var fields: [Field] = []
    var commands: [Command] = []
    var cells: [Cell] = []

    package init() {}

    /// Empties the window of all but its entries; an array that somebody else still holds is no loss, only no gain.
    fileprivate init(takingContentsOf window: inout Window) {
        swap(&arena, &window.arena)
        swap(&fields, &window.fields)
        swap(&commands, &window.commands)
        swap(&cells, &window.cells)
        fields.removeAll(keepingCapacity: true)
        commands.removeAll(keepingCapacity: true)
        cells.removeAll(keepingCapacity: true)
    }
}

/// The rooms of windows that are done with.
package final class WindowRooms: Sendable {
    private struct Kept {
        var rooms: [WindowRoom] = []
        /// Those of windows that went on without their contents.
        var entries: [[Entry]] = []
    }

    /// One is written, one read, one settled.
    private static let most = 3
    /// A window larger than this is rare: its memory is not held for good.
    private static let largestArena = 8 << 20
    private static let mostEntries = 1 << 17

    private let kept = Mutex(Kept())

    package init() {}

    /// Keeps the window's arrays.
    package func keep(_ window: consuming Window) {
        var window = window
        keepContents(of: &window)
        guard window.entries.count <= Self.mostEntries else { return }
        var entries: [Entry] = []
        swap(&entries, &window.entries)
        entries.removeAll(keepingCapacity: true)
        kept.withLock { if $0.entries.count < Self.most { $0.entries.append(entries) } }
    }

    /// Keeps the window's arrays but its entries, without which it cannot be settled.
    package func keepContents(of window: inout Window) {
        // What has gone already is no room.
        guard !window.arena.isEmpty, window.arena.count <= Self.largestArena else { return }
        let room = WindowRoom(takingContentsOf: &window)
        kept.withLock { if $0.rooms.count < Self.most { $0.rooms.append(room) } }
    }

    /// A room, which is new where none is left.
    package func take() -> WindowRoom {
        kept.withLock { kept in
            var room = kept.rooms.popLast() ?? WindowRoom()
            if let entries = kept.entries.popLast() { room.entries = entries }
            return room
        }
    }
}
