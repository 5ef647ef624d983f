import Entries
import Testing

/// Windows one after the other in the same memory.
@Suite struct WindowRoomTests {
    private static func window(_ entries: Range<Int>, in room: consuming WindowRoom = WindowRoom()) -> Window {
        var builder = WindowBuilder(stream: "s", decoder: EntryDecoder(defaultSchema: "public"), in: room)
        for number in entries {
            let command = #"{"op":"create","table":"item","row":{"id":\#(number),"name":"row \#(number)"}}"#
            builder.append(
                id: StreamID(milliseconds: UInt64(number), sequence: 0),
                name: [UInt8]("command".utf8)[...],
                value: number.isMultiple(of: 7) ? [UInt8]("no JSON".utf8)[...] : [UInt8](command.utf8)[...]
            )
        }
        return builder.finish().window
    }

    private static func texts(_ window: Window) -> [[String]] {
        window.commands.map { command in
            window.cells(of: command).map { String(decoding: window.arena[$0.bytes.range], as: UTF8.self) }
        }
    }

    @Test func aWindowInAnothersRoomIsAsInItsOwn() {
        let rooms = WindowRooms()
        rooms.keep(Self.window(0..<500))
        let again = Self.window(1000..<1300, in: rooms.take())
        let fresh = Self.window(1000..<1300)
        #expect(Self.texts(again) == Self.texts(fresh))
        #expect(again.entries.map(\.id) == fresh.entries.map(\.id))
        #expect(again.entries.map(\.content) == fresh.entries.map(\.content))
        #expect(again.arena == fresh.arena)
        #expect(again.fields == fresh.fields)
    }

    @Test func memoryGoesOnAndContentDoesNot() {
        let rooms = WindowRooms()
        let window = Self.window(0..<500)
        let size = window.arena.count
        rooms.keep(window)
        let room = rooms.take()
        #expect(room.arena.capacity >= size)
        #expect(Self.texts(Self.window(0..<9, in: room)) == Self.texts(Self.window(0..<9)))
        #expect(rooms.take().arena.capacity == 0, "a room is given away once")
    }

    @Test func whoStillHoldsAWindowKeepsItsContent() {
        let rooms = WindowRooms()
        let window = Self.window(0..<500)
        rooms.keep(window)
        _ = Self.window(1000..<1500, in: rooms.take())
        #expect(Self.texts(window) == Self.texts(Self.window(0..<500)))
    }

    @Test func aHugeWindowsMemoryIsNotHeldForGood() {
        let rooms = WindowRooms()
        var builder = WindowBuilder(stream: "s", decoder: EntryDecoder(defaultSchema: "public"))
        builder.append(
            id: StreamID(milliseconds: 1, sequence: 0),
            name: [UInt8]("command".utf8)[...],
            value: [UInt8](repeating: UInt8(ascii: " "), count: 9 << 20)[...]
        )
        rooms.keep(builder.finish().window)
        #expect(rooms.take().arena.capacity == 0)
    }

    @Test func aWindowGoesOnWithItsEntriesAlone() {
        let rooms = WindowRooms()
        var window = Self.window(0..<500)
        let (whole, size) = (window, window.arena.count)
        rooms.keepContents(of: &window)
        #expect(window.stream == "s")
        #expect(window.entries.map(\.id) == whole.entries.map(\.id))
        #expect(window.arena.isEmpty && window.commands.isEmpty && window.cells.isEmpty && window.fields.isEmpty)
        #expect(Self.texts(whole) == Self.texts(Self.window(0..<500)))
        // It comes back when it is settled; its contents were kept before.
        rooms.keep(window)
        #expect(rooms.take().arena.capacity >= size)
        #expect(rooms.take().arena.capacity == 0)
        #expect(Self.texts(Self.window(0..<9, in: rooms.take())) == Self.texts(Self.window(0..<9)))
    }

    @Test func fewWindowsAreKept() {
        let rooms = WindowRooms()
        for _ in 0..<10 { rooms.keep(Self.window(0..<10)) }
        #expect((0..<10).count { _ in rooms.take().arena.capacity > 0 } == 3)
    }
}
