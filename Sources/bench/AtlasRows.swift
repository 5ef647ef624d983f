/// A ride service's day: of 20 rows 12 are persons, 5 locations and 3 journey legs, which are forced. Some columns are
/// optional, so that a table has two or three signatures. A leg belongs to a person who signed up a while ago.
struct AtlasRows: Sequence, IteratorProtocol {
    private enum Table {
        case person, location, leg
    }

    static let schema = """
        CREATE SCHEMA atlas_app;

        CREATE TABLE atlas_app.person (
            id uuid PRIMARY KEY,
            first_name text NOT NULL,
            last_name text NOT NULL,
            phone varchar(16) NOT NULL,
            email varchar(120),
            birth_year integer,
            rating numeric(3, 2),
            language varchar(8) NOT NULL,
            tags text[],
            preferences jsonb,
            is_blocked boolean NOT NULL DEFAULT false,
            created_at timestamptz NOT NULL
        );

        CREATE TABLE atlas_app.location (
            id uuid PRIMARY KEY,
            latitude double precision NOT NULL,
            longitude double precision NOT NULL,
            street text NOT NULL,
            area text,
            city text NOT NULL,
            created_at timestamptz NOT NULL
        );

        CREATE TABLE atlas_app.journey_leg (
            id uuid PRIMARY KEY,
            person_id uuid NOT NULL REFERENCES atlas_app.person (id),
            sequence_number integer NOT NULL,
            mode varchar(16) NOT NULL,
            status varchar(16) NOT NULL,
            distance_m integer,
            fare numeric(10, 2),
            created_at timestamptz NOT NULL
        );
        """

    /// Persons that the last so many rows brought have no leg yet: nobody rides in the second of signing up.
    private static let recent = 2000

    private let count: Int
    private var index = 0
    private var badPlaces: BadPlaces
    private var random: SeededRandom
    private var upcoming: [Table] = []
    private var persons: [String] = []

    init(count: Int, bad: Int, seed: UInt64) {
        self.count = count
        badPlaces = BadPlaces(count: count, bad: bad)
        random = SeededRandom(seed: seed)
    }

    mutating func next() -> GeneratedRow? {
        guard index < count else { return nil }
        defer { index += 1 }
        if badPlaces.isBad(index) { return badRow() }
        if upcoming.isEmpty {
            upcoming = [Table](repeating: .person, count: 12) + [Table](repeating: .location, count: 5)
            upcoming = (upcoming + [Table](repeating: .leg, count: 3)).shuffled(using: &random)
        }
        switch upcoming.removeLast() {
        case .leg where !persons.isEmpty: return leg(of: persons[random.below(oldEnough)])
        case .location: return location()
        case .person, .leg:
            let row = person()
            if case .text(let id) = row.columns[0].value { persons.append(id) }
            return row
        }
    }

    private var oldEnough: Int { Swift.max(1, persons.count - Self.recent * 3 / 5) }

    /// Too long a text, a word where an integer belongs, a person that does not exist, in turn.
    private mutating func badRow() -> GeneratedRow {
        var row = badPlaces.met % 3 == 0 ? leg(of: random.uuid()) : person()
        switch badPlaces.met % 3 {
        case 1: row.replace("phone", with: .text("+91 " + random.digits(40)))
        case 2: row.replace("birth_year", with: .text("nineteen eighty"))
        default: break
        }
        return row
    }

    private mutating func person() -> GeneratedRow {
        let firstName = random.pick(Words.firstNames)
        let lastName = random.pick(Words.lastNames)
        var row = GeneratedRow(
            table: "atlas_app.person",
            columns: [
                ("id", .text(random.uuid())),
                ("first_name", .text(firstName)),
                ("last_name", .text(lastName)),
                ("phone", .text("+91" + random.digits(10))),
                ("birth_year", .number("\(1940 + random.below(68))")),
                ("rating", .number("\(1 + random.below(4)).\(random.digits(2))")),
                ("language", .text(random.pick(Words.languages))),
                ("tags", .json(#"["\#(random.pick(Words.tags))","\#(random.pick(Words.tags))"]"#)),
                (
                    "preferences",
                    .json(#"{"seat":"\#(random.chance(50) ? "window" : "aisle")","quiet":\#(random.chance(30))}"#)
                ),
                ("is_blocked", .boolean(random.chance(1))),
                ("created_at", .text(random.moment())),
            ]
        )
        if random.chance(60) { row.columns.append(("email", .text("rider\(index)@example.com"))) }
        return row
    }

    private mutating func location() -> GeneratedRow {
        var row = GeneratedRow(
            table: "atlas_app.location",
            columns: [
                ("id", .text(random.uuid())),
                ("latitude", .number("12.\(random.digits(7))")),
                ("longitude", .number("77.\(random.digits(7))")),
                ("street", .text("\(1 + random.below(400)) \(random.pick(Words.streets))")),
                ("city", .text(random.pick(Words.cities))),
                ("created_at", .text(random.moment())),
            ]
        )
        if random.chance(50) { row.columns.append(("area", .text(random.pick(Words.areas)))) }
        return row
    }

    private mutating func leg(of person: String) -> GeneratedRow {
        GeneratedRow(
            table: "atlas_app.journey_leg",
            columns: [
                ("id", .text(random.uuid())),
                ("person_id", .text(person)),
                ("sequence_number", .number("\(1 + random.below(4))")),
                ("mode", .text(random.pick(Words.modes))),
                ("status", .text(random.pick(Words.statuses))),
                ("distance_m", .number("\(200 + random.below(20_000))")),
                ("fare", .number(random.amount(below: 900))),
                ("created_at", .text(random.moment())),
            ],
            isForced: true
        )
    }
}

extension GeneratedRow {
    /// Gives the column another value.
    mutating func replace(_ column: String, with value: Value) {
        for index in columns.indices where columns[index].name == column { columns[index].value = value }
    }
}
