import Drain
package import Entries
package import Postgres
import TableSink

/// Looks PostgreSQL and the tables in play over.
package struct PostgresCheckup: Sendable {
    typealias Check = Checkup.Check

    private let connection: PostgresConnection

    package init(_ connection: PostgresConnection) {
        self.connection = connection
    }

    /// - Parameter signatures: of entries that were seen; their tables are in play.
    package func checks(of signatures: Set<Signature>) async throws(PostgresError) -> [Checkup.Check] {
        var checks = [await version()]
        checks += try await server()
        let tables = Dictionary(grouping: signatures, by: \.table).sorted { $0.key < $1.key }
        if tables.isEmpty { checks.append(Check("tables", "none in the newest entries of the streams")) }
        for (table, signatures) in tables { checks.append(try await check(table, signatures)) }
        return checks
    }

    private func version() async -> Check {
        let number = await connection.serverVersion
        if let fault = PostgresConnection.fault(ofVersion: number) {
            return Check("PostgreSQL", .failure, fault, trouble: .configuration)
        }
        return Check("PostgreSQL", "version \(number / 10_000).\(number % 10_000)")
    }

    private func server() async throws(PostgresError) -> [Check] {
        let result = try await connection.run(
            """
            SELECT pg_catalog.pg_is_in_recovery() OR pg_catalog.current_setting('transaction_read_only') = 'on',
                   extract(epoch FROM pg_catalog.clock_timestamp()), pg_catalog.current_setting('fsync')
            """
        )
        let row = result.rows.first ?? []
        var checks: [Check] = []
        checks.append(
            row.first == "t"
                ? Check(
                    "PostgreSQL role",
                    .failure,
                    "read-only",
                    remedy: "point DATABASE_URL at the primary",
                    trouble: .configuration
                )
                : Check("PostgreSQL role", "takes writes")
        )
        if row.count > 1, let seconds = row[1].flatMap({ Double($0) }) {
            checks.append(Check.ofClock("PostgreSQL", seconds: seconds))
        }
        if row.last == "off" {
            checks.append(
                Check("PostgreSQL fsync", .warning, "off: a crash loses committed rows", remedy: "set fsync on")
            )
        }
        return checks
    }

    private func check(_ table: TableName, _ signatures: [Signature]) async throws(PostgresError) -> Check {
        let subject = "table \(table)"
        guard let description = try await Catalog(connection: connection).describe(table) else {
            return Check(
                subject,
                .failure,
                "not there: its entries wait REFUSAL_GRACE and become dead letters",
                remedy: "create it, or correct DATABASE_SCHEMA",
                trouble: .configuration
            )
        }
        let missing = try await missingPrivileges(table, signatures)
        guard missing.isEmpty else {
            return Check(
                subject,
                .failure,
                "no \(missing.joined(separator: ", "))",
                remedy: "GRANT it to the user of DATABASE_URL",
                trouble: .permission
            )
        }
        let named = Set(signatures.flatMap { $0.columns + $0.whereColumns })
        let unknown = named.filter { description.types[$0] == nil }.sorted()
        guard unknown.isEmpty else {
            return Check(
                subject,
                .warning,
                "no column \(unknown.joined(separator: ", ")), which entries name",
                remedy: "add it, or mend the writer"
            )
        }
        if description.facts.isBarrier {
            let obstacles = try await Catalog(connection: connection).obstacles(of: table)
            return Check(
                subject,
                .warning,
                "a barrier to batching: \(obstacles.joined(separator: ", "))",
                remedy: "nothing, if it is meant; see drainer explain --check"
            )
        }
        guard let key = description.facts.uniqueKeys.first else {
            return Check(
                subject,
                .warning,
                "no key: a create that is repeated makes a second row",
                remedy: "give it a primary key"
            )
        }
        return Check(subject, "writable, key (\(key.columns.joined(separator: ", ")))")
    }

    /// What the role lacks of what these operations need.
    private func missingPrivileges(_ table: TableName, _ signatures: [Signature]) async throws(PostgresError)
        -> [String]
    {
        var needed: Set<String> = []
        for signature in signatures {
            switch signature.operation {
            case .create: needed.insert("INSERT")
            case .update: needed.formUnion(["UPDATE", "SELECT"])
            case .delete: needed.formUnion(["DELETE", "SELECT"])
            }
        }
        let result = try await connection.run(
            .run(sql: Self.privileges, PostgresParameters(text: [table.schema, table.name]))
        )
        let names = ["USAGE on the schema", "INSERT", "UPDATE", "DELETE", "SELECT"]
        let granted = zip(names, result.rows.first ?? []).filter { $0.1 == "t" }.map(\.0)
        return names.filter { ($0 == names[0] || needed.contains($0)) && !granted.contains($0) }
    }

    /// `$1` schema, `$2` name → USAGE of the schema, then each privilege, on the table or on any of its columns.
    private static let privileges = """
        SELECT pg_catalog.has_schema_privilege(n.oid, 'USAGE'), pg_catalog.has_any_column_privilege(c.oid, 'INSERT'),
               pg_catalog.has_any_column_privilege(c.oid, 'UPDATE'), pg_catalog.has_table_privilege(c.oid, 'DELETE'),
               pg_catalog.has_any_column_privilege(c.oid, 'SELECT')
          FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname = $1 AND c.relname = $2
        """
}
