import Entries

/// How long it takes to read a native create of 400 bytes and 12 columns, the copy into the window included.
enum DecodeBenchmark {
    /// Reads `count` entries in windows of 1000 and says how many nanoseconds each took.
    static func run(count: Int) -> String {
        let entries = (0..<64).map(entry)
        var decoder = EntryDecoder(defaultSchema: "public")
        var commands = 0
        var bytes = 0
        let name = Array("command".utf8)
        let clock = ContinuousClock()
        let time = clock.measure {
            var done = 0
            while done < count {
                let size = min(1000, count - done)
                var builder = WindowBuilder(stream: "bench", decoder: decoder)
                builder.reserve(entries: size, bytes: size * 420)
                for index in 0..<size {
                    let body = entries[(done + index) % entries.count]
                    let id = StreamID(milliseconds: UInt64(done), sequence: UInt64(index))
                    builder.append(id: id, name: name[...], value: body[...])
                }
                let window: Window
                (window, decoder) = builder.finish()
                commands += window.commands.count
                bytes += window.arena.count
                done += size
            }
        }
        precondition(commands == count, "an entry of the benchmark is no command")
        let nanoseconds = (time / count).components.attoseconds / 1_000_000_000
        return "decode: \(nanoseconds) ns an entry of \(bytes / count) bytes and 12 columns"
    }

    private static func entry(_ number: Int) -> [UInt8] {
        let uuid = "6f1c2b4e-0000-4000-8000-0000000\(10000 + number)"
        let row =
            #""id":"\#(uuid)","customer_id":"c-\#(number)","status":"CONFIRMED","amount":1240.50,"currency":"INR","#
            + #""is_scheduled":false,"distance":\#(number * 17),"driver_name":"Ravi Kumar Shankarappa, Bengaluru","note":null,"#
            + #""tags":["a","b"],"created_at":"2026-08-18T13:48:46.121123Z","updated_at":"2026-08-18T13:48:46.121Z""#
        return Array(#"{"op":"create","table":"atlas_app.booking","row":{\#(row)},"forceDrainToDB":false}"#.utf8)
    }
}
