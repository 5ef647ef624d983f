/// SQL of the drainer's own schema: where each stream's checkpoint and the dead letters that are not yet moved lie.
///
/// Every statement's first parameters name a checkpoint: `$1` source, `$2` stream, `$3` consumer group.
package enum LedgerText {
    /// Makes what is missing; harmless where all is there, and where several processes do it at once.
    package static let migration = """
        SELECT pg_catalog.pg_advisory_xact_lock(7236838021573014892);
        CREATE SCHEMA IF NOT EXISTS drainer;
        CREATE TABLE IF NOT EXISTS drainer.checkpoint (
            source text NOT NULL,
            stream text NOT NULL,
            consumer_group text NOT NULL,
            epoch bigint NOT NULL,
            last_id text NOT NULL,
            ahead text[] NOT NULL DEFAULT '{}',
            entries_read bigint,
            owner text,
            updated_at timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (source, stream, consumer_group)
        ) WITH (fillfactor = 50);
        COMMENT ON TABLE drainer.checkpoint IS
            'What of each stream has taken effect: everything up to last_id, and the entries in ahead.';
        CREATE TABLE IF NOT EXISTS drainer.dead_letter (
            source text NOT NULL,
            stream text NOT NULL,
            consumer_group text NOT NULL,
            entry_id text NOT NULL,
            error text NOT NULL,
            message text NOT NULL,
            table_name text NOT NULL,
            fields bytea[] NOT NULL,
            recorded_at timestamptz NOT NULL DEFAULT now(),
            moved_at timestamptz,
            PRIMARY KEY (source, stream, consumer_group, entry_id)
        );
        COMMENT ON TABLE drainer.dead_letter IS
            'Dead letters on their way to the dead-letter stream; kept for a day after that.';
        """

    /// For people: what another role needs.
    package static let grants = """
        -- For the role that drainer runs as, where it is another one:
        -- GRANT USAGE ON SCHEMA drainer TO its_name;
        -- GRANT SELECT, INSERT, UPDATE, DELETE ON drainer.checkpoint, drainer.dead_letter TO its_name;
        """

    /// → one row where all is there and may be used: true. Where something is missing: false, or no permission.
    static let probe = """
        SELECT pg_catalog.to_regclass('drainer.checkpoint') IS NOT NULL
           AND pg_catalog.to_regclass('drainer.dead_letter') IS NOT NULL
        """

    /// → the privilege that is missing.
    static let missingPrivilege = """
        SELECT p.privilege || ' on ' || p.name FROM (VALUES
            ('drainer.checkpoint', 'SELECT'), ('drainer.checkpoint', 'INSERT'), ('drainer.checkpoint', 'UPDATE'),
            ('drainer.dead_letter', 'SELECT'), ('drainer.dead_letter', 'INSERT'), ('drainer.dead_letter', 'UPDATE'),
            ('drainer.dead_letter', 'DELETE')) p (name, privilege)
         WHERE NOT pg_catalog.has_table_privilege(p.name, p.privilege)
        """

    private static let key = "source = $1 AND stream = $2 AND consumer_group = $3"

    /// Names this session's server process so that its successor can end it.
    private static let owner = """
        (SELECT a.pid || '@' || a.backend_start FROM pg_catalog.pg_stat_activity a
          WHERE a.pid = pg_catalog.pg_backend_pid())
        """

    /// `$4` last ID, `$5` ahead and `$6` entries read of a checkpoint that is not there yet → epoch, last ID, ahead,
    /// entries read.
    static let take = """
        INSERT INTO drainer.checkpoint AS c
               (source, stream, consumer_group, epoch, last_id, ahead, entries_read, owner)
        VALUES ($1, $2, $3, 1, $4, $5::pg_catalog.text[], $6::pg_catalog.int8, \(owner))
        ON CONFLICT (source, stream, consumer_group)
        DO UPDATE SET epoch = c.epoch + 1, owner = excluded.owner, updated_at = pg_catalog.now()
        RETURNING epoch, last_id, pg_catalog.array_to_string(ahead, ','), entries_read
        """

    /// `$1` consumer group → source, stream, epoch, last ID of each of its checkpoints.
    static let epochs = "SELECT source, stream, epoch, last_id FROM drainer.checkpoint WHERE consumer_group = $1"

    /// Ends the server process of the owner before, whose transaction holds the checkpoint.
    static let endOwner = """
        SELECT pg_catalog.pg_terminate_backend(a.pid)
          FROM drainer.checkpoint c JOIN pg_catalog.pg_stat_activity a ON a.pid || '@' || a.backend_start = c.owner
         WHERE \(key) AND a.pid <> pg_catalog.pg_backend_pid()
        """

    /// `$4` epoch, `$5` last ID, `$6` ahead, `$7` entries read. Divides by zero where the epoch is another's: the
    /// transaction is lost then whatever is behind it in the pipeline.
    static let fence = """
        WITH fence AS (
            UPDATE drainer.checkpoint SET last_id = $5, ahead = $6::pg_catalog.text[],
                   entries_read = $7::pg_catalog.int8, updated_at = pg_catalog.now()
             WHERE \(key) AND epoch = $4::pg_catalog.int8 RETURNING 1)
        SELECT 1 / pg_catalog.count(*) FROM fence
        """

    /// `$4` epoch. As `fence`, for a checkpoint that is only held still until the transaction ends.
    static let hold = """
        WITH held AS (
            SELECT 1 FROM drainer.checkpoint WHERE \(key) AND epoch = $4::pg_catalog.int8 FOR NO KEY UPDATE)
        SELECT 1 / pg_catalog.count(*) FROM held
        """

    /// → epoch, last ID, ahead, entries read; nothing where there is none.
    static let peek = """
        SELECT epoch, last_id, pg_catalog.array_to_string(ahead, ','), entries_read
          FROM drainer.checkpoint WHERE \(key)
        """

    /// `$4` a group that whoever does this owns the stream as, `$5` its epoch there: drops a checkpoint whose work is
    /// done, with its dead letters, all of which were moved.
    static let forget = """
        WITH mine AS (
            SELECT 1 FROM drainer.checkpoint
             WHERE source = $1 AND stream = $2 AND consumer_group = $4 AND epoch = $5::pg_catalog.int8),
        letters AS (
            DELETE FROM drainer.dead_letter WHERE \(key) AND EXISTS (SELECT FROM mine))
        DELETE FROM drainer.checkpoint WHERE \(key) AND EXISTS (SELECT FROM mine)
        """

    /// As `forget`, for a role that may not delete: `$6` last ID to begin with next time.
    static let startOver = """
        UPDATE drainer.checkpoint SET last_id = $6, ahead = '{}'
         WHERE \(key) AND EXISTS (
            SELECT FROM drainer.checkpoint
             WHERE source = $1 AND stream = $2 AND consumer_group = $4 AND epoch = $5::pg_catalog.int8)
        """

    /// What `fence` raises.
    static let fencedState = "22012"

    /// `$4` entry ID, `$5` error, `$6` message, `$7` table, `$8` fields: names and values in turn.
    static let record = """
        INSERT INTO drainer.dead_letter
               (source, stream, consumer_group, entry_id, error, message, table_name, fields)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING
        """

    /// → entry ID, error, message, table, fields in hexadecimal with commas between.
    private static let letters = """
        SELECT entry_id, error, message, table_name,
               (SELECT pg_catalog.string_agg(pg_catalog.encode(f.bytes, 'hex'), ',' ORDER BY f.position)
                  FROM pg_catalog.unnest(fields) WITH ORDINALITY f (bytes, position))
          FROM drainer.dead_letter WHERE \(key)
        """

    /// → `letters`.
    static let unmoved = "\(letters) AND moved_at IS NULL"

    /// `$4` entry IDs → `letters`.
    static let recorded = "\(letters) AND entry_id = ANY ($4::pg_catalog.text[])"

    static let forgetMoves = "UPDATE drainer.dead_letter SET moved_at = NULL WHERE \(key)"

    /// `$4` entry IDs. Drops what was moved more than a day ago.
    static let noteMoved = noteMoved(heldBy: "", only: "")

    /// `$4` entry IDs, `$5` epoch. The same, where the epoch is still the checkpoint's, which is held still meanwhile: an
    /// owner before does not know what was forgotten since.
    static let noteMovedAsOwner = noteMoved(
        heldBy: """
            held AS (
                SELECT 1 FROM drainer.checkpoint WHERE \(key) AND epoch = $5::pg_catalog.int8 FOR NO KEY UPDATE),
            """,
        only: "AND EXISTS (SELECT FROM held)"
    )

    private static func noteMoved(heldBy held: String, only condition: String) -> String {
        """
        WITH \(held) old AS (
            DELETE FROM drainer.dead_letter
             WHERE \(key) AND moved_at < pg_catalog.now() - pg_catalog.make_interval(days => 1) \(condition))
        UPDATE drainer.dead_letter SET moved_at = pg_catalog.now()
         WHERE \(key) AND entry_id = ANY ($4::pg_catalog.text[]) \(condition)
        """
    }
}
