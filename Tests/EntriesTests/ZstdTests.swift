import Entries
import TestSupport
import Testing

@Suite struct ZstdTests {
    private static func failure(_ frame: [UInt8]) -> String? { DecodedEntry(bytes: frame).failure?.reason }

    @Test(arguments: [true, false])
    func `a frame says what its JSON says, in either format`(saysSize: Bool) throws {
        let native = #"{"op":"create","table":"t","row":{"a":"\u0041","b":[1,"x"]}}"#
        for text in [native] + (try WireExample.allCases.map { try $0.text }) {
            let frame = ZstdFrame.pack(Array(text.utf8), saysSize: saysSize)
            #expect(DecodedEntry(bytes: frame).summary == DecodedEntry(text).summary)
            #expect(DecodedEntry(bytes: frame).texts == DecodedEntry(text).texts)
        }
    }

    @Test func `frames and plain entries stand side by side, each with its own field kept`() throws {
        let plain = Array(try WireExample.update.text.utf8)
        let frame = ZstdFrame.pack(plain)
        let window = Window(entries: [plain, frame, plain, frame])
        #expect(window.commands.map(\.signature) == [0, 0, 0, 0])
        #expect((1..<4).allSatisfy { window.summary(of: $0) == window.summary(of: 0) })
        for (entry, body) in zip(window.entries, [plain, frame, plain, frame]) {
            #expect(window.arena[window.fields[entry.fields.lowerBound].value.range].elementsEqual(body))
        }
    }

    @Test func `a frame that is broken, cut or followed by anything is a failure that leaves nothing behind`() throws {
        let frame = ZstdFrame.pack(Array(try WireExample.create.text.utf8))
        let good = Array(try WireExample.update.text.utf8)
        var broken = (4..<frame.count).map { Array(frame[..<$0]) }
        broken += [frame + [0], frame + frame, frame + Array("{}".utf8), [0x28, 0xB5, 0x2F, 0xFD]]
        broken.append(ZstdFrame.pack([]))
        broken.append(ZstdFrame.pack(frame))
        let window = Window(entries: [good] + broken + [good])
        #expect(window.commands.count == 2)
        #expect(window.signatures.count == 1)
        #expect(window.cells.count == window.cells(of: window.commands[0]).count * 2)
        #expect(window.arena.count == window.fields.map { Int($0.name.length) + Int($0.value.length) }.reduce(0, +))
        #expect(Self.failure(frame + [0]) == "something stands after the zstd frame")
        #expect(Self.failure(Array(frame.dropLast())) == "the zstd frame is broken")
        let text = ZstdFrame.pack(Array(#"{"op":"create","table":"t","row":{"a":}}"#.utf8))
        #expect(Self.failure(text) == "in the unpacked frame: a value must stand here")
        #expect(DecodedEntry(bytes: text).failure?.offset == 38)
    }

    /// Peak memory is what a bomb is after; `ops/test` measures none, so this holds what bounds it.
    @Test func `a bomb is refused before it takes more than its limit`() {
        let limit = ZstdFrame.mostBytes / 131_072
        let tooLarge = "the zstd frame unpacks to more than 64 MiB"
        let time = ContinuousClock().measure {
            #expect(Self.failure(ZstdFrame.bomb(blocks: limit + 1)) == tooLarge)
        }
        #expect(time < .seconds(60))
        #expect(Self.failure(ZstdFrame.bomb(blocks: 1)) == "in the unpacked frame: the JSON ends too early")
        let window = Window(entries: [ZstdFrame.bomb(blocks: limit + 1)])
        #expect(window.arena.count < 10_000)
    }

    @Test func `a frame that claims a size is not believed further than it can hold`() {
        // A window of 128 KiB, sizes in eight bytes.
        let sizes: [UInt64] = [1 << 20, UInt64(ZstdFrame.mostBytes) + 1, 1 << 62, UInt64.max - 2]
        for size in sizes {
            let header: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0xC0, 0x38]
            let bytes: [UInt8] = (0..<8).map { (place: Int) -> UInt8 in
                UInt8(truncatingIfNeeded: size >> UInt64(8 * place))
            }
            var frame: [UInt8] = header
            frame.append(contentsOf: bytes)
            frame.append(contentsOf: [0x01, 0x00, 0x00] as [UInt8])
            let failure: String? = Self.failure(frame)
            #expect(failure?.hasPrefix("the zstd frame") == true)
        }
    }

    @Test func `as much as the limit is unpacked`() {
        let start = #"{"op":"create","table":"t","row":{"a":""#
        let count = ZstdFrame.mostBytes - start.utf8.count - 3
        let body = Array(start.utf8) + [UInt8](repeating: UInt8(ascii: "x"), count: count) + Array("\"}}".utf8)
        #expect(body.count == ZstdFrame.mostBytes)
        for saysSize in [true, false] {
            let window = Window(entries: [ZstdFrame.pack(body, saysSize: saysSize)])
            #expect(window.cells.first.map { Int($0.bytes.length) } == count)
        }
        let more = ZstdFrame.pack(body + [UInt8(ascii: " ")])
        #expect(Self.failure(more) == "the zstd frame unpacks to more than 64 MiB")
    }
}
