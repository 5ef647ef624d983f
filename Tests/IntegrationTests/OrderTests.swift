import TestSupport
import Testing

/// The state after a window is that of its commands one by one, in stream order.
@Suite struct OrderTests {
    private static let item = "CREATE TABLE item (id int PRIMARY KEY, note text, turn int)"
    private static let windows: [[String: String]] = [
        [:], ["INSERT_BATCH_SIZE": "1", "COPY_BATCH_SIZE": "1"], ["INSERT_BATCH_SIZE": "1", "STREAM_READ_COUNT": "7"],
        ["BATCHED_CREATE_ENABLED": "false", "STREAM_READ_COUNT": "10"],
    ]

    @Test(arguments: windows)
    func commandsOnOneRowKeepTheirOrder(settings: [String: String]) async throws {
        try await withScene(Self.item) { scene in
            var commands: [String] = []
            for turn in 0..<30 {
                let id = "\(turn % 10)"
                commands.append(Native.create("item", ["id": id, "note": "\"created \(turn)\""]))
                commands.append(Native.update("item", set: ["note": "\"changed \(turn)\""], where: ["id": id]))
                if turn < 20 { commands.append(Native.delete("item", where: ["id": id])) }
                if turn == 25 { commands.append(Native.delete("item", where: ["id": "5"])) }
                if turn == 26 { commands.append(Native.create("item", ["id": "26", "note": "\"created\""])) }
                if turn == 26 { commands.append(Native.create("item", ["id": "26", "note": "\"too late\""])) }
            }
            try await scene.publish(commands)
            let report = try await scene.drain(settings)
            #expect(report.deadLetters == 0 && report.unmatched == 1)
            let expected = [0, 1, 2, 3, 4, 6, 7, 8, 9].map { ["\($0)", "changed \($0 + 20)"] } + [["26", "created"]]
            #expect(try await scene.sql("SELECT id, note FROM item ORDER BY id") == expected)
        }
    }

    @Test(arguments: windows)
    func theLastOfManyUpdatesStands(settings: [String: String]) async throws {
        try await withScene(Self.item) { scene in
            try await scene.publish((0..<5).map { Native.create("item", ["id": "\($0)"]) })
            try await scene.publish(
                (0..<100).map { Native.update("item", set: ["turn": "\($0)"], where: ["id": "\($0 % 5)"]) }
            )
            let report = try await scene.drain(settings)
            #expect(report.rows == 105)
            #expect(try await scene.column("SELECT turn FROM item ORDER BY id") == ["95", "96", "97", "98", "99"])
        }
    }

    @Test(arguments: windows)
    func aKeyThatIsWrittenInOtherWaysIsTheSameRow(settings: [String: String]) async throws {
        let schema = "CREATE TABLE item (id uuid PRIMARY KEY, number int UNIQUE, note text)"
        try await withScene(schema) { scene in
            let upper = "\"A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11\""
            let lower = "\"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11\""
            var commands: [String] = []
            for turn in 0..<12 {
                commands.append(Native.create("item", ["id": upper, "number": "7", "note": "\"\(turn)\""]))
                commands.append(Native.update("item", set: ["note": "\"u\(turn)\""], where: ["id": lower]))
                commands.append(Native.delete("item", where: ["number": "\" 07\""]))
            }
            commands.append(Native.create("item", ["id": lower, "number": "\"+7\"", "note": "\"stays\""]))
            try await scene.publish(commands)
            let report = try await scene.drain(settings)
            #expect(report.deadLetters == 0 && report.unmatched == 0)
            #expect(try await scene.column("SELECT note FROM item") == ["stays"])
        }
    }

    @Test(arguments: windows)
    func aValueThatIsFreedCanBeTakenAfterwards(settings: [String: String]) async throws {
        try await withScene("CREATE TABLE item (id int PRIMARY KEY, name text UNIQUE)") { scene in
            try await scene.publish((0..<20).map { Native.create("item", ["id": "\($0)", "name": "\"n\($0)\""]) })
            // Each gives its name up, and the next entry gives it to a new row.
            for number in 0..<20 {
                try await scene.publish([
                    number.isMultiple(of: 2)
                        ? Native.delete("item", where: ["id": "\(number)"])
                        : Native.update("item", set: ["name": "\"old \(number)\""], where: ["id": "\(number)"]),
                    Native.create("item", ["id": "\(number + 100)", "name": "\"n\(number)\""]),
                ])
            }
            let report = try await scene.drain(settings)
            #expect(report.unmatched == 0 && report.deadLetters == 0)
            #expect(try await scene.count("item WHERE id >= 100 AND name = 'n' || (id - 100)") == 20)
        }
    }

    @Test(arguments: windows)
    func parentsComeBeforeTheirChildrenAndGoAfterThem(settings: [String: String]) async throws {
        let schema = """
            CREATE TABLE node (id int PRIMARY KEY, parent int REFERENCES node, note text);
            CREATE TABLE leaf (id int PRIMARY KEY, node int NOT NULL REFERENCES node ON DELETE RESTRICT);
            """
        try await withScene(schema) { scene in
            var commands: [String] = []
            for number in 1...40 {
                // A chain in one table, and children in another.
                let parent = number == 1 ? "null" : "\(number - 1)"
                commands.append(Native.create("node", ["id": "\(number)", "parent": parent]))
                commands.append(Native.create("leaf", ["id": "\(number)", "node": "\(number)"]))
            }
            for number in (21...40).reversed() {
                commands.append(Native.delete("leaf", where: ["id": "\(number)"]))
                commands.append(Native.delete("node", where: ["id": "\(number)"]))
            }
            try await scene.publish(commands)
            let report = try await scene.drain(settings)
            #expect(report.deadLetters == 0 && report.unmatched == 0)
            #expect(try await scene.count("node") == 20)
            #expect(try await scene.count("leaf") == 20)
        }
    }

    @Test(arguments: windows)
    func whatACascadeTakesIsNotTakenFromLaterCommands(settings: [String: String]) async throws {
        let schema = """
            CREATE TABLE parent (id int PRIMARY KEY);
            CREATE TABLE child (id int PRIMARY KEY, parent int REFERENCES parent ON DELETE CASCADE, note text);
            """
        try await withScene(schema) { scene in
            var commands: [String] = []
            for number in 0..<15 {
                commands.append(Native.create("parent", ["id": "\(number)"]))
                commands.append(
                    Native.create("child", ["id": "\(number)", "parent": "\(number)", "note": "\"first\""])
                )
                commands.append(Native.delete("parent", where: ["id": "\(number)"]))
                commands.append(Native.create("parent", ["id": "\(number)"]))
                commands.append(
                    Native.create("child", ["id": "\(number)", "parent": "\(number)", "note": "\"second\""])
                )
            }
            try await scene.publish(commands)
            let report = try await scene.drain(settings)
            #expect(report.deadLetters == 0 && report.unmatched == 0)
            #expect(try await scene.count("child WHERE note = 'second'") == 15)
        }
    }

    @Test func forcedEntriesGoFirst() async throws {
        let schema = "CREATE TABLE item (id int PRIMARY KEY, place bigint GENERATED ALWAYS AS IDENTITY)"
        try await withScene(schema) { scene in
            try await scene.publish(
                (0..<30).map { Native.create("item", ["id": "\($0)"], forced: $0 >= 27) }
            )
            try await scene.drain()
            #expect(try await scene.column("SELECT id FROM item ORDER BY place LIMIT 3") == ["27", "28", "29"])
        }
    }

    @Test func whatAForcedEntryDependsOnGoesBeforeIt() async throws {
        try await withScene(Atlas.schema) { scene in
            try await scene.publish((0..<30).map { Atlas.person($0) })
            try await scene.publish([
                Native.update(
                    "atlas_app.person",
                    set: ["name": "\"forced\""],
                    where: ["id": "\"person-7\""],
                    forced: true
                ),
                Atlas.leg(1, person: 9, forced: true),
                Native.update("atlas_app.person", set: ["name": "\"later\""], where: ["id": "\"person-8\""]),
            ])
            let report = try await scene.drain()
            #expect(report.deadLetters == 0 && report.unmatched == 0 && report.rows == 33)
            #expect(try await scene.column("SELECT name FROM atlas_app.person WHERE id = 'person-7'") == ["forced"])
            #expect(try await scene.count("atlas_app.journey_leg") == 1)
        }
    }

    @Test func aLaterCommandOnTheSameRowIsStillTriedAfterARefusal() async throws {
        try await withScene("CREATE TABLE item (id int PRIMARY KEY, note varchar(5))") { scene in
            try await scene.publish(
                (0..<20).flatMap {
                    [
                        Native.create("item", ["id": "\($0)", "note": $0 == 9 ? "\"too long\"" : "\"a\""]),
                        Native.create("item", ["id": "\($0)", "note": "\"b\""]),
                    ]
                }
            )
            let report = try await scene.drain()
            #expect(report.deadLetters == 1 && report.rows == 20 && report.unmatched == 19)
            #expect(try await scene.column("SELECT id FROM item WHERE note = 'b'") == ["9"])
        }
    }

    @Test func entriesOfAnOlderWindowComeBeforeThoseOfANewer() async throws {
        try await withScene(Self.item) { scene in
            // Two windows are in hand at once: the second must not overtake the first.
            try await scene.publish((0..<500).map { Native.create("item", ["id": "\($0)", "turn": "0"]) })
            for turn in 1...6 {
                try await scene.publish(
                    (0..<500).map {
                        Native.update("item", set: ["turn": "\(turn)"], where: ["id": "\($0)", "turn": "\(turn - 1)"])
                    }
                )
            }
            let report = try await scene.drain(["STREAM_READ_COUNT": "500"])
            #expect(report.unmatched == 0)
            #expect(try await scene.count("item WHERE turn = 6") == 500)
        }
    }
}
