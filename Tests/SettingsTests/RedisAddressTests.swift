import Redis
import Testing

@testable import Settings

@Suite("The address of Redis")
struct RedisAddressTests {
    struct Good: Sendable, CustomTestStringConvertible {
        let text: String
        let endpoint: RedisAddress.Endpoint
        var database = 0
        var user: String?
        var password: String?
        var testDescription: String { text }
    }

    static let good = [
        Good(text: "redis://localhost", endpoint: .tcp(host: "localhost", port: 6379)),
        Good(text: "REDIS://h:1/", endpoint: .tcp(host: "h", port: 1)),
        Good(text: "redis://h:/", endpoint: .tcp(host: "h", port: 6379)),
        Good(text: "redis://h:65535/15", endpoint: .tcp(host: "h", port: 65_535), database: 15),
        Good(text: "redis://h?db=3", endpoint: .tcp(host: "h", port: 6379), database: 3),
        Good(text: "redis://[::1]:6380/2", endpoint: .tcp(host: "::1", port: 6380), database: 2),
        Good(text: "redis://[fe80::1%25eth0]", endpoint: .tcp(host: "fe80::1%eth0", port: 6379)),
        Good(text: "redis://u:p@h", endpoint: .tcp(host: "h", port: 6379), user: "u", password: "p"),
        Good(text: "redis://:p@h", endpoint: .tcp(host: "h", port: 6379), password: "p"),
        Good(text: "redis://u:@h", endpoint: .tcp(host: "h", port: 6379), user: "u", password: ""),
        Good(text: "redis://:@h", endpoint: .tcp(host: "h", port: 6379)),
        Good(text: "redis://:a:b@h", endpoint: .tcp(host: "h", port: 6379), password: "a:b"),
        Good(text: "redis://:a@b@h", endpoint: .tcp(host: "h", port: 6379), password: "a@b"),
        Good(
            text: "redis://us%40er:p%3A%2f%3F%23%25%C3%BC@h",
            endpoint: .tcp(host: "h", port: 6379),
            user: "us@er",
            password: "p:/?#%ü"
        ),
        Good(text: "redis://h?user=u&password=x+y", endpoint: .tcp(host: "h", port: 6379), user: "u", password: "x+y"),
        Good(text: "unix:///run/redis.sock", endpoint: .unix(path: "/run/redis.sock")),
        Good(text: "unix:///run/redis.sock?db=4", endpoint: .unix(path: "/run/redis.sock"), database: 4),
        Good(text: "unix://u:p@/a%20b.sock?db=0", endpoint: .unix(path: "/a b.sock"), user: "u", password: "p"),
        Good(text: "unix:///r.sock?password=p&db=1", endpoint: .unix(path: "/r.sock"), database: 1, password: "p"),
    ]

    @Test("Every promised form is read, percent-decoded", arguments: good)
    func reads(_ good: Good) async throws {
        let address = try await load(environment: ["REDIS_URL": good.text]).redis
        #expect(address.endpoint == good.endpoint)
        #expect(address.database == good.database)
        #expect(address.user == good.user)
        #expect(address.password == good.password)
    }

    @Test(
        "A mistake is told without a part of the value, which may hold a password",
        arguments: [
            "secret", "redis:secret", "http://secret", "redis://", "redis:///secret", "redis://:secret@",
            "redis://h:secret",
            "redis://h:0/secret", "redis://h:65536?secret", "redis://h:-1?secret",
            "redis://h:18446744073709551617?secret",
            "redis://h/secret", "redis://h/-1?secret", "redis://h/1/secret", "redis://h/99999999999?secret",
            "redis://h?secret=1", "redis://h/1?db=2&password=secret", "redis://h?db=1&db=2&password=secret",
            "redis://u:secret@h?password=secret", "redis://secret@h", "redis://:secret%zz@h", "redis://:secret%2@h",
            "redis://:secret%ff@h", "redis://:secret%00@h", "redis://:secret#x@h", "redis://:secret/x@h",
            "redis://u:secret?x@h",
            "redis://::1:6379/secret", "redis://[::1/secret", "redis://[::1]x:secret", "redis://[h]:secret",
            "redis://h h/secret", "rediss://u:secret@h", "unix://host/secret", "unix://secret", "unix:///",
            "unix:///secret%00",
            "redis://h/1:secret@h", "redis://p@secret/word@h:6379",
        ]
    )
    func refusals(text: String) async throws {
        let error = try await mistake { try await load(["--redis-url", text]) }
        #expect(error.exitCode == 78)
        #expect(error.setting == "REDIS_URL")
        #expect(error.description.hasPrefix("REDIS_URL (flag --redis-url) "))
        #expect(!"\(error)".contains("secret"))
        #expect(!String(reflecting: error).contains("secret"))
    }

    @Test("TLS is refused as not supported yet")
    func tls() async throws {
        let error = try await mistake { try await load(["--redis-url", "rediss://h"]) }
        #expect(error.what.contains("TLS, which is not supported yet"))
    }

    @Test("A port beyond its range or astray is told as such")
    func badPort() async throws {
        let error = try await mistake { try await load(["--redis-url", "redis://h:65536"]) }
        #expect(error.what == "REDIS_URL (flag --redis-url) has a port that is no number from 1 to 65535")
    }
}
