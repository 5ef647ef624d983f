/// What commands on a table reach that they do not name. `$1` is the table's OID.
extension CatalogQueries {
    /// One step on from `seen`: what rules (a view's is one) and policies name, what deletes and re-keys reach, and
    /// partitions and heirs.
    ///
    /// - Parameter own: whether the table's own foreign keys and heirs count.
    private static func further(own: Bool) -> String {
        """
        SELECT n.oid FROM seen s CROSS JOIN LATERAL (
            SELECT d.refobjid FROM pg_catalog.pg_rewrite r JOIN pg_catalog.pg_depend d
                ON d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND d.objid = r.oid
               AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
             WHERE r.ev_class = s.oid
            UNION ALL
            SELECT d.refobjid FROM pg_catalog.pg_policy p JOIN pg_catalog.pg_depend d
                ON d.classid = 'pg_catalog.pg_policy'::pg_catalog.regclass AND d.objid = p.oid
               AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
             WHERE p.polrelid = s.oid
            UNION ALL
            SELECT f.conrelid FROM pg_catalog.pg_constraint f
             WHERE f.confrelid = s.oid AND f.contype = 'f' AND (\(own) OR NOT s.isOwn)
               AND (f.confdeltype IN ('c', 'n', 'd') OR f.confupdtype IN ('c', 'n', 'd'))
            UNION ALL
            SELECT i.inhrelid FROM pg_catalog.pg_inherits i
             WHERE i.inhparent = s.oid AND (\(own) OR NOT s.isOwn)) n (oid)
        """
    }

    /// → schema, name and OID of every relation that a command on the table reaches unnamed, by its own foreign keys or
    /// heirs aside, and whether it is an ancestor.
    static let reached = """
        WITH RECURSIVE seen (oid, isOwn) AS (
            SELECT $1::pg_catalog.oid, true
            UNION SELECT n.oid, false FROM (\(further(own: false))) n),
        above (oid) AS (
            SELECT $1::pg_catalog.oid
            UNION SELECT i.inhparent FROM above a JOIN pg_catalog.pg_inherits i ON i.inhrelid = a.oid)
        SELECT n.nspname, c.relname, c.oid, r.isAbove
          FROM (SELECT s.oid, false FROM seen s WHERE s.oid NOT IN (SELECT a.oid FROM above a)
                UNION SELECT a.oid, true FROM above a) r (oid, isAbove)
          JOIN pg_catalog.pg_class c ON c.oid = r.oid AND c.relkind IN ('r', 'p', 'v', 'f')
          JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
         WHERE c.oid <> $1::pg_catalog.oid
        """

    /// → whether a partition or heir has a key that the table itself does not show; whether a trigger that a command can
    /// set off, or a foreign key of a partition alone, may reach anything; whether a function may that a command calls.
    ///
    /// A trigger is taken to see to its row alone where its function is PostgreSQL's own, or where its source has no word
    /// that reads or writes a table and calls only functions of PostgreSQL's that do neither. Comments and literals count
    /// as source, since telling them apart takes a parser; but for the names of operations, which TG_OP is compared with.
    static let unjudged = """
        WITH RECURSIVE seen (oid, isOwn) AS (
            SELECT $1::pg_catalog.oid, true
            UNION SELECT n.oid, false FROM (\(further(own: true))) n),
        family (oid) AS (
            SELECT $1::pg_catalog.oid
            UNION SELECT i.inhrelid FROM family f JOIN pg_catalog.pg_inherits i ON i.inhparent = f.oid),
        trigger (body, language) AS (
            SELECT pg_catalog.regexp_replace(
                       pg_catalog.lower(p.prosrc),
                       '''(insert|update|delete|truncate)''|\\mdistinct\\s+from\\M|\\mpg_catalog\\.', ' ', 'g'),
                   l.lanname
              FROM seen s
              JOIN pg_catalog.pg_trigger t ON t.tgrelid = s.oid AND NOT t.tgisinternal AND t.tgenabled IN ('O', 'A')
               AND t.tgtype & 28 <> 0
              JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid AND p.pronamespace <> 'pg_catalog'::pg_catalog.regnamespace
              JOIN pg_catalog.pg_language l ON l.oid = p.prolang),
        called (name) AS (
            SELECT m.name[1] FROM trigger t
             CROSS JOIN LATERAL pg_catalog.regexp_matches(t.body, '([\\w.$"]+)\\s*\\(', 'g') m (name)
             WHERE m.name[1] NOT IN (\(harmlessWords)))
        SELECT EXISTS (
                   SELECT FROM family f JOIN pg_catalog.pg_index x ON x.indrelid = f.oid
                    WHERE f.oid <> $1::pg_catalog.oid AND (x.indisunique OR x.indisexclusion)
                      AND NOT EXISTS (SELECT FROM pg_catalog.pg_inherits i WHERE i.inhrelid = x.indexrelid)),
               EXISTS (
                   SELECT FROM family f JOIN pg_catalog.pg_constraint k ON k.conrelid = f.oid AND k.contype = 'f'
                    WHERE f.oid <> $1::pg_catalog.oid AND k.conparentid = 0)
               OR EXISTS (
                   SELECT FROM trigger t
                    WHERE t.language <> 'plpgsql'
                       OR t.body ~ '/\\*' OR pg_catalog.octet_length(t.body) <> pg_catalog.length(t.body)
                       OR t.body ~ '\\m(select|insert|update|delete|merge|perform|execute|from|call|copy|truncate|table|lock|do|notify|create|alter|drop|refresh|reindex|grant|revoke)\\M')
               OR EXISTS (
                   SELECT FROM called c
                    WHERE c.name LIKE '%xml%'
                       OR NOT EXISTS (
                          SELECT FROM pg_catalog.pg_proc p
                           WHERE p.proname = c.name AND p.pronamespace = 'pg_catalog'::pg_catalog.regnamespace)
                       OR EXISTS (
                          SELECT FROM pg_catalog.pg_proc p
                           WHERE p.proname = c.name AND p.provolatile = 'v'
                             AND p.pronamespace = 'pg_catalog'::pg_catalog.regnamespace)),
               EXISTS (
                   SELECT FROM seen s CROSS JOIN LATERAL (
                       SELECT 'pg_catalog.pg_attrdef'::pg_catalog.regclass, a.oid
                         FROM pg_catalog.pg_attrdef a WHERE a.adrelid = s.oid
                       UNION ALL
                       SELECT 'pg_catalog.pg_constraint'::pg_catalog.regclass, k.oid
                         FROM pg_catalog.pg_constraint k WHERE k.conrelid = s.oid AND k.contype = 'c'
                       UNION ALL
                       SELECT 'pg_catalog.pg_policy'::pg_catalog.regclass, y.oid
                         FROM pg_catalog.pg_policy y WHERE y.polrelid = s.oid
                       UNION ALL
                       SELECT 'pg_catalog.pg_rewrite'::pg_catalog.regclass, r.oid
                         FROM pg_catalog.pg_rewrite r WHERE r.ev_class = s.oid) o (class, oid)
                     JOIN pg_catalog.pg_depend d ON d.classid = o.class AND d.objid = o.oid
                      AND d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass
                     JOIN pg_catalog.pg_proc p ON p.oid = d.refobjid AND p.provolatile <> 'i'
                     JOIN pg_catalog.pg_language l ON l.oid = p.prolang AND l.lanname NOT IN ('c', 'internal'))
        """

    /// → as SQL, the functions of triggers that a command can set off. One whose schema this role may not use cannot be
    /// named, and so not be watched.
    static let triggerFunctions = """
        WITH RECURSIVE seen (oid, isOwn) AS (
            SELECT $1::pg_catalog.oid, true
            UNION SELECT n.oid, false FROM (\(further(own: true))) n)
        SELECT DISTINCT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(p.proname)
          FROM seen s
          JOIN pg_catalog.pg_trigger t ON t.tgrelid = s.oid AND NOT t.tgisinternal AND t.tgenabled IN ('O', 'A')
           AND t.tgtype & 28 <> 0
          JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid AND p.prorettype = 'pg_catalog.trigger'::pg_catalog.regtype
          JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace AND n.nspname <> 'pg_catalog'
         WHERE pg_catalog.has_schema_privilege(n.oid, 'USAGE')
        """

    /// Words that stand before a bracket in PL/pgSQL and call nothing, and functions that are volatile and read no table.
    private static let harmlessWords = [
        "if", "elsif", "and", "or", "not", "in", "when", "then", "else", "return", "case", "coalesce", "nullif",
        "greatest",
        "least", "any", "all", "array", "row", "cast", "clock_timestamp", "random", "gen_random_uuid",
    ].map { "'\($0)'" }.joined(separator: ", ")
}
