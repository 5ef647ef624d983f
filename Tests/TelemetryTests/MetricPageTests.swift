import CoreMetrics
import Entries
import TestSupport
import Testing

@testable import Telemetry

/// What a scrape sees.
@Suite struct MetricPageTests {
    private let metrics = DrainMetrics()
    private let person = TableName(schema: "atlas_app", name: "person")

    private func page() throws -> ParsedPage { try ParsedPage(metrics.page()) }

    @Test func everyMetricOfTheContractIsThereOnceItHasAValue() throws {
        metrics.read(5)
        metrics.acknowledged(4)
        metrics.window(entries: 5)
        metrics.statement(action: .create, path: .bulk, table: person, entries: 3, duration: .milliseconds(8))
        metrics.failed(action: .update, path: .single, table: person, sqlState: "22001")
        metrics.fallback(table: person)
        metrics.latency(action: .create, seconds: 0.02, times: 3)
        metrics.signatures(table: person, count: 2)
        metrics.deadLetter(table: person, reason: "22001")
        metrics.deadLetter(table: nil, reason: "parse")
        metrics.parseFailures(1)
        metrics.unmatched(action: .delete, table: person, count: 2)
        metrics.retry(sqlState: "40P01")
        metrics.duplicatesSkipped(1)
        metrics.lag(stream: "orders", entries: 7)
        metrics.pending(stream: "orders", entries: 1)
        metrics.lag(stream: "orders", seconds: 1.5)
        metrics.deadLetterEntries(stream: "orders", count: 2)
        metrics.entriesLost(stream: "orders", count: 1)
        metrics.leasesHeld(1)
        metrics.stopStatus(false)
        metrics.liveValueRejected(key: "insert_batch_size")
        metrics.up(.redis, true)

        let page = try page()
        let table = ["table": "atlas_app.person"]
        #expect(Set(page.types.keys) == Set(MetricFamily.all.map(\.name)))
        #expect(page.lint == [])
        #expect(page.value("drainer_entries_read_total") == 5)
        #expect(page.value("drainer_batch_entries_processed_total", table) == 3)
        #expect(page.value("drainer_batch_execution_time_seconds_sum", table) == 0.008)
        #expect(page.value("drainer_query_executes_total", ["action": "create", "path": "bulk"]) == 1)
        #expect(page.value("drainer_query_executes_total", ["action": "update", "path": "single"]) == 1)
        let refused = ["action": "update", "table": "atlas_app.person", "sqlstate": "22001"]
        #expect(page.value("drainer_query_execution_failures_total", refused) == 1)
        #expect(page.value("drainer_query_drain_latency_seconds_count", ["action": "create"]) == 3)
        #expect(page.value("drainer_dead_letters_total", ["table": "", "reason": "parse"]) == 1)
        #expect(page.value("drainer_stop_status") == 0)
        #expect(page.value("drainer_up", ["server": "redis"]) == 1)
    }

    @Test func aValueThatIsNotKnownIsAbsentNotZero() throws {
        #expect(try page().types["drainer_stream_lag_entries"] == nil)
        #expect(try page().value("drainer_leases_held") == nil)
        metrics.lag(stream: "orders", entries: 0)
        #expect(try page().value("drainer_stream_lag_entries", ["stream": "orders"]) == 0)
        metrics.lag(stream: "orders", entries: nil)
        #expect(try page().types["drainer_stream_lag_entries"] == nil)
    }

    @Test(arguments: ["a\"b", "a\\b", "a\nb", "a\r\nb", "ä{le=\"1\"} 5", "\\", "", "e\u{301}\"\u{301}"])
    func aLabelHoldsAnyTextAndForgesNothing(name: String) throws {
        metrics.entriesLost(stream: name, count: 2)
        let samples = try page().samples.filter { $0.name == "drainer_entries_lost_total" }
        #expect(samples.count == 1)
        #expect(samples.first?.labels.map(\.value.unicodeScalars).map(Array.init) == [Array(name.unicodeScalars)])
        #expect(samples.first?.value == 2)
    }

    @Test func tablesBeyondTheBoundShareOneSeries() throws {
        for number in 0..<(DrainMetrics.mostTables + 500) {
            let table = TableName(schema: "s", name: "t\(number)")
            metrics.fallback(table: table)
            for sqlState in 0..<5 { metrics.deadLetter(table: table, reason: "2200\(sqlState)") }
        }
        let page = try page()
        let fallbacks = page.samples.filter { $0.name == "drainer_batch_fallback_used_total" }
        #expect(fallbacks.count == DrainMetrics.mostTables + 1)
        #expect(page.value("drainer_batch_fallback_used_total", ["table": "other"]) == 500)
        let letters = page.samples.filter { $0.name == "drainer_dead_letters_total" }
        #expect(letters.count <= 3010)
        #expect(letters.map(\.value).reduce(0, +) == 1500 * 5)
    }

    @Test func countsFromManyThreadsAllArrive() async throws {
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask { [metrics, person] in
                    for _ in 0..<2000 {
                        metrics.read(2)
                        metrics.statement(action: .create, path: .bulk, table: person, entries: 3, duration: .zero)
                        metrics.latency(action: .delete, seconds: 1)
                    }
                }
            }
        }
        let page = try page()
        #expect(page.value("drainer_entries_read_total") == 32_000)
        #expect(page.value("drainer_batch_entries_count", ["table": "atlas_app.person"]) == 16_000)
        #expect(page.value("drainer_query_drain_latency_seconds_sum", ["action": "delete"]) == 16_000)
    }

    @Test func anUpdateBeforeThePageTellsWhatIsAskedForRatherThanTold() throws {
        metrics.beforePage { $0.stopStatus(true) }
        #expect(try page().value("drainer_stop_status") == 1)
    }

    @Test func whatALibraryMeasuresIsOnThePageToo() throws {
        let registry = metrics.registry
        Counter(label: "http.requests", dimensions: [("code", "200")], factory: registry).increment(by: 3)
        Counter(label: "entries_read_total", factory: registry).increment(by: 2)
        Timer(label: "1st.wait", factory: registry).recordMilliseconds(250)
        let meter = Meter(label: "queue", factory: registry)
        meter.set(4)
        metrics.read(1)
        var page = try page()
        #expect(page.value("drainer_http_requests_total", ["code": "200"]) == 3)
        #expect(page.value("drainer_entries_read_total") == 3)
        #expect(page.value("drainer__1st_wait_sum") == 0.25)
        #expect(page.value("drainer_queue") == 4)
        meter.destroy()
        page = try self.page()
        #expect(page.value("drainer_queue") == nil)
    }
}
