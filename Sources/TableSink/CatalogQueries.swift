/// What is asked of PostgreSQL's catalog about a table. `$1` is its OID but for the first.
enum CatalogQueries {
    /// `$1` schema, `$2` name → OID, kind, whether rules rewrite it, whether plain tables inherit from it.
    static let relation = """
        SELECT c.oid, c.relkind,
               EXISTS (SELECT FROM pg_catalog.pg_rewrite r WHERE r.ev_class = c.oid AND r.rulename <> '_RETURN'),
               c.relkind = 'r' AND EXISTS (SELECT FROM pg_catalog.pg_inherits i WHERE i.inhparent = c.oid)
          FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p', 'v', 'f')
        """

    /// → whether ON CONFLICT is refused, or means something else, in the table, in one that a view shows, or in a
    /// partition: a deferrable key, a rule, an INSTEAD OF trigger.
    static let conflicts = """
        WITH RECURSIVE written (oid) AS (
            SELECT $1::pg_catalog.oid
            UNION
            SELECT n.oid FROM written w JOIN pg_catalog.pg_class c ON c.oid = w.oid CROSS JOIN LATERAL (
                SELECT d.refobjid FROM pg_catalog.pg_rewrite r JOIN pg_catalog.pg_depend d
                    ON d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND d.objid = r.oid
                   AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
                 WHERE r.ev_class = c.oid AND c.relkind = 'v'
                UNION ALL
                SELECT i.inhrelid FROM pg_catalog.pg_inherits i WHERE i.inhparent = c.oid AND c.relkind = 'p') n (oid))
        SELECT EXISTS (
                   SELECT FROM pg_catalog.pg_index i JOIN written w ON w.oid = i.indrelid WHERE NOT i.indimmediate)
               OR EXISTS (
                   SELECT FROM pg_catalog.pg_rewrite r JOIN written w ON w.oid = r.ev_class WHERE r.rulename <> '_RETURN')
               OR EXISTS (
                   SELECT FROM pg_catalog.pg_trigger t JOIN written w ON w.oid = t.tgrelid
                    WHERE t.tgtype & 64 <> 0 AND t.tgenabled IN ('O', 'A'))
        """

    /// → name, base type without length, its OID, its kind, whether the column is of a domain, the delimiter of its
    /// elements, or of an array of it, its element's OID (of a domain over it, the base type's; NULL where it is no array), whether it is generated, whether it is
    /// an identity, its default, whether its collation is deterministic, its length, the function that holds values to
    /// it and how many arguments that takes, the type as which a literal is read that is compared with the column, the
    /// OID of the column's own type.
    static let columns = """
        WITH RECURSIVE base (attnum, oid, length, fallback) AS (
            SELECT a.attnum, a.atttypid, a.atttypmod, NULL::text COLLATE "C" FROM pg_catalog.pg_attribute a
             WHERE a.attrelid = $1::pg_catalog.oid AND a.attnum > 0 AND NOT a.attisdropped
            UNION ALL
            SELECT b.attnum, t.typbasetype, t.typtypmod, coalesce(b.fallback, t.typdefault)
              FROM base b JOIN pg_catalog.pg_type t ON t.oid = b.oid WHERE t.typtype = 'd'),
        element (attnum, oid, delimiter) AS (
            SELECT b.attnum, t.typelem, e.typdelim
              FROM base b JOIN pg_catalog.pg_type t ON t.oid = b.oid JOIN pg_catalog.pg_type e ON e.oid = t.typelem
             WHERE t.typinput = 'pg_catalog.array_in'::pg_catalog.regproc
            UNION ALL
            SELECT e.attnum, t.typbasetype, e.delimiter
              FROM element e JOIN pg_catalog.pg_type t ON t.oid = e.oid WHERE t.typtype = 'd')
        SELECT a.attname, pg_catalog.format_type(t.oid, -1), t.oid, t.typtype, a.atttypid <> t.oid,
               coalesce(e.delimiter, t.typdelim), e.oid, a.attgenerated <> '', a.attidentity <> '',
               coalesce(pg_catalog.pg_get_expr(d.adbin, d.adrelid), b.fallback), coalesce(l.collisdeterministic, true),
               b.length, f.name, f.arguments,
               CASE WHEN t.typtype IN ('e', 'r', 'm') OR e.oid IS NOT NULL OR EXISTS (
                    SELECT FROM pg_catalog.pg_operator o
                     WHERE o.oprname = '=' AND o.oprleft = t.oid AND o.oprright = t.oid)
               THEN pg_catalog.format_type(t.oid, -1)
               ELSE (SELECT pg_catalog.format_type(p.oid, -1)
                       FROM pg_catalog.pg_cast c JOIN pg_catalog.pg_type p ON p.oid = c.casttarget AND p.typispreferred
                      WHERE c.castsource = t.oid AND c.castmethod = 'b' AND c.castcontext = 'i') END,
               a.atttypid
          FROM base b
          JOIN pg_catalog.pg_type t ON t.oid = b.oid AND t.typtype <> 'd'
          JOIN pg_catalog.pg_attribute a ON a.attrelid = $1::pg_catalog.oid AND a.attnum = b.attnum
          LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
          LEFT JOIN (element e JOIN pg_catalog.pg_type i ON i.oid = e.oid AND i.typtype <> 'd') ON e.attnum = b.attnum
          LEFT JOIN pg_catalog.pg_collation l ON l.oid = a.attcollation
          LEFT JOIN LATERAL (
               SELECT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(p.proname), p.pronargs
                 FROM pg_catalog.pg_cast c
                 JOIN pg_catalog.pg_proc p ON p.oid = c.castfunc
                 JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
                WHERE c.castsource = coalesce(e.oid, t.oid) AND c.casttarget = c.castsource) f (name, arguments)
               ON b.length >= 0
        """

    /// → whether a COPY into the table does what INSERTs would, and a row for each column of which that is not so.
    ///
    /// COPY passes over rules and row security's checks, takes a value for an identity that an INSERT refuses, and reads
    /// a value with the type modifier in hand, which makes another interval of `1:30` and may mean anything to a type of
    /// an extension. It holds rows back while it reads the next ones: a check that calls a function may look for them.
    static let copying = """
        WITH RECURSIVE base (attnum, oid, modifier) AS (
            SELECT a.attnum, a.atttypid, a.atttypmod FROM pg_catalog.pg_attribute a
             WHERE a.attrelid = $1::pg_catalog.oid AND a.attnum > 0 AND NOT a.attisdropped
            UNION ALL
            SELECT b.attnum, t.typbasetype, greatest(b.modifier, t.typtypmod)
              FROM base b JOIN pg_catalog.pg_type t ON t.oid = b.oid WHERE t.typtype = 'd')
        SELECT c.relkind IN ('r', 'p') AND NOT pg_catalog.row_security_active(c.oid)
               AND NOT EXISTS (SELECT FROM pg_catalog.pg_rewrite r WHERE r.ev_class = c.oid)
               AND NOT EXISTS (SELECT FROM pg_catalog.pg_partition_tree(c.oid) p
                                 JOIN pg_catalog.pg_class f ON f.oid = p.relid WHERE f.relkind = 'f')
               AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k
                                 JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass
                                  AND d.objid = k.oid AND d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass
                                WHERE k.contype = 'c'
                                  AND (k.conrelid = c.oid OR k.contypid IN (SELECT b.oid FROM base b WHERE b.oid <> 0))),
               a.attname
          FROM pg_catalog.pg_class c
          LEFT JOIN (base b
                JOIN pg_catalog.pg_type t ON t.oid = b.oid AND t.typtype <> 'd'
                JOIN pg_catalog.pg_attribute a ON a.attrelid = $1::pg_catalog.oid AND a.attnum = b.attnum)
            ON a.attgenerated <> '' OR a.attidentity = 'a'
               OR b.modifier <> -1
                  AND (coalesce(nullif(t.typelem, 0), t.oid) >= 16384
                       OR coalesce(nullif(t.typelem, 0), t.oid) = 'pg_catalog.interval'::pg_catalog.regtype)
         WHERE c.oid = $1::pg_catalog.oid
        """

    /// → index, primary, whether it cannot be judged (partial, on an expression, an exclusion, a collation
    /// that is not deterministic), NULLS NOT DISTINCT, column: a row for each key column, the primary key's first.
    static let keys = """
        SELECT i.indexrelid, i.indisprimary,
               i.indpred IS NOT NULL OR i.indexprs IS NOT NULL OR i.indisexclusion
                   OR EXISTS (SELECT FROM pg_catalog.pg_collation l
                               WHERE l.oid = ANY (i.indcollation) AND NOT l.collisdeterministic),
               coalesce((pg_catalog.to_jsonb(i) ->> 'indnullsnotdistinct')::bool, false),
               a.attname
          FROM pg_catalog.pg_index i
          CROSS JOIN LATERAL pg_catalog.unnest(i.indkey::pg_catalog.int2[]) WITH ORDINALITY k (attnum, position)
          LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum AND k.attnum > 0
         WHERE i.indrelid = $1::pg_catalog.oid AND (i.indisunique OR i.indisexclusion) AND k.position <= i.indnkeyatts
         ORDER BY i.indisprimary DESC, i.indexrelid, k.position
        """

    /// → constraint, parent's schema and name, column, parent's column, parent's OID: a row for each column.
    static let foreignKeys = """
        SELECT f.oid, n.nspname, p.relname, c.attname, r.attname, p.oid
          FROM pg_catalog.pg_constraint f
          JOIN pg_catalog.pg_class p ON p.oid = f.confrelid
          JOIN pg_catalog.pg_namespace n ON n.oid = p.relnamespace
          CROSS JOIN LATERAL ROWS FROM (pg_catalog.unnest(f.conkey), pg_catalog.unnest(f.confkey))
               WITH ORDINALITY k (own, referenced, position)
          JOIN pg_catalog.pg_attribute c ON c.attrelid = f.conrelid AND c.attnum = k.own
          JOIN pg_catalog.pg_attribute r ON r.attrelid = f.confrelid AND r.attnum = k.referenced
         WHERE f.contype = 'f' AND f.conrelid = $1::pg_catalog.oid
         ORDER BY f.oid, k.position
        """

    /// → constraint, child's schema and name, referenced column, child's OID: a row for each column.
    static let references = """
        SELECT f.oid, n.nspname, p.relname, r.attname, p.oid
          FROM pg_catalog.pg_constraint f
          JOIN pg_catalog.pg_class p ON p.oid = f.conrelid
          JOIN pg_catalog.pg_namespace n ON n.oid = p.relnamespace
          CROSS JOIN LATERAL pg_catalog.unnest(f.confkey) WITH ORDINALITY k (referenced, position)
          JOIN pg_catalog.pg_attribute r ON r.attrelid = f.confrelid AND r.attnum = k.referenced
         WHERE f.contype = 'f' AND f.confrelid = $1::pg_catalog.oid
         ORDER BY f.oid, k.position
        """

    /// → schema, name and OID of every table that a delete or re-key can reach over CASCADE, SET NULL or SET DEFAULT, and
    /// whether over the last.
    static let cascades = """
        WITH RECURSIVE reached (oid) AS (
            SELECT $1::pg_catalog.oid
            UNION
            SELECT f.conrelid FROM reached p
              JOIN pg_catalog.pg_constraint f ON f.confrelid = p.oid AND f.contype = 'f'
               AND (f.confdeltype IN ('c', 'n', 'd') OR f.confupdtype IN ('c', 'n', 'd')))
        SELECT DISTINCT n.nspname, c.relname, c.oid, 'd' IN (f.confdeltype, f.confupdtype)
          FROM pg_catalog.pg_constraint f
          JOIN reached p ON p.oid = f.confrelid
          JOIN pg_catalog.pg_class c ON c.oid = f.conrelid
          JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
         WHERE f.contype = 'f' AND (f.confdeltype IN ('c', 'n', 'd') OR f.confupdtype IN ('c', 'n', 'd'))
        """

    /// → `tgtype` of each user trigger that fires on rows' changes, those of partitions and heirs as well.
    static let triggers = """
        WITH RECURSIVE family (oid) AS (
            SELECT $1::pg_catalog.oid
            UNION SELECT i.inhrelid FROM family f JOIN pg_catalog.pg_inherits i ON i.inhparent = f.oid)
        SELECT t.tgtype FROM pg_catalog.pg_trigger t
         WHERE t.tgrelid IN (SELECT f.oid FROM family f) AND NOT t.tgisinternal AND t.tgenabled IN ('O', 'A')
           AND t.tgtype & 28 <> 0
        """
}
