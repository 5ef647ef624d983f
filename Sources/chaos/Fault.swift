import Foundation
import TestSupport

/// Something that goes wrong.
enum Fault: Sendable, CustomStringConvertible {
    enum Server: String, Sendable, CaseIterable { case redis, postgres }

    /// SIGKILL, SIGTERM, or SIGSTOP for a while.
    case kill(slot: Int)
    case stop(slot: Int)
    case pause(slot: Int, Duration)
    /// kill -9 and, after a while, a start.
    case crash(Server, down: Duration)
    /// PostgreSQL's immediate stop, Redis' orderly one.
    case restart(Server, down: Duration)
    case freeze(Server, Duration)
    /// All connections, or one.
    case cutClients(Server, all: Bool)
    /// A slot's line to a server is spoilt after so many bytes; mended after a while.
    case spoil(slot: Int, Server, ProxyFault, after: Int, ProxyDirection, Duration)
    /// The answer to what holds `text` never arrives.
    case loseAnswer(slot: Int, Server, text: String, Duration)
    case newcomers(slot: Int, Server, FaultProxy.Newcomers, Duration)
    case slow(slot: Int, Server, by: Duration, Duration)

    /// What it is counted as.
    var kind: String {
        switch self {
        case .kill: "SIGKILL"
        case .stop: "SIGTERM"
        case .pause: "SIGSTOP"
        case .crash(let server, _): "\(server) kill -9"
        case .restart(.redis, _): "redis restart"
        case .restart(.postgres, _): "postgres immediate stop"
        case .freeze(let server, _): "\(server) frozen"
        case .cutClients(.redis, _): "CLIENT KILL"
        case .cutClients(.postgres, _): "pg_terminate_backend"
        case .spoil(_, let server, let fault, _, _, _): "\(server) \(fault.name)"
        case .loseAnswer(_, _, let text, _): "lost answer to \(text)"
        case .newcomers(_, let server, let newcomers, _): "\(server) newcomers \(newcomers)"
        case .slow(_, let server, _, _): "\(server) slow"
        }
    }

    /// All there is to know of it, for the timeline.
    var description: String {
        func text(_ time: Duration) -> String { time.formatted(.units(allowed: [.milliseconds])) }
        let more =
            switch self {
            case .kill, .stop: ""
            case .pause(_, let time), .freeze(_, let time): "for \(text(time))"
            case .crash(_, let down), .restart(_, let down): "away for \(text(down))"
            case .cutClients(_, let all): all ? "all" : "one"
            case .spoil(_, _, let fault, let bytes, let direction, let time):
                "\(fault) after \(bytes) bytes \(direction), for \(text(time))"
            case .loseAnswer(_, _, _, let time), .newcomers(_, _, _, let time): "for \(text(time))"
            case .slow(_, _, let delay, let time): "by \(text(delay)) for \(text(time))"
            }
        return "\(kind) on \(target) \(more)"
    }

    /// What no other fault may touch meanwhile.
    var target: String {
        switch self {
        case .kill(let slot), .stop(let slot), .pause(let slot, _): "slot \(slot)"
        case .crash(let server, _), .restart(let server, _), .freeze(let server, _), .cutClients(let server, _):
            server.rawValue
        case .spoil(let slot, let server, _, _, _, _), .loseAnswer(let slot, let server, _, _),
            .newcomers(let slot, let server, _, _), .slow(let slot, let server, _, _):
            "slot \(slot)'s \(server)"
        }
    }

    /// Draws one; everything in it comes from the generator.
    static func random(slots: Int, lease: Duration, _ generator: inout SeededGenerator) -> Fault {
        let slot = Int.random(in: 0..<slots, using: &generator)
        let server = generator.chance(50) ? Server.redis : .postgres
        let direction = generator.chance(50) ? ProxyDirection.toServer : .toClient
        func leases(_ range: ClosedRange<Double>) -> Duration { lease * Double.random(in: range, using: &generator) }
        func spoil(_ fault: ProxyFault, mended: ClosedRange<Double>) -> Fault {
            // Mostly in the middle of one of the next windows.
            let bytes = Int.random(in: 0...(generator.chance(50) ? 300 : 20_000), using: &generator)
            return .spoil(slot: slot, server, fault, after: bytes, direction, leases(mended))
        }
        switch Int.random(in: 0..<100, using: &generator) {
        case ..<16: return .kill(slot: slot)
        case ..<20: return .stop(slot: slot)
        case ..<32: return .pause(slot: slot, leases(1.1...4))
        case ..<36: return .crash(server, down: leases(0...2))
        case ..<40: return .restart(server, down: leases(0...2))
        case ..<43: return .freeze(server, leases(0.5...3))
        case ..<49: return .cutClients(server, all: generator.chance(40))
        case ..<59: return spoil(.reset, mended: 0...1)
        case ..<63: return spoil(.close, mended: 0...1)
        case ..<67: return spoil(.halfClose(direction), mended: 1...3)
        case ..<73: return spoil(.swallow(generator.chance(50) ? nil : direction), mended: 1...4)
        case ..<78: return spoil(.stall, mended: 1...4)
        case ..<83: return spoil(generator.chance(50) ? .loseClient : .loseServer, mended: 1...4)
        case ..<91:
            return server == .postgres
                ? .loseAnswer(slot: slot, .postgres, text: "COMMIT", leases(0.2...3))
                : .loseAnswer(slot: slot, .redis, text: "XACK", leases(0.2...3))
        case ..<96:
            return .newcomers(slot: slot, server, generator.chance(50) ? .silent : .refused, leases(1...3))
        default:
            let delay = Duration.milliseconds(Int.random(in: 1...30, using: &generator))
            return .slow(slot: slot, server, by: delay, leases(1...4))
        }
    }
}

extension ProxyFault {
    var name: String {
        switch self {
        case .close: "closed"
        case .reset: "reset"
        case .halfClose: "half closed"
        case .swallow: "black hole"
        case .stall: "stalled"
        case .loseClient, .loseServer: "half open"
        }
    }
}
