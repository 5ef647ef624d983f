import Glibc
import Redis
import Testing

/// Replies as they come off a socket, in whatever pieces.
@Suite struct ReplyReaderTests {
    /// Two ends of a connection.
    private struct Pair {
        let server: Int32
        let client: Int32

        init() throws {
            var ends: [Int32] = [0, 0]
            try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
            (server, client) = (ends[0], ends[1])
            _ = fcntl(client, F_SETFL, O_NONBLOCK)
        }

        func send(_ bytes: some Collection<UInt8>) {
            let bytes = Array(bytes)
            #expect(write(server, bytes, bytes.count) == bytes.count)
        }

        func close() {
            Glibc.close(server)
            Glibc.close(client)
        }
    }

    private static let stream =
        "*1\r\n*2\r\n$1\r\ns\r\n*2\r\n*2\r\n$3\r\n1-0\r\n*2\r\n$7\r\ncommand\r\n$4\r\n\r\n$1\r\n*2\r\n$3\r\n1-1\r\n*-1\r\n"
    private static let rest =
        "*0\r\n:-9223372036854775808\r\n:9223372036854775807\r\n+OK\r\n-NOGROUP no such\r\n$0\r\n\r\n$-1\r\n+\r\n"

    private static func read(_ pieces: [[UInt8]], replies: Int) throws -> [String] {
        let pair = try Pair()
        defer { pair.close() }
        var reader = ReplyReader()
        for piece in pieces {
            pair.send(piece)
            #expect(try reader.receive(from: pair.client))
            #expect(try !reader.receive(from: pair.client), "nothing is left")
        }
        #expect(reader.count == replies)
        return try reader.finish().all().map { "\($0)" }
    }

    @Test func repliesComeInAnyPieces() throws {
        let bytes = Array((Self.stream + Self.rest).utf8)
        let whole = try Self.read([bytes], replies: 9)
        #expect(whole.count == 9)
        #expect(whole[2].contains("-9223372036854775808") && whole[3].contains("9223372036854775807"))
        #expect(whole[5].contains("NOGROUP"))
        #expect(try Self.read(bytes.map { [$0] }, replies: 9) == whole)
        for place in bytes.indices.dropFirst() {
            #expect(try Self.read([Array(bytes[..<place]), Array(bytes[place...])], replies: 9) == whole)
        }
    }

    @Test func stringsAreFoundWhereTheyLie() throws {
        let pair = try Pair()
        defer { pair.close() }
        // What the room held before is nothing.
        var reader = ReplyReader(in: Array("$9\r\nforbidden\r\n".utf8), bytes: 10, nodes: 1)
        pair.send(Self.stream.utf8)
        #expect(try reader.receive(from: pair.client))
        var cursor = try reader.finish().cursor
        #expect(try cursor.array() == 1 && cursor.array() == 2)
        #expect(try cursor.range().map { Array(cursor.bytes[$0]) } == Array("s".utf8))
        #expect(try cursor.array() == 2 && cursor.array() == 2)
        #expect(try cursor.range().map { Array(cursor.bytes[$0]) } == Array("1-0".utf8))
        #expect(try cursor.array() == 2)
        #expect(try cursor.range().map { Array(cursor.bytes[$0]) } == Array("command".utf8))
        #expect(try cursor.range().map { Array(cursor.bytes[$0]) } == Array("\r\n$1".utf8))
        #expect(try cursor.array() == 2)
        #expect(try cursor.range() != nil && cursor.array() == nil)
        #expect(cursor.isAtEnd)
        #expect(Array(cursor.bytes) == Array(Self.stream.utf8))
    }

    @Test(arguments: [
        "HTTP/1.1 400 Bad Request\r\n\r\n", "$5\r\nhelloXY", "$-2\r\n", "$\r\n", "$x\r\n", "$1x\r\n", "$5\rhello\r\n",
        "*-2\r\n", "*x\r\n", ":\r\n", ":1.5\r\n", ":9223372036854775808\r\n", ":-9223372036854775809\r\n",
        ":99999999999999999999\r\n", "+OK\rX", "$4294967296\r\n", "*4294967296\r\n", "%1\r\n+a\r\n+b\r\n", "\r\n",
    ])
    func whatIsNoReplyEndsTheConnection(text: String) throws {
        let pair = try Pair()
        defer { pair.close() }
        var reader = ReplyReader()
        pair.send(text.utf8)
        do throws(RedisError) {
            _ = try reader.receive(from: pair.client)
            Issue.record("it was read")
        } catch {
            #expect(error.code == .connection && error.message.contains("protocol"))
        }
    }

    @Test func whatNobodyAskedForIsNoAnswer() throws {
        let pair = try Pair()
        defer { pair.close() }
        var reader = ReplyReader()
        pair.send("+OK\r\n$5\r\nhel".utf8)
        #expect(try reader.receive(from: pair.client))
        #expect(reader.count == 1)
        do throws(RedisError) {
            _ = try reader.finish()
            Issue.record("it was taken")
        } catch {
            #expect(error.code == .connection)
        }
    }

    @Test func anEndIsTold() throws {
        let pair = try Pair()
        var reader = ReplyReader()
        pair.send("$5\r\nhel".utf8)
        #expect(try reader.receive(from: pair.client))
        close(pair.server)
        do throws(RedisError) {
            _ = try reader.receive(from: pair.client)
            Issue.record("it went on")
        } catch {
            #expect(error.message.contains("closed"))
        }
        close(pair.client)
    }
}
