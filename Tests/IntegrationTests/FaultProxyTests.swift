import Synchronization
import TestSupport
import Testing

/// The proxy that other tests spoil connections with does just what they say.
@Suite struct FaultProxyTests {
    /// A client and a server with a proxy between them.
    private struct Line: Sendable {
        let proxy: FaultProxy
        let listener: LoopbackSocket
        let client: Peer
        let server: Peer

        func carry(_ text: String, from: Peer, to other: Peer) async throws {
            from.send(text)
            try await eventually("\(text) arrives") { other.received.hasSuffix(text) }
        }
    }

    private func withLine(_ body: (Line) async throws -> Void) async throws {
        let port = FreePort.next()
        let listener = try LoopbackSocket.listening(on: port)
        try await withFaultProxy(to: port) { proxy in
            let client = try Peer(.connecting(to: proxy.port))
            let server = try await accepted(listener)
            let line = Line(proxy: proxy, listener: listener, client: client, server: server)
            try await line.carry("hello", from: client, to: server)
            try await line.carry("welcome", from: server, to: client)
            try await body(line)
        }
    }

    private func accepted(_ listener: LoopbackSocket, within limit: Duration = .seconds(20)) async throws -> Peer {
        var peer: Peer?
        try await eventually("the proxy connects to the server", within: limit) {
            peer = listener.accept().map { Peer($0) }
            return peer != nil
        }
        return try #require(peer)
    }

    @Test func itCarriesAllBytesAndBothEnds() async throws {
        try await withLine { line in
            let long = String(repeating: "0123456789", count: 300_000)
            async let sent: Void = line.client.sendAll(long)
            try await eventually("all of it arrives") { line.server.received.utf8.count == 5 + long.utf8.count }
            await sent
            #expect(line.server.received == "hello" + long)
            #expect(line.proxy.carried(.toServer) == 5 + long.utf8.count)
            #expect(line.proxy.carried(.toClient) == 7)
            line.client.socket.finishWriting()
            try await eventually("the server sees the end") { line.server.ending == .end }
            try await line.carry("goodbye", from: line.server, to: line.client)
            line.server.socket.finishWriting()
            try await eventually("the client sees the end") { line.client.ending == .end }
            try await eventually("nothing is left") { line.proxy.connections == 0 }
        }
    }

    @Test(arguments: ProxyDirection.allCases, [0, 1, 7, 10])
    func itCutsAfterExactlySoManyBytes(direction: ProxyDirection, count: Int) async throws {
        try await withLine { line in
            let (from, to) = direction == .toServer ? (line.client, line.server) : (line.server, line.client)
            let before = to.received
            line.proxy.arm(.reset, after: count, direction)
            for piece in ["0123", "456789", "abc"] { from.send(piece) }
            try await eventually("both see the reset") { from.ending == .failure && to.ending == .failure }
            #expect(to.received == before + "0123456789".prefix(count))
            #expect(line.proxy.struck == 1 && !line.proxy.isArmed)
        }
    }

    @Test func anOrderlyEndIsOne() async throws {
        try await withLine { line in
            line.proxy.arm(.close, after: 2, .toClient)
            line.server.send("1234")
            try await eventually("both see the end") { line.server.ending == .end && line.client.ending == .end }
            #expect(line.client.received == "welcome12")
        }
    }

    @Test func halfOfItMayEnd() async throws {
        try await withLine { line in
            line.proxy.arm(.halfClose(.toServer), after: 2, .toServer)
            line.client.send("1234")
            try await eventually("the server sees the end") { line.server.ending == .end }
            #expect(line.server.received == "hello12")
            try await line.carry("still here", from: line.server, to: line.client)
            #expect(line.client.ending == nil)
        }
    }

    @Test func whatIsSwallowedIsNeverToldAndHealingResetsIt() async throws {
        try await withLine { line in
            line.proxy.arm(.swallow(.toClient), onSeeing: "COMMIT", .toServer)
            line.client.send("BEGIN; COM")
            try await eventually("the first piece arrives") { line.server.received == "helloBEGIN; COM" }
            line.server.send("-")
            try await eventually("what came before is answered") { line.client.received == "welcome-" }
            line.client.send("MIT\0rest")
            try await eventually("all of it arrives") { line.server.received == "helloBEGIN; COMMIT\0rest" }
            line.server.send("COMMITTED")
            line.server.socket.finishWriting()
            try await line.carry("anyone?", from: line.client, to: line.server)
            #expect(line.client.received == "welcome-" && line.client.ending == nil)
            line.proxy.heal()
            try await eventually("both see the reset") {
                line.client.ending == .failure && line.server.ending == .failure
            }
        }
    }

    @Test func aStalledConnectionGoesOn() async throws {
        try await withLine { line in
            line.proxy.arm(.stall, after: 3, .toServer)
            line.client.send("12345")
            try await eventually("it is stalled") { line.proxy.struck == 1 && line.server.received == "hello123" }
            line.server.send("67")
            line.server.socket.finishWriting()
            // Another connection's traffic shows that the proxy had its time.
            let other = try Peer(.connecting(to: line.proxy.port))
            let server = try await accepted(line.listener)
            try await line.carry("ping", from: other, to: server)
            #expect(
                line.server.received == "hello123" && line.client.received == "welcome" && line.client.ending == nil
            )
            line.proxy.heal()
            try await eventually("all of it arrives") {
                line.server.received == "hello12345" && line.client.received == "welcome67"
                    && line.client.ending == .end
            }
        }
    }

    @Test func halfOpenMeansThatOneEndDoesNotKnow() async throws {
        for fault in [ProxyFault.loseClient, .loseServer] {
            try await withLine { line in
                let (lost, kept) = fault == .loseClient ? (line.client, line.server) : (line.server, line.client)
                line.proxy.strike(fault)
                try await eventually("one sees the reset") { lost.ending == .failure }
                kept.send("anyone?")
                #expect(kept.ending == nil)
                kept.socket.close()
                try await eventually("nothing is left") { line.proxy.connections == 0 }
            }
        }
    }

    @Test func newcomersAreRefusedOrMetWithSilence() async throws {
        try await withLine { line in
            line.proxy.newcomers = .silent
            let silent = try Peer(.connecting(to: line.proxy.port))
            try await eventually("it is accepted") { line.proxy.connections == 2 }
            silent.send("anyone?")
            try await line.carry("as before", from: line.client, to: line.server)
            #expect(silent.received.isEmpty && silent.ending == nil && line.listener.accept() == nil)

            line.proxy.newcomers = .refused
            let late = try? Peer(.connecting(to: line.proxy.port))
            try await eventually("nobody listens") { late == nil || late?.ending == .failure }
            try await line.carry("as ever", from: line.client, to: line.server)

            line.proxy.heal()
            try await eventually("the silent one sees the reset") { silent.ending == .failure }
            try await eventually("it listens again") {
                let again = try? Peer(.connecting(to: line.proxy.port))
                again?.send("anyone?")
                guard let server = try? await accepted(line.listener, within: .milliseconds(100)) else { return false }
                return server.received == "anyone?"
            }
        }
    }

    @Test func piecesAreHeldBackAndStayInOrder() async throws {
        try await withLine { line in
            line.proxy.delay(.milliseconds(150), .toServer)
            let start = ContinuousClock.now
            for piece in ["1", "2", "3"] { line.client.send(piece) }
            try await line.carry("at once", from: line.server, to: line.client)
            try await eventually("they arrive") { line.server.received == "hello123" }
            #expect(ContinuousClock.now - start >= .milliseconds(150))
        }
    }

    @Test func itTurnsToAnotherServer() async throws {
        try await withLine { line in
            let port = FreePort.next()
            let listener = try LoopbackSocket.listening(on: port)
            line.proxy.target = port
            let client = try Peer(.connecting(to: line.proxy.port))
            let server = try await accepted(listener)
            try await line.carry("hello you", from: client, to: server)
            listener.close()
            let late = try Peer(.connecting(to: line.proxy.port))
            try await eventually("a server that is away is a reset") { late.ending == .failure }
        }
    }
}

/// One end of a connection, and what has come to it.
private final class Peer: Sendable {
    let socket: LoopbackSocket
    private let state = Mutex<(bytes: [UInt8], ending: LoopbackSocket.Reading?)>(([], nil))

    init(_ socket: LoopbackSocket) {
        self.socket = socket
    }

    func send(_ text: String) {
        // Who is told of a reset when it writes is not told again when it reads.
        if socket.write(Array(text.utf8)) == nil { state.withLock { $0.ending = .failure } }
    }

    /// However long the other side takes.
    func sendAll(_ text: String) async {
        var rest = Array(text.utf8)[...]
        while let count = socket.write(rest.prefix(65_536)), count < rest.count {
            rest = rest.dropFirst(count)
            await Task.yield()
        }
    }

    var received: String { String(decoding: read().bytes, as: UTF8.self) }
    /// Nil while the connection stands.
    var ending: LoopbackSocket.Reading? { read().ending }

    private func read() -> (bytes: [UInt8], ending: LoopbackSocket.Reading?) {
        state.withLock { state in
            while state.ending == nil {
                switch socket.read() {
                case .bytes(let more): state.bytes += more
                case .nothing: return state
                case let other: state.ending = other
                }
            }
            return state
        }
    }
}
