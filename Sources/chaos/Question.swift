/// What is asked of the tables: each row of the answer is one thing that is wrong.
struct Question {
    let wrong: Finding.Wrong
    let sql: String
    /// The answer's second column is the stream, its last one an entry's ID.
    var tellsEntries = false

    static let all: [Question] = [
        missing("chaos.bare", kinds: "'bare'"),
        twice("chaos.bare", kinds: "'bare'"),
        missing("chaos.line", kinds: "'line', 'forcedLine'"),
        twice("chaos.line", kinds: "'line', 'forcedLine'"),
        // Forced entries go ahead of others, and keep their order among themselves.
        outOfOrder(kind: "line"),
        outOfOrder(kind: "forcedLine"),
        Question(wrong: .lost, sql: missingStep, tellsEntries: true),
        Question(wrong: .repeated, sql: stepTwice),
        Question(wrong: .reordered, sql: stepOutOfOrder),
        Question(wrong: .reordered, sql: lastWriter),
    ]

    private static func missing(_ table: String, kinds: String) -> Question {
        let sql = """
            SELECT '\(table)', e.* FROM expected.entry e LEFT JOIN \(table) t USING (stream, number)
            WHERE e.kind IN (\(kinds)) AND t.number IS NULL ORDER BY e.id
            """
        return Question(wrong: .lost, sql: sql, tellsEntries: true)
    }

    /// Also what nobody sent.
    private static func twice(_ table: String, kinds: String) -> Question {
        let sql = """
            SELECT '\(table)', stream, number, count(*), array_agg(t.xmin), array_agg(t.ctid), min(e.id)
            FROM \(table) t LEFT JOIN expected.entry e USING (stream, number)
            GROUP BY stream, number, e.kind HAVING count(*) > 1 OR e.kind IS NULL OR e.kind NOT IN (\(kinds))
            """
        return Question(wrong: .repeated, sql: sql)
    }

    private static func outOfOrder(kind: String) -> Question {
        let sql = """
            SELECT '\(kind)', * FROM (
                SELECT stream, number, lag(number) OVER w AS earlier, place, id FROM expected.entry e
                JOIN (SELECT stream, number, min(place) AS place FROM chaos.line GROUP BY stream, number) t
                USING (stream, number) WHERE e.kind = '\(kind)' WINDOW w AS (PARTITION BY stream ORDER BY place)
            ) AS pair WHERE number < earlier
            """
        return Question(wrong: .reordered, sql: sql)
    }

    private static let missingStep = """
        SELECT 'chaos.step', e.* FROM expected.entry e LEFT JOIN chaos.step t ON t.id = e.key AND t.number = e.number
        WHERE e.kind = 'audited' AND t.number IS NULL ORDER BY e.id
        """

    private static let stepTwice = """
        SELECT 'chaos.step', id, number, count(*) FROM chaos.step GROUP BY id, number HAVING count(*) > 1
        """

    private static let stepOutOfOrder = """
        SELECT 'chaos.step', * FROM (
            SELECT id, number, lag(number) OVER (PARTITION BY id ORDER BY place) AS earlier, place FROM
            (SELECT id, number, min(place) AS place FROM chaos.step GROUP BY id, number) AS first
        ) AS pair WHERE number < earlier
        """

    private static let lastWriter = """
        SELECT 'chaos.account', id, 'expected', e.number, 'found', t.number FROM expected.account e
        FULL JOIN chaos.account t USING (id) WHERE e.number IS DISTINCT FROM t.number
        """
}
