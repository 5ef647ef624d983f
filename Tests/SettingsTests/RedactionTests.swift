import Redis
import Testing

@testable import Settings

@Suite("Redaction")
struct RedactionTests {
    @Test(
        "No spelling of a connection shows its password",
        arguments: [
            "postgresql://u:secret@h/db", "postgres://u:secret@h", "POSTGRESQL://u:secret@h", "postgresql://:secret@h",
            "postgresql://u:secret@h1:1,h2:2/db", "postgresql://u:se:secret@h", "postgresql://u:se%40secret@h",
            "postgresql://u:x@secret@h/db", "postgresql://u:secret/x@h/db", "postgresql://u:x/secret@h/db",
            "postgresql://u:x?secret@h", "postgresql://u:x#secret@h", "postgresql://h/db?password=secret",
            "postgresql://h/db?PASSWORD=secret", "postgresql://h/db?p%61ssword=secret",
            "postgresql://h/db?password=x@secret",
            "postgresql://h/db?password=x&secret", "postgresql://h/db?password=x=secret",
            "postgresql://h/db?password=x#secret",
            "postgresql://h/db?sslpassword=secret",
            "postgresql://h/db?user=u&password=secret&sslmode=require", "postgresql://h/db?host=a?password=secret",
            "postgresql://u:secret", "postgresql://u:secret/db", "postgresql://u:x@h/db?password=s@secret",
            "postgresql://h/db?options=-cx%3Dsecret", "postgresql://h/db?dbname=postgres%3A//u:secret",
            "postgresql://h/db?dbname=password%3dsecret", "postgresql://h?unknown=secret", " postgresql://u:secret@h",
            "password=secret", "host=h password=secret", "host=h password = secret", "host=h password\n=\n'secret'",
            "host=h password='it''s secret'", "host=h password='it\\'s secret' user=u", "password=a\\ secret host=h",
            "password=a secret", "PassWord=secret", "host=h sslpassword=secret", "password='secret",
            "password=secret'x",
            "password=\u{a0}secret", "dbname=postgresql://u:secret@h/db", "dbname='host=h password=secret'",
            "passwordx secret", "secret", "u:secret@h", "=secret", "host=h =secret", "host= password=secret",
            "scram_client_key=secret", "options='-c x=secret'", "redis://:secret@h", "redis://secret@h",
            "://u:secret@h",
            "x y://u:secret@h", "postgresql:/u:secret@h", "postgresql//u:secret@h",
        ]
    )
    func hidden(text: String) async throws {
        #expect(!Redaction.redacted(connection: text).contains("secret"))
        let settings: DrainerSettings
        do {
            settings = try await load(environment: ["DATABASE_URL": text])
        } catch {
            // What libpq cannot read is told without a part of it: libpq's own words would quote one.
            #expect(!"\(error)".contains("secret") && "\(error)".contains("DATABASE_URL"), "\(error)")
            return
        }
        #expect(settings.database.text == text)
        var dumped = ""
        dump(settings, to: &dumped)
        dump(settings.database, to: &dumped)
        for shown in [
            "\(settings)", "\(settings.database)", String(reflecting: settings), dumped, "\(settings.redacted)",
        ] {
            #expect(!shown.contains("secret"))
        }
    }

    @Test(
        "What helps to find the server stays",
        arguments: [
            ("postgresql://u:p@h:5433/db?sslmode=require", "postgresql://u:***@h:5433/db?sslmode=require"),
            ("postgresql://u@h/db", "postgresql://u@h/db"),
            (
                "postgresql://h1:1,[::1]:2/db?target_session_attrs=any",
                "postgresql://h1:1,[::1]:2/db?target_session_attrs=any"
            ),
            ("postgresql://h?password=p&user=u", "postgresql://h?password=***&user=u"),
            ("postgresql:///db?host=/run/postgresql", "postgresql:///db?host=/run/postgresql"),
            ("host=h password=p port=5433", "host=h password=*** port=5433"),
            ("host = h  user='a b'", "host=h user='a b'"),
            ("user=it\\'s dbname=''", "user='it\\'s' dbname=''"),
        ]
    )
    func shown(text: String, redacted: String) {
        #expect(Redaction.redacted(connection: text) == redacted)
    }

    @Test(
        "The address of Redis shows no password in any print",
        arguments: [
            ("redis://u:secret@h/1", "redis://u:***@h:6379/1"), ("redis://:secret@[::1]", "redis://:***@[::1]:6379/0"),
            ("unix:///a%20b?password=secret&db=2", "unix://:***@/a%20b?db=2"), ("redis://h", "redis://h:6379/0"),
            ("redis://a%40b:sec%72et@h", "redis://a%40b:***@h:6379/0"),
        ]
    )
    func redis(text: String, redacted: String) async throws {
        let settings = try await load(environment: ["REDIS_URL": text])
        #expect(settings.redis.description == redacted)
        var dumped = ""
        dump(settings, to: &dumped)
        dump(settings.redis, to: &dumped)
        for shown in ["\(settings)", String(reflecting: settings.redis), dumped, "\(settings.redacted)"] {
            #expect(!shown.contains("secret"))
            #expect(!shown.contains("sec%72et"))
        }
    }

    @Test("The list names every setting with its value and origin, a line each")
    func list() async throws {
        let settings = try await load(["--workers", "2"], environment: ["STREAM_GROUP": "a\nb\u{1b}[31m"])
        let lines = settings.redacted
        #expect(lines.map(\.name) == SettingsTable.all.map(\.name))
        #expect(lines.contains(.init(name: "WORKERS", value: "2", origin: .flag)))
        #expect(lines.contains(.init(name: "STREAM_GROUP", value: "a\\nb\\u{1B}[31m", origin: .environment)))
        #expect(lines.contains(.init(name: "STREAM_CONSUMER", value: "box", origin: .default)))
        #expect(lines.contains(.init(name: "DATABASE_URL", value: "libpq's own PG* variables", origin: .default)))
    }

    @Test("An error stays on one line, and repeats no value that looks like a connection")
    func errors() async throws {
        let long = try await mistake { try await load(["--workers", "1\n2" + String(repeating: "x", count: 100_000)]) }
        #expect(!long.description.contains("\n"))
        #expect(long.description.count < 300)
        for text in ["redis://u:secret@h", "password=secret", "u:secret@h"] {
            #expect(!(try await mistake { try await load(["--workers", text]) }).description.contains("secret"))
        }
    }
}
