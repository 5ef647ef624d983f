package import Entries
package import Postgres

extension Catalog {
    /// What on a table makes its commands do more than they say, or keeps them out of one statement, each named for
    /// people: `trigger audit (AFTER ROW)`, `rule watch`, `view`, `deferrable key person_email_key`.
    package func obstacles(of table: TableName) async throws(PostgresError) -> [String] {
        let result = try await connection.run(
            .run(sql: Self.obstacleQuery, PostgresParameters(text: [table.schema, table.name]))
        )
        return result.rows.compactMap { $0.first ?? nil }
    }

    /// `$1` schema, `$2` name → a text for each.
    private static let obstacleQuery = """
        WITH target AS (
            SELECT c.oid, c.relkind FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
             WHERE n.nspname = $1 AND c.relname = $2)
        SELECT CASE c.relkind WHEN 'v' THEN 'view' ELSE 'foreign table' END FROM target c WHERE c.relkind IN ('v', 'f')
        UNION ALL
        SELECT 'rule ' || r.rulename FROM target c JOIN pg_catalog.pg_rewrite r ON r.ev_class = c.oid
         WHERE r.rulename <> '_RETURN'
        UNION ALL
        SELECT 'table ' || i.inhrelid::pg_catalog.regclass || ' inherits from it'
          FROM target c JOIN pg_catalog.pg_inherits i ON i.inhparent = c.oid WHERE c.relkind = 'r'
        UNION ALL
        SELECT 'trigger ' || t.tgname || ' ('
               || CASE WHEN t.tgtype & 64 <> 0 THEN 'INSTEAD OF' WHEN t.tgtype & 2 <> 0 THEN 'BEFORE' ELSE 'AFTER' END
               || CASE WHEN t.tgtype & 1 <> 0 THEN ' ROW)' ELSE ' STATEMENT)' END
          FROM target c JOIN pg_catalog.pg_trigger t ON t.tgrelid = c.oid
         WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A') AND t.tgtype & 28 <> 0
        UNION ALL
        SELECT 'deferrable key ' || k.relname
          FROM target c JOIN pg_catalog.pg_index i ON i.indrelid = c.oid
          JOIN pg_catalog.pg_class k ON k.oid = i.indexrelid
         WHERE (i.indisunique OR i.indisexclusion) AND NOT i.indimmediate
        """
}
