import Foundation

/// Native commands as a producer writes them. Cells are JSON text, so that a test decides every digit.
enum Native {
    static func create(_ table: String, _ row: KeyValuePairs<String, String>, forced: Bool = false) -> String {
        #"{"op":"create","table":\#(text(table)),"row":\#(object(row))\#(flag(forced))}"#
    }

    static func update(
        _ table: String,
        set: KeyValuePairs<String, String>,
        where match: KeyValuePairs<String, String>,
        forced: Bool = false
    ) -> String {
        #"{"op":"update","table":\#(text(table)),"set":\#(object(set)),"where":\#(object(match))\#(flag(forced))}"#
    }

    static func delete(_ table: String, where match: KeyValuePairs<String, String>, forced: Bool = false) -> String {
        #"{"op":"delete","table":\#(text(table)),"where":\#(object(match))\#(flag(forced))}"#
    }

    /// A JSON string.
    static func text(_ text: String) -> String {
        // A string alone always is valid JSON.
        let data = try? JSONEncoder().encode(text)
        return String(decoding: data ?? Data(), as: UTF8.self)
    }

    private static func object(_ members: KeyValuePairs<String, String>) -> String {
        "{" + members.map { "\(text($0.key)):\($0.value)" }.joined(separator: ",") + "}"
    }

    private static func flag(_ forced: Bool) -> String {
        forced ? #","forceDrainToDB":true"# : ""
    }
}

/// The tables of the examples.
enum Atlas {
    static let schema = """
        CREATE SCHEMA atlas_app;
        CREATE TABLE atlas_app.person (id text PRIMARY KEY, name text, phone text, email text, created_at timestamptz);
        CREATE TABLE atlas_app.location (id text PRIMARY KEY, lat numeric, lon numeric);
        CREATE TABLE atlas_app.journey_leg (
            id text PRIMARY KEY, person_id text REFERENCES atlas_app.person, from_id text REFERENCES atlas_app.location);
        """

    static func person(_ number: Int, forced: Bool = false) -> String {
        Native.create(
            "atlas_app.person",
            ["id": "\"person-\(number)\"", "name": "\"name \(number)\"", "phone": "\"+49 \(number)\""],
            forced: forced
        )
    }

    static func personWithMail(_ number: Int) -> String {
        Native.create(
            "atlas_app.person",
            [
                "id": "\"person-\(number)\"", "name": "\"name \(number)\"", "phone": "\"+49 \(number)\"",
                "email": "\"\(number)@example.org\"",
            ]
        )
    }

    static func location(_ number: Int) -> String {
        Native.create("atlas_app.location", ["id": "\"location-\(number)\"", "lat": "52.5\(number)", "lon": "13.4"])
    }

    static func leg(_ number: Int, person: Int, forced: Bool = false) -> String {
        Native.create(
            "atlas_app.journey_leg",
            ["id": "\"leg-\(number)\"", "person_id": "\"person-\(person)\""],
            forced: forced
        )
    }
}
