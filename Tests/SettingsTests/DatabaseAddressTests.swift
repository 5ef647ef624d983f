import Testing

@testable import Settings

@Suite("The address of PostgreSQL")
struct DatabaseAddressTests {
    @Test(
        "What libpq cannot use is a mistake of the configuration, and no part of it is shown",
        arguments: [
            ("postgresql://u:pa%zzsecret@h/db", "invalid percent-encoded token: ***"),
            ("host=h password=my secret", "missing = after ***"),
            ("host=h secret=1", "invalid connection option ***"),
            ("postgresql://u:my@secret@h/db", "an @ stands in the host"),
            ("postgresql://u:secret/x@h/db", "the port is no number"),
            ("postgresql://h:secret/db", "the port is no number"),
            ("dbname=postgresql://u:secret@h/db", "the name of the database holds a connection string"),
            ("u:secret@h", "neither a URI"),
        ]
    )
    func unusable(text: String, reason: String) async throws {
        let error = try await #require(throws: SettingsError.self) {
            try await load(environment: ["DATABASE_URL": text])
        }
        #expect(error.exitCode == 78 && error.setting == "DATABASE_URL")
        #expect(error.description.contains(reason) && !error.description.contains("secret"), "\(error)")
    }

    @Test(
        "What libpq can use is taken",
        arguments: [
            "postgresql://", "postgresql://u:p%40ss@h1:1,h2:/db?sslmode=require",
            "postgresql:///db?host=/run/postgresql",
            "host=h port=5432 dbname=app", "service=app", "app", #"host=h password='it\'s'"#,
        ]
    )
    func usable(text: String) async throws {
        #expect(try await load(environment: ["DATABASE_URL": text]).database.text == text)
    }
}
