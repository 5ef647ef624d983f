import TestSupport
import Testing

/// Keys in Redis that steer a running fleet.
@Suite struct LiveKeyTests {
    private static let schema = "CREATE TABLE item (id int PRIMARY KEY); CREATE TABLE other (id int PRIMARY KEY)"

    @Test func aTablesOwnKeyBeatsTheKeyOfAllWhichBeatsTheSetting() async throws {
        try await withScene(Self.schema) { scene in
            try await scene.redis("SET", "drainer:insert_batch_size", "100")
            try await scene.redis("SET", "drainer:insert_batch_size:public.item", "5")
            try await scene.redis("SET", "drainer:batch_chunk_size:public.item", "10")
            try await scene.publish((0..<25).map { Native.create("item", ["id": "\($0)"]) })
            try await scene.publish((0..<25).map { Native.create("other", ["id": "\($0)"]) })
            let report = try await scene.drain(["INSERT_BATCH_SIZE": "1"])
            #expect(report.bulkStatements == 3 && report.sequential == 25)
        }
    }

    @Test func aValueThatIsNoneIsIgnoredAndTheLastGoodOneStays() async throws {
        try await withScene(Self.schema) { scene in
            try await scene.redis("SET", "drainer:batched_create_enabled", "0")
            try await scene.running(["INSERT_BATCH_SIZE": "2"]) { drainer in
                try await scene.publish((0..<10).map { Native.create("item", ["id": "\($0)"]) })
                try await eventually("the first ten are written") { try await scene.count("item") == 10 }
                try await scene.redis("SET", "drainer:batched_create_enabled", "yes")
                try await eventually("the value is refused") {
                    drainer.errors.contains("key=drainer:batched_create_enabled")
                }
                try await scene.publish((10..<20).map { Native.create("item", ["id": "\($0)"]) })
                try await eventually("the next ten are written") { try await scene.count("item") == 20 }
                drainer.signal(15)
                #expect(try await drainer.exit() == .code(0))
                let report = try DrainReport(output: drainer.output, errors: drainer.errors)
                #expect(report.sequential == 20 && report.bulkStatements == 0)
            }
        }
    }

    @Test func aChangeCountsFromTheNextWindowAndIsUndoneWithTheKey() async throws {
        try await withScene(Self.schema) { scene in
            try await scene.running(["INSERT_BATCH_SIZE": "2"]) { drainer in
                func write(_ ids: Range<Int>) async throws {
                    try await scene.publish(ids.map { Native.create("item", ["id": "\($0)"]) })
                    try await eventually("\(ids) are written") { try await scene.count("item") == ids.upperBound }
                }
                try await write(0..<10)
                try await scene.redis("SET", "drainer:batched_create_enabled:public.item", "0")
                try await Task.sleep(for: .milliseconds(150))
                try await write(10..<20)
                try await scene.redis("DEL", "drainer:batched_create_enabled:public.item")
                try await Task.sleep(for: .milliseconds(150))
                try await write(20..<30)
                drainer.signal(15)
                #expect(try await drainer.exit() == .code(0))
                let report = try DrainReport(output: drainer.output, errors: drainer.errors)
                #expect(report.sequential == 10 && report.rows == 30)
            }
        }
    }
}
