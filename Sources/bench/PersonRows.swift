/// Rows of one table with twelve columns, a uuid key and one more index; about 400 bytes an entry. One signature.
struct PersonRows: Sequence, IteratorProtocol {
    static let schema = """
        CREATE SCHEMA bench;

        CREATE TABLE bench.person (
            id uuid PRIMARY KEY,
            first_name text NOT NULL,
            last_name text NOT NULL,
            email text NOT NULL,
            phone varchar(16) NOT NULL,
            address text NOT NULL,
            city text NOT NULL,
            birth_year integer NOT NULL,
            rating numeric(3, 2) NOT NULL,
            balance numeric(12, 2) NOT NULL,
            is_blocked boolean NOT NULL,
            created_at timestamptz NOT NULL
        );

        CREATE INDEX person_phone ON bench.person (phone);
        """

    private let count: Int
    private var index = 0
    private var badPlaces: BadPlaces
    private var random: SeededRandom

    init(count: Int, bad: Int, seed: UInt64) {
        self.count = count
        badPlaces = BadPlaces(count: count, bad: bad)
        random = SeededRandom(seed: seed)
    }

    mutating func next() -> GeneratedRow? {
        guard index < count else { return nil }
        defer { index += 1 }
        var row = GeneratedRow(
            table: "bench.person",
            columns: [
                ("id", .text(random.uuid())),
                ("first_name", .text(random.pick(Words.firstNames))),
                ("last_name", .text(random.pick(Words.lastNames))),
                ("email", .text("rider.number.\(index)@mail.example.com")),
                ("phone", .text("+91" + random.digits(10))),
                (
                    "address",
                    .text("\(1 + random.below(400)), \(random.pick(Words.streets)), \(random.pick(Words.areas))")
                ),
                ("city", .text(random.pick(Words.cities))),
                ("birth_year", .number("\(1940 + random.below(68))")),
                ("rating", .number("\(1 + random.below(4)).\(random.digits(2))")),
                ("balance", .number(random.amount(below: 100_000))),
                ("is_blocked", .boolean(random.chance(1))),
                ("created_at", .text(random.moment())),
            ]
        )
        if badPlaces.isBad(index) {
            let isLong = badPlaces.met % 2 == 1
            row.replace(isLong ? "phone" : "birth_year", with: .text(isLong ? random.digits(40) : "nineteen eighty"))
        }
        return row
    }
}
