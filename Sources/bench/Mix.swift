import ArgumentParser

/// A kind of work: its tables and its rows.
enum Mix: String, ExpressibleByArgument, CaseIterable {
    case atlas, person

    static let help: ArgumentHelp = """
        atlas: a ride service's tables, person 60 %, location 25 %, journey_leg 15 % and forced. \
        person: one table of 12 columns, about 400 bytes an entry, for measuring.
        """

    /// Rows in the order in which they are to be written.
    ///
    /// - Parameter bad: how many of them PostgreSQL refuses.
    func rows(count: Int, bad: Int, seed: UInt64) -> AnySequence<GeneratedRow> {
        switch self {
        case .atlas: AnySequence(AtlasRows(count: count, bad: bad, seed: seed))
        case .person: AnySequence(PersonRows(count: count, bad: bad, seed: seed))
        }
    }

    var schema: String {
        switch self {
        case .atlas: AtlasRows.schema
        case .person: PersonRows.schema
        }
    }
}
