import Redis
import TestSupport
import Testing

/// Commands as they are sent, and the memory of their replies.
@Suite struct RedisCommandTests {
    @Test func argumentsOfEveryLengthArrive() async throws {
        try await withScene("") { scene in
            for length in [0, 1, 9, 10, 99, 100, 101, 999, 1000, 1 << 20] {
                let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 37) }
                var whole = RedisCommand(["ECHO"])
                whole.append(contentsOf: bytes)
                var written = RedisCommand(["ECHO"])
                written.append { $0 += bytes }
                for reply in try await scene.redis.send([whole, written, ["PING"]]).all().prefix(2) {
                    guard case .string(let echo) = reply else {
                        Issue.record("\(length) bytes: \(reply)")
                        continue
                    }
                    #expect(echo == bytes, "\(length) bytes")
                }
            }
        }
    }

    @Test func aReplyTakesTheMemoryItIsGiven() async throws {
        try await withScene("") { scene in
            var text = RedisCommand(["ECHO"])
            text.append(contentsOf: [UInt8](repeating: 7, count: 100_000))
            var room: [UInt8] = []
            room.reserveCapacity(200_000)
            for _ in 0..<3 {
                let before = room.withUnsafeBufferPointer { UInt(bitPattern: $0.baseAddress) }
                var cursor = try await scene.redis.send([text], in: consume room).cursor
                let range = try #require(try cursor.range())
                room = cursor.takeBytes()
                #expect(room[range] == [UInt8](repeating: 7, count: 100_000)[...])
                #expect(room.withUnsafeBufferPointer { UInt(bitPattern: $0.baseAddress) } == before)
            }
        }
    }
}
