import TestSupport
import Testing

/// Which road an entry takes, and how many statements that costs.
@Suite struct RoutingTests {
    @Test func fifteenOfASignatureAreOneBulkInsert() async throws {
        try await withScene(Atlas.schema) { scene in
            try await scene.publish((0..<15).map { Atlas.person($0) })
            let report = try await scene.drain()
            #expect(report.summary.statements == 1 && report.bulkStatements == 1 && report.sequential == 0)
            #expect(report.entries == 15 && report.rows == 15 && report.unmatched == 0 && report.deadLetters == 0)
            #expect(try await scene.count("atlas_app.person") == 15)
        }
    }

    @Test func fiveOfASignatureAreFiveInserts() async throws {
        try await withScene(Atlas.schema) { scene in
            try await scene.publish((0..<5).map { Atlas.person($0) })
            let report = try await scene.drain()
            #expect(report.statements == 5 && report.bulkStatements == 0 && report.sequential == 5)
            #expect(try await scene.count("atlas_app.person") == 5)
        }
    }

    @Test func theThresholdItselfIsBulk() async throws {
        try await withScene(Atlas.schema) { scene in
            try await scene.publish((0..<10).map { Atlas.person($0) })
            #expect(try await scene.drain().statements == 1)
            try await scene.publish((10..<19).map { Atlas.person($0) })
            #expect(try await scene.drain().statements == 9)
            #expect(try await scene.count("atlas_app.person") == 19)
        }
    }

    @Test func fiveHundredInChunksOfFiftyAreTenStatements() async throws {
        try await withScene(Atlas.schema) { scene in
            try await scene.publish((0..<500).map { Atlas.person($0) })
            let report = try await scene.drain(["BATCH_CHUNK_SIZE": "50"])
            #expect(report.statements == 10 && report.bulkStatements == 10)
            #expect(try await scene.count("atlas_app.person") == 500)
        }
    }

    @Test func anotherColumnIsAnotherBatch() async throws {
        try await withScene(Atlas.schema) { scene in
            let plain = (0..<30).map { Atlas.person($0) }
            let mailed = (30..<50).map { Atlas.personWithMail($0) }
            // Mixed as they would come.
            try await scene.publish(zip(plain, mailed).flatMap { [$0, $1] } + plain.dropFirst(mailed.count))
            let report = try await scene.drain()
            #expect(report.statements == 2 && report.bulkStatements == 2)
            #expect(try await scene.count("atlas_app.person WHERE email IS NULL") == 30)
            #expect(try await scene.count("atlas_app.person WHERE email IS NOT NULL") == 20)
        }
    }

    @Test func theOrderOfColumnsMakesNoOtherSignature() async throws {
        try await withScene(Atlas.schema) { scene in
            try await scene.publish((0..<6).map { Atlas.person($0) })
            try await scene.publish(
                (6..<12).map {
                    Native.create(
                        "atlas_app.person",
                        ["phone": "\"+49\"", "name": "\"turned\"", "id": "\"person-\($0)\""]
                    )
                }
            )
            #expect(try await scene.drain().statements == 1)
            #expect(try await scene.count("atlas_app.person WHERE name = 'turned' AND phone = '+49'") == 6)
        }
    }

    @Test func forcedEntriesGoOneByOne() async throws {
        try await withScene(Atlas.schema) { scene in
            try await scene.publish((0..<50).map { Atlas.person($0, forced: $0 % 5 == 0) })
            let report = try await scene.drain()
            #expect(report.statements == 11 && report.bulkStatements == 1 && report.sequential == 10)
            #expect(try await scene.count("atlas_app.person") == 50)
        }
    }

    @Test func theWorkedExampleTakesFourStatements() async throws {
        try await withScene(Atlas.schema) { scene in
            try await scene.publish([
                Atlas.person(1), Atlas.person(2), Atlas.location(1), Atlas.person(3), Atlas.location(2),
                Native.create("atlas_app.journey_leg", ["id": "\"leg-1\""], forced: true),
            ])
            let report = try await scene.drain(["INSERT_BATCH_SIZE": "3"])
            #expect(report.entries == 6 && report.statements == 4)
            #expect(report.bulkStatements == 1 && report.sequential == 3)
        }
    }

    @Test func withoutBatchingEverythingGoesOneByOne() async throws {
        try await withScene(Atlas.schema) { scene in
            try await scene.publish((0..<25).map { Atlas.person($0) })
            let report = try await scene.drain(["BATCHED_CREATE_ENABLED": "false"])
            #expect(report.statements == 25 && report.sequential == 25 && report.bulkStatements == 0)
            #expect(try await scene.count("atlas_app.person") == 25)
        }
    }

    @Test func updatesAndDeletesBatchByTheSameRule() async throws {
        try await withScene(Atlas.schema) { scene in
            try await scene.publish((0..<60).map { Atlas.person($0) })
            try await scene.drain()
            let updates = (0..<20).map {
                Native.update("atlas_app.person", set: ["name": "\"new \($0)\""], where: ["id": "\"person-\($0)\""])
            }
            let deletes = (20..<40).map { Native.delete("atlas_app.person", where: ["id": "\"person-\($0)\""]) }
            try await scene.publish(updates + deletes)
            let report = try await scene.drain()
            #expect(report.statements == 2 && report.bulkStatements == 2 && report.rows == 40)
            #expect(
                try await scene.count(
                    "atlas_app.person WHERE name = 'new ' || split_part(id, '-', 2) AND phone IS NOT NULL"
                ) == 20
            )
            #expect(try await scene.count("atlas_app.person") == 40)

            let few = (0..<5).map { Native.delete("atlas_app.person", where: ["id": "\"person-\($0)\""]) }
            let fewUpdates = (5..<10).map {
                Native.update("atlas_app.person", set: ["email": "null"], where: ["id": "\"person-\($0)\""])
            }
            try await scene.publish(few + fewUpdates)
            let second = try await scene.drain()
            #expect(second.statements == 10 && second.bulkStatements == 0 && second.rows == 10)
        }
    }

    @Test func updatesAndDeletesThatMeetNoRowAreCounted() async throws {
        try await withScene(Atlas.schema) { scene in
            try await scene.publish((0..<10).map { Atlas.person($0) })
            try await scene.drain()
            try await scene.publish(
                (0..<20).map {
                    Native.update("atlas_app.person", set: ["name": "\"x\""], where: ["id": "\"person-\($0)\""])
                }
            )
            try await scene.publish([Native.delete("atlas_app.person", where: ["id": "\"nobody\""])])
            // A create that meets an existing key changes nothing.
            try await scene.publish([Atlas.person(3)])
            let report = try await scene.drain()
            #expect(report.rows == 10 && report.unmatched == 12 && report.deadLetters == 0)
            #expect(try await scene.column("SELECT name FROM atlas_app.person WHERE id = 'person-3'") == ["x"])
        }
    }

    @Test func conditionsBeyondEqualityGoOneByOne() async throws {
        try await withScene("CREATE TABLE item (id int PRIMARY KEY, size int, note text)") { scene in
            try await scene.publish(
                (0..<20).map { Native.create("item", ["id": "\($0)", "size": "\($0)", "note": "\"a\""]) }
            )
            try await scene.publish([
                Native.update("item", set: ["note": "\"big\""], where: ["size": #"{"$gte":15}"#]),
                Native.update("item", set: ["note": "null"], where: ["id": #"{"$in":[1,2,3,null]}"#]),
                Native.delete("item", where: ["$or": #"[{"id":{"$lt":1}},{"id":{"$gt":18}}]"#]),
                Native.delete("item", where: ["note": "null", "size": #"{"$ne":2}"#]),
                Native.delete("item", where: ["id": #"{"$in":[]}"#]),
                Native.update("item", set: ["size": "-1"], where: ["id": #"{"$notIn":[5,6,7,8,9,10,11,12,13,14]}"#]),
            ])
            let report = try await scene.drain()
            #expect(report.bulkStatements == 1 && report.sequential == 6 && report.deadLetters == 0)
            #expect(
                try await scene.column("SELECT id FROM item WHERE note = 'big' ORDER BY id") == [
                    "15", "16", "17", "18",
                ]
            )
            #expect(try await scene.column("SELECT id FROM item WHERE note IS NULL") == ["2"])
            #expect(
                try await scene.column("SELECT id FROM item WHERE size = -1 ORDER BY id")
                    == ["2", "4", "15", "16", "17", "18"]
            )
        }
    }

    @Test func oneStatementIsPreparedOnceWhateverTheNumberOfRows() async throws {
        // The number of windows differs from the number of statements prepared: PostgreSQL's own log tells.
        try await withScene(ownPostgres: ["log_min_messages": "log", "log_statement": "all"], Atlas.schema) {
            scene,
            postgres in
            try await scene.publish((0..<97).map { Atlas.person($0) })
            let report = try await scene.drain(["STREAM_READ_COUNT": "16", "INSERT_BATCH_SIZE": "1"])
            #expect(report.bulkStatements == 7)
            let inserts = postgres.log.split(separator: "\n").filter { $0.contains("INSERT INTO \"") }
            let names = Set(inserts.compactMap { $0.firstMatch(of: /execute ([a-z0-9_]+)/)?.1 })
            #expect(inserts.count == 7 && names.count == 1, "\(inserts)")
            #expect(inserts.allSatisfy { $0.contains("ON CONFLICT DO NOTHING") && !$0.contains("name 1") })
        }
    }
}
