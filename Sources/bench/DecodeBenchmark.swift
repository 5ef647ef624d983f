import Entries

/// How long it takes to read an entry, the copy into the window included.
enum DecodeBenchmark {
    /// Reads `count` entries of each kind in windows of 1000, each in the room of the one before as in a drain, and says how
    /// many nanoseconds each took.
    static func run(count: Int) -> [String] {
        [
            "decode: \(measure(count, native)) and 12 columns",
            "decode, KV: \(measure(count, kvCreate)), a create of 12 columns",
            "decode, KV: \(measure(count, kvUpdate)), an update of 8 columns",
        ]
    }

    private static func measure(_ count: Int, _ entry: (Int) -> String) -> String {
        let entries = (0..<64).map { Array(entry($0).utf8) }
        var decoder = EntryDecoder(defaultSchema: "public")
        let rooms = WindowRooms()
        var commands = 0
        var bytes = 0
        let name = Array("command".utf8)
        let clock = ContinuousClock()
        let time = clock.measure {
            var done = 0
            while done < count {
                let size = min(1000, count - done)
                var builder = WindowBuilder(stream: "bench", decoder: decoder, in: rooms.take())
                builder.reserve(entries: size)
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
                rooms.keep(window)
            }
        }
        precondition(commands == count, "an entry of the benchmark is no command")
        let nanoseconds = (time / count).components.attoseconds / 1_000_000_000
        return "\(nanoseconds) ns an entry of \(bytes / count) bytes"
    }

    private static func native(_ number: Int) -> String {
        let uuid = "6f1c2b4e-0000-4000-8000-0000000\(10000 + number)"
        let row =
            #""id":"\#(uuid)","customer_id":"c-\#(number)","status":"CONFIRMED","amount":1240.50,"currency":"INR","#
            + #""is_scheduled":false,"distance":\#(number * 17),"driver_name":"Ravi Kumar Shankarappa, Bengaluru","note":null,"#
            + #""tags":["a","b"],"created_at":"2026-08-18T13:48:46.121123Z","updated_at":"2026-08-18T13:48:46.121Z""#
        return #"{"op":"create","table":"atlas_app.booking","row":{\#(row)},"forceDrainToDB":false}"#
    }

    private static func kvCreate(_ number: Int) -> String {
        let uuid = "6f1c2b4e-0000-4000-8000-0000000\(10000 + number)"
        let row =
            #""createdAt":"2026-08-18 13:48:46.121123 UTC","customerId":"\"c-\#(number)\"","distance":"\#(number * 17)","#
            + #""driverName":"\"Ravi Kumar Shankarappa\"","id":"\"\#(uuid)\"","isScheduled":"False","note":"SqlNull","#
            + #""remark":"\"the \\\"late\\\" one \\8211\\n\"","price":"1240.5","status":"\"CONFIRMED\"","#
            + #""tags":["\"a\"","\"b\""],"updatedAt":"2026-08-18 13:48:46.121 UTC""#
        let model =
            #""createdAt":"2026-08-18T13:48:46.121123Z","customerId":"c-\#(number)","distance":\#(number * 17),"#
            + #""driverName":"Ravi Kumar Shankarappa","id":"\#(uuid)","isScheduled":false,"note":null,"#
            + #""remark":"the \"late\" one –\n","price":1240.5,"status":"CONFIRMED","#
            + #""tags":["a","b"],"updatedAt":"2026-08-18T13:48:46.121Z""#
        return #"{"contents_v2":{"cmdVersion":"V2","command":{"contents":{\#(row)},"tag":"BookingObject"},"#
            + #""dbName":"postgres","tag":"booking_id_\#(uuid){shard-5}","timestamp":1787060926121},"#
            + #""forceDrainToDB":false,"mappings":{"customerId":"rider_id"},"modelObject":{\#(model)},"tag":"Create"}"#
    }

    private static func kvUpdate(_ number: Int) -> String {
        let uuid = "6f1c2b4e-0000-4000-8000-0000000\(10000 + number)"
        let set = [
            ("bppBookingId", #""\"bpp-\#(number)\"""#), ("status", #""\"TRIP_ASSIGNED\"""#),
            ("driverPreference", #"["\"pet \\\"friendly\\\"\"","\"quiet\""]"#), ("discount", #""12.5""#),
            ("versions", #""\"{\\\"city\\\":\\\"Bengal\\197\\171ru\\\",\\\"v\\\":3}\"""#), ("isPaid", #""True""#),
            ("note", #""SqlNull""#), ("updatedAt", #""2026-08-18 13:50:10 UTC""#),
        ].map { #"{"key":"\#($0)","value":\#($1)}"# }.joined(separator: ",")
        let clause = #"{"$and":[{"id":"\"\#(uuid)\""},{"$and":[{"id":"\"\#(uuid)\""}]}]}"#
        let model =
            #""bppBookingId":"bpp-\#(number)","versions":{"city":"Bengalūru","v":3},"discount":12.5,"isPaid":true,"#
            + #""driverPreference":["pet \"friendly\"","quiet"],"id":"\#(uuid)","status":"TRIP_ASSIGNED""#
        return #"{"contents_v2":{"cmdVersion":"V2","command":{"contents":[[\#(set)],"#
            + #"[{"clauseContents":\#(clause),"clauseTag":"where"}]],"tag":"BookingOptions"},"dbName":"postgres","#
            + #""tag":"booking_id_\#(uuid){shard-125}","timestamp":1787061010000},"forceDrainToDB":false,"#
            + #""mappings":{"bppBookingId":"bpp_ride_booking_id"},"tag":"Update","updatedModel":{\#(model)}}"#
    }
}
