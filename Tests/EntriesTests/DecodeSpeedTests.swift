import Entries
import Testing

@Suite struct DecodeSpeedTests {
    private static let count = 1000

    private static let entries = (0..<count).map { number in
        Array(
            #"""
            {"op":"create","table":"atlas_app.booking","row":{"id":"6f1c2b4e-0000-4000-8000-0000000\#(10000 + number)",\#
            "customer_id":"c-\#(number)","status":"CONFIRMED","amount":1240.50,"currency":"INR","is_scheduled":false,\#
            "distance":\#(number),"driver_name":"Ravi Kumar","note":null,"tags":["a","b"],\#
            "created_at":"2026-08-18T13:48:46.121123Z","updated_at":"2026-08-18T13:48:46.121Z"},"forceDrainToDB":false}
            """#.utf8
        )
    }

    @Test(.enabled(if: !isDebugBuild, "only an optimised build has a speed"))
    func `an entry takes a few microseconds at most`() {
        var decoder = EntryDecoder(defaultSchema: "public")
        // The best of many rounds: a busy machine spoils most rounds, hardly all of them. Ten times what it takes.
        let best = (0..<50).map { _ in
            ContinuousClock().measure {
                #expect(Window(entries: Self.entries, reusing: &decoder).commands.count == Self.count)
            }
        }.min()
        #expect((best ?? .zero) / Self.count < .microseconds(8))
    }

    @Test func `many signatures in one window take no long time`() {
        let count = isDebugBuild ? 10_000 : 200_000
        let entries = (0..<count).map { Array(#"{"op":"create","table":"t","row":{"c\#($0)":1}}"#.utf8) }
        // Compared one with each other, these would take minutes.
        let time = ContinuousClock().measure {
            #expect(Window(entries: entries).signatures.count == count)
        }
        #expect(time < .seconds(20))
    }
}
