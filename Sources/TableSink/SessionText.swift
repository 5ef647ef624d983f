/// SQL that concerns the session and no table.
enum SessionText {
    /// Constraints are checked by the statement that breaks them, so that a bad row is told at its own statement and
    /// never at COMMIT.
    static let begin = ["BEGIN", "SET CONSTRAINTS ALL IMMEDIATE"]

    /// Values are read and shown in one way whatever the server's or the role's defaults are, and neither a lock nor a
    /// dead client holds a window for ever.
    static func settings(leaseTTL: Duration) -> String {
        let lease = scale(leaseTTL).milliseconds
        return """
            SET timezone = 'UTC';
            SET datestyle = 'ISO, MDY';
            SET intervalstyle = 'postgres';
            SET client_min_messages = 'error';
            SET standard_conforming_strings = on;
            SET default_transaction_isolation = 'read committed';
            SET statement_timeout = \(3 * lease);
            SET lock_timeout = \(lease);
            SET idle_in_transaction_session_timeout = \(3 * lease);
            SET client_connection_check_interval = \(lease);
            SELECT pg_catalog.set_config('synchronous_commit', 'on', false)
             WHERE pg_catalog.current_setting('synchronous_commit') IN ('off', 'local')
            """
    }
}

extension SessionText {
    private static func scale(_ leaseTTL: Duration) -> Duration { max(leaseTTL, .seconds(5)) }

    /// How long an answer is waited for: a server that is there gives up before, and says so.
    static func patience(leaseTTL: Duration) -> Duration { scale(leaseTTL) * 3 + .seconds(2) }
}

extension Duration {
    /// Whole milliseconds.
    fileprivate var milliseconds: Int64 {
        components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
    }
}
