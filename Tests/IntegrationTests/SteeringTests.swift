import TestSupport
import Testing

/// Live keys steer a fleet under load: within LIVE_REFRESH_MS and one window, the metrics of every process tell of it.
@Suite struct SteeringTests {
    private static let schema = "CREATE TABLE item (id int PRIMARY KEY); CREATE TABLE other (id int PRIMARY KEY)"
    private static let refresh = Duration.milliseconds(200)
    /// What a busy machine may add to the time of a change.
    private static let slack = Duration.seconds(4)
    private static let item = ["table": "public.item"]
    private static let other = ["table": "public.other"]

    /// Two processes, each with a stream of its own that never runs dry.
    private struct Fleet: Sendable {
        let scene: Scene
        let admins = [Admin(), Admin()]
        let streams = ["orders", "events"]

        func set(_ key: String, _ value: String) async throws { try await scene.redis("SET", "drainer:\(key)", value) }

        func delete(_ key: String) async throws { try await scene.redis("DEL", "drainer:\(key)") }

        /// Publishes until cancelled.
        func publish() async throws {
            for round in 0... {
                for (number, stream) in streams.enumerated() where try await scene.length(of: stream) < 400 {
                    let ids = (0..<40).map { "\((2 * round + number) * 40 + $0)" }
                    try await scene.publish(
                        ids.flatMap { [Native.create("item", ["id": $0]), Native.create("other", ["id": $0])] },
                        to: stream
                    )
                }
                try await Task.sleep(for: .milliseconds(10))
            }
        }

        /// What a process tells of a few windows, none of them begun before now.
        func windows(of admin: Admin) async throws -> PageChange {
            // One is being written and one is read ahead at any time.
            let before = try await pageAfter(windows: 2, of: admin)
            return PageChange(before: before, after: try await pageAfter(windows: 4, of: admin))
        }

        private func pageAfter(windows: Double, of admin: Admin) async throws -> ParsedPage {
            let start = try await admin.page().sum("drainer_window_entries_count")
            var page = try await admin.page()
            try await eventually("\(windows) windows are written") {
                page = try await admin.page()
                return page.sum("drainer_window_entries_count") >= start + windows
            }
            return page
        }

        /// Waits until every window of both processes is as `isSteered` wants it, and holds the time against the promise.
        func follows(_ what: String, _ isSteered: @escaping @Sendable (PageChange) -> Bool) async throws {
            let start = ContinuousClock.now
            try await withThrowingTaskGroup(of: Void.self) { group in
                for admin in admins {
                    group.addTask { try await eventually(what) { isSteered(try await windows(of: admin)) } }
                }
                try await group.waitForAll()
            }
            #expect(start.duration(to: .now) < refresh + slack, "\(what)")
        }
    }

    @Test func everyLiveKeyCountsUnderLoadOnTwoProcessesAtOnce() async throws {
        try await withScene(Self.schema) { scene in
            let fleet = Fleet(scene: scene)
            let settings = [
                "INSERT_BATCH_SIZE": "1", "STREAM_READ_COUNT": "40", "LIVE_REFRESH_MS": "\(Self.refresh.milliseconds)",
            ]
            func process(_ number: Int, _ body: () async throws -> Void) async throws {
                let own = ["STREAM_NAMES": fleet.streams[number]].merging(fleet.admins[number].settings) { $1 }
                try await scene.running(settings.merging(own) { $1 }) { _ in
                    try await fleet.admins[number].listens()
                    try await body()
                }
            }
            try await process(0) {
                try await process(1) {
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        group.addTask { try await fleet.publish() }
                        defer { group.cancelAll() }
                        try await steer(fleet)
                    }
                }
            }
        }
    }

    private func steer(_ fleet: Fleet) async throws {
        try await fleet.follows("as the settings say") {
            $0.isBulk(Self.item) && $0.isBulk(Self.other) && $0.singles == 0
        }
        try await batchSizes(fleet)
        try await chunkSizes(fleet)
        try await switches(fleet)
        try await readCount(fleet)
        try await forceDrain(fleet)
        try await valuesThatAreNone(fleet)
        try await stop(fleet)
    }

    private func batchSizes(_ fleet: Fleet) async throws {
        try await fleet.set("insert_batch_size", "50000")
        try await fleet.follows("insert_batch_size") { $0.bulks == 0 && $0.singles > 0 }
        try await fleet.set("insert_batch_size:public.item", "1")
        try await fleet.follows("a table's insert_batch_size") { $0.isBulk(Self.item) && !$0.isBulk(Self.other) }
        try await fleet.delete("insert_batch_size")
        try await fleet.follows("insert_batch_size is gone") { $0.singles == 0 && $0.isBulk(Self.other) }
        try await fleet.delete("insert_batch_size:public.item")
    }

    private func chunkSizes(_ fleet: Fleet) async throws {
        try await fleet.set("batch_chunk_size", "3")
        try await fleet.follows("batch_chunk_size") { $0.isChopped(Self.item) && $0.isChopped(Self.other) }
        try await fleet.set("batch_chunk_size:public.item", "1000")
        try await fleet.follows("a table's batch_chunk_size") { !$0.isChopped(Self.item) && $0.isChopped(Self.other) }
        try await fleet.delete("batch_chunk_size")
        try await fleet.delete("batch_chunk_size:public.item")
        try await fleet.follows("batch_chunk_size is gone") { !$0.isChopped(Self.other) }
    }

    private func switches(_ fleet: Fleet) async throws {
        try await fleet.set("batched_create_enabled", "0")
        try await fleet.follows("batched_create_enabled") { $0.bulks == 0 && $0.singles > 0 }
        try await fleet.set("batched_create_enabled:public.item", "1")
        try await fleet.follows("a table's batched_create_enabled") { $0.isBulk(Self.item) && !$0.isBulk(Self.other) }
        try await fleet.delete("batched_create_enabled")
        try await fleet.delete("batched_create_enabled:public.item")
        try await fleet.follows("batched_create_enabled is gone") { $0.singles == 0 }
    }

    private func readCount(_ fleet: Fleet) async throws {
        try await fleet.set("stream_read_count", "7")
        try await fleet.follows("stream_read_count") { change in
            change.growth("window_entries_count") == change.growth("window_entries_bucket", ["le": "10"])
        }
        try await fleet.delete("stream_read_count")
        try await fleet.follows("stream_read_count is gone") { change in
            change.growth("window_entries_bucket", ["le": "10"]) == 0
        }
    }

    private func forceDrain(_ fleet: Fleet) async throws {
        try await fleet.set("force_drain", "1")
        try await fleet.follows("force_drain") { $0.bulks == 0 && $0.singles > 0 }
        // ON_PARSE_FAILURE is stop.
        for stream in fleet.streams { try await fleet.scene.publish(["broken"], to: stream) }
        for admin in fleet.admins {
            try await eventually("it is set aside") {
                try await admin.page().sum("drainer_dead_letters_total", ["reason": "parse"]) == 1
            }
            #expect(try await admin.page().value("drainer_parse_failures_total") == 1)
        }
        try await fleet.delete("force_drain")
        try await fleet.follows("force_drain is gone") { $0.singles == 0 && $0.bulks > 0 }
    }

    private func valuesThatAreNone(_ fleet: Fleet) async throws {
        try await fleet.set("insert_batch_size", "50000")
        try await fleet.follows("insert_batch_size, once more") { $0.bulks == 0 }
        try await fleet.set("insert_batch_size", "many")
        try await fleet.follows("the last good value stays") { change in
            let key = ["key": "insert_batch_size"]
            return change.bulks == 0 && change.after.value("drainer_live_value_rejected_total", key) == 1
        }
        try await fleet.delete("insert_batch_size")
    }

    private func stop(_ fleet: Fleet) async throws {
        try await fleet.set("stop", "1")
        for admin in fleet.admins {
            try await eventually("it is stopped", within: Self.refresh + Self.slack) {
                try await admin.page().value("drainer_stop_status") == 1
            }
            #expect(try await admin.get("/readyz").status == 503)
            #expect(try await admin.get("/healthz").status == 200)
            var before = try await admin.page()
            try await eventually("what was in hand is written, nothing more is read") {
                let last = before
                try await Task.sleep(for: Self.refresh)
                before = try await admin.page()
                let change = PageChange(before: last, after: before)
                return change.growth("entries_read_total") == 0
                    && before.value("drainer_entries_read_total") == before.value("drainer_entries_acked_total")
            }
        }
        #expect(try await fleet.scene.length(of: "orders") > 0)
        try await fleet.delete("stop")
        try await fleet.follows("they go on") { $0.bulks > 0 }
        for admin in fleet.admins { #expect(try await admin.page().value("drainer_stop_status") == 0) }
    }
}

extension PageChange {
    fileprivate var bulks: Double { growth("query_executes_total", ["path": "bulk"]) }
    fileprivate var singles: Double { growth("query_executes_total", ["path": "single"]) }

    fileprivate func isBulk(_ table: [String: String]) -> Bool { growth("batch_entries_processed_total", table) > 0 }

    /// Whether no bulk statement of the table carried more than three.
    fileprivate func isChopped(_ table: [String: String]) -> Bool {
        let few = table.merging(["le": "3"]) { $1 }
        return growth("batch_entries_count", table) == growth("batch_entries_bucket", few)
    }
}

extension Duration {
    fileprivate var milliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}
