import Entries
import TestSupport
import Testing

@Suite struct SnakeCaseTests {
    @Test(arguments: [
        ("toLocationID", "to_location_id"), ("SOSAlert", "sos_alert"), ("addressLine1", "address_line1"),
        ("upiVPA2", "upi_vp_a2"), ("type_", "type"), ("b2bFlag", "b2b_flag"), ("id", "id"), ("ID", "id"), ("A", "a"),
        ("aB", "a_b"), ("AB", "ab"), ("ABc", "a_bc"), ("aBC", "a_bc"), ("aBCd", "a_b_cd"), ("x1Y", "x1_y"),
        ("X1Y", "x1_y"), ("XY1", "x_y1"), ("foo-bar", "foo_bar"), ("foo_bar", "foo_bar"), ("foo bar", "foo_bar"),
        ("foo__bar--baz", "foo_bar_baz"), ("_foo", "foo"), ("foo_Bar", "foo_bar"), ("Foo_BAR", "foo_bar"),
        ("SOS_alert", "so_s_alert"), ("A_B", "a_b"), ("fooÉtat", "foo_état"), ("straßeÄ", "straße_ä"),
        ("merchantOperatingCityId", "merchant_operating_city_id"), ("isPNRHashed", "is_pnr_hashed"),
        ("lat2Lon3", "lat2_lon3"), ("eKYCStatus", "e_kyc_status"), ("a B\u{A0}c", "a_b_c"),
    ])
    func `fields and types become names`(field: String, name: String) {
        let entry = DecodedEntry(KVText.create(field, [field: #""1""#]))
        #expect(entry.window.signatures.first?.columns == [name])
        #expect(entry.window.signatures.first?.table.name == name)
    }

    @Test(arguments: ["", "_", "-_ "])
    func `nothing is no name`(field: String) {
        #expect(DecodedEntry(KVText.create("T", [field: #""1""#])).failure?.reason == "a column's name is empty")
        #expect(DecodedEntry(KVText.create(field, ["a": #""1""#])).failure?.reason == "the table's name is empty")
    }
}
