import Entries
import Foundation
import TestSupport
import Testing

/// The examples of the wire format, from their stream into tables such as their producer has, compared with what the
/// entries themselves say that the rows are.
@Suite struct KVExampleTests {
    private static let schema = """
        CREATE SCHEMA atlas_app;
        CREATE TABLE atlas_app.booking_cancellation_reason (
            additional_info text, booking_id uuid PRIMARY KEY, created_at timestamptz, distance_unit varchar(255),
            driver_cancellation_location_lat double precision, driver_cancellation_location_lon double precision,
            driver_dist_to_pickup bigint, driver_dist_to_pickup_value int, merchant_id char(36), reason_code text,
            reason_stage text, ride_id uuid, rider_id uuid, source text, updated_at timestamptz);
        CREATE TABLE atlas_app.rating (
            id uuid PRIMARY KEY, created_at timestamptz, feedback_details text, media_id uuid, merchant_id uuid,
            merchant_operating_city_id uuid, rating_value int, ride_id uuid, rider_id uuid, updated_at timestamptz,
            was_offered_assistance bool);
        INSERT INTO atlas_app.rating VALUES ('5b0a7d5e-1f6f-4d0d-8c55-0f7f25e2a4d1', '2026-08-18T13:40:00Z', 'good',
            gen_random_uuid(), 'da4e23a5-3ce6-4c37-8b9b-41377c3c1a51', NULL, 5, 'f3b1a1de-9f3c-4d4b-8a43-3a2b7e2f9a01',
            '9c3b7b1e-0f0e-4f0c-9d53-5f4c4e6b7a10', '2026-08-18T13:40:00Z', NULL);
        CREATE TABLE atlas_app.booking (
            id uuid PRIMARY KEY, bpp_ride_booking_id text, status text, driver_preference text[],
            config_in_experiment_versions jsonb, discount numeric(10, 2), updated_at timestamp);
        INSERT INTO atlas_app.booking (id) VALUES ('3f1d9c1a-0a54-4b57-8a5c-5d7f8f7c2b10'), (gen_random_uuid());
        CREATE TABLE atlas_app.fare_breakup (id uuid PRIMARY KEY, booking_id uuid, entity_type text);
        INSERT INTO atlas_app.fare_breakup VALUES
            ('0c4b6c0e-5a2d-4a2e-9d2c-6f0f3b1b8a77', '7d0f2a52-6a0e-4b7c-9f5d-2f0b1c9c1e11', 'BOOKING'),
            (gen_random_uuid(), '7d0f2a52-6a0e-4b7c-9f5d-2f0b1c9c1e11', 'BOOKING');
        """

    /// Table, and the columns that the model names another way.
    private static let models: [(example: WireExample, table: String, renamed: [String: String])] = [
        (.create, "booking_cancellation_reason", [:]), (.update, "rating", [:]),
        (.updateWithMappings, "booking", ["bpp_ride_booking_id": "bppBookingId"]),
    ]

    /// Columns whose values are not those of the model that the entry brings.
    private func differences(_ scene: Scene, _ example: WireExample, _ table: String, _ renamed: [String: String])
        async throws -> [String]
    {
        let entry = try #require(try JSONSerialization.jsonObject(with: Data(try example.bytes)) as? [String: Any])
        let model = try #require((entry["modelObject"] ?? entry["updatedModel"]) as? [String: Any])
        let types = try await scene.sql(
            """
            SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute
             WHERE attrelid = 'atlas_app.\(table)'::regclass AND attnum > 0
            """
        )
        #expect(types.count == model.count)
        var comparisons: [String] = []
        var definitions: [String] = []
        for case let (column?, type?) in types.map({ ($0[0], $0[1]) }) {
            let words = column.split(separator: "_").map(String.init)
            let field = renamed[column] ?? words[0] + words.dropFirst().map(\.localizedCapitalized).joined()
            #expect(model[field] != nil, "\(field)")
            definitions.append("\"\(field)\" \(type)")
            comparisons.append("CASE WHEN t.\(column) IS DISTINCT FROM m.\"\(field)\" THEN '\(column)' END")
        }
        let json = String(decoding: try JSONSerialization.data(withJSONObject: model), as: UTF8.self)
        // One row of the table is the model's: that with the fewest differences.
        let rows = try await scene.sql(
            """
            SELECT d FROM (SELECT concat_ws(',', \(comparisons.joined(separator: ", "))) AS d
                             FROM atlas_app.\(table) t,
                                  jsonb_to_record($model$\(json)$model$) AS m(\(definitions.joined(separator: ", ")))) x
             ORDER BY length(d) LIMIT 1
            """
        )
        return (rows.first?[0] ?? "no row").split(separator: ",").map(String.init)
    }

    @Test(arguments: CellTests.roads, [false, true])
    func theExamplesArriveAsTheirModels(road: [String: String], packed: Bool) async throws {
        try await withScene(Self.schema) { scene in
            let entries = try WireExample.allCases.map { try $0.bytes }
            try await scene.publish(bytes: packed ? entries.map { ZstdFrame.pack($0) } : entries)
            let report = try await scene.drain(road.merging(["DATABASE_SCHEMA": "atlas_app"]) { $1 })
            #expect(report.rows == 4 && report.deadLetters == 0 && report.unmatched == 0, "\(report.errors)")
            for model in Self.models {
                #expect(try await differences(scene, model.example, model.table, model.renamed) == [])
            }
            #expect(try await scene.count("atlas_app.fare_breakup") == 1)
            #expect(try await scene.count("atlas_app.booking WHERE status IS NULL") == 1)
        }
    }

    /// The road of all of them is bulk: also of the update whose `where` says the key twice.
    @Test func theExamplesCanBeBatched() async throws {
        try await withScene(Self.schema) { scene in
            try await scene.publish(bytes: try WireExample.allCases.map { try $0.bytes })
            let report = try await scene.drain(["DATABASE_SCHEMA": "atlas_app", "INSERT_BATCH_SIZE": "1"])
            #expect(report.bulkStatements == 4 && report.sequential == 0 && report.fallbacks == 0)
        }
    }
}
