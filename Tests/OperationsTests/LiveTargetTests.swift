import Entries
import Operations
import StreamSource
import Testing

/// Which live key an operator's words name, and what they may set it to.
@Suite struct LiveTargetTests {
    private func target(_ name: String, table: String? = nil) throws -> LiveTarget {
        try LiveTarget(name, table: table, prefix: "drainer:", defaultSchema: "public")
    }

    private func mistake(_ name: String, table: String? = nil) -> String? {
        do throws(LiveTarget.Mistake) {
            _ = try LiveTarget(name, table: table, prefix: "drainer:", defaultSchema: "public")
            return nil
        } catch {
            return error.description
        }
    }

    @Test(arguments: ["insert_batch_size", "INSERT_BATCH_SIZE", "insert-batch-size", "drainer:insert_batch_size"])
    func `a key is named as a setting, a flag or a key is`(name: String) throws {
        #expect(try target(name).key == .insertBatchSize)
    }

    @Test func `a table is named beside the key or in it`() throws {
        let key = LiveKey.insertBatchSize.of(TableName(schema: "atlas_app", name: "person"))
        #expect(try target("insert_batch_size", table: "atlas_app.person").key == key)
        #expect(try target("drainer:insert_batch_size:atlas_app.person").key == key)
        #expect(try target("insert_batch_size", table: "person").key.name == "insert_batch_size:public.person")
    }

    @Test func `mistakes say what to do`() {
        #expect(mistake("insert_batchsize")?.hasSuffix("did you mean insert_batch_size?") == true)
        #expect(mistake("workers")?.contains("no live key") == true)
        #expect(mistake("nonsense")?.contains("stream_read_count") == true)
        #expect(mistake("stream_read_count", table: "t")?.contains("leave the table out") == true)
        #expect(mistake("insert_batch_size:a", table: "b") != nil)
        #expect(mistake("insert_batch_size", table: "") != nil)
    }

    @Test func `values keep their range`() throws {
        #expect(try target("insert_batch_size").value(of: "50") == 50)
        #expect(try target("batched_create_enabled").value(of: "TRUE") == 1)
        #expect(try target("force_drain").value(of: "off") == 0)
        for text in ["0", "50001", "-1", "ten", "1.5", "", "true"] {
            #expect(throws: LiveTarget.Mistake.self) { try target("insert_batch_size").value(of: text) }
        }
        #expect(throws: LiveTarget.Mistake.self) { try target("stop").value(of: "2") }
    }
}
