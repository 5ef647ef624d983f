import TestSupport

/// What an entry is to bring about.
enum Kind: Int, CaseIterable {
    /// A row of a table without any key.
    case bare
    /// A row of a keyless table that numbers its rows as they come.
    case line
    /// The same, ahead of its window.
    case forcedLine
    /// A create, an update or a delete of a row whose last writer must win.
    case account
    /// An update of a row whose every change a trigger notes.
    case audited
    /// What PostgreSQL refuses, or nobody can read.
    case bad
}

/// One entry to be.
struct Item {
    let stream: Int
    /// Its place among the stream's entries, from 1.
    let number: Int
    let kind: Kind
    /// The row, of `account` and `audited`; 0 otherwise.
    let key: Int
    let command: String
}

/// Makes entries, and knows what the tables hold when all of them have been written one by one.
struct Workload {
    static let schema = """
        CREATE SCHEMA chaos;
        CREATE TABLE chaos.bare (stream int, number int, size int CHECK (size > 0));
        CREATE TABLE chaos.line (stream int, number int, place bigint GENERATED ALWAYS AS IDENTITY);
        CREATE TABLE chaos.account (id int PRIMARY KEY, number int, size int CHECK (size > 0), note text);
        CREATE TABLE chaos.audited (id int PRIMARY KEY, number int);
        CREATE TABLE chaos.step (id int, number int, place bigint GENERATED ALWAYS AS IDENTITY);
        CREATE FUNCTION chaos.note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            INSERT INTO chaos.step (id, number) VALUES (NEW.id, NEW.number);
            RETURN NULL;
        END $$;
        CREATE TRIGGER note AFTER UPDATE ON chaos.audited FOR EACH ROW EXECUTE FUNCTION chaos.note();
        INSERT INTO chaos.audited SELECT stream * 1000 + row, 0
        FROM generate_series(0, 99) AS stream, generate_series(0, \(audited - 1)) AS row;
        """

    /// Rows of `account` and of `audited` for each stream.
    private static let accounts = 60
    private static let audited = 5

    private var generator: SeededGenerator
    private var numbers: [Int]
    /// What the last writer of each row left; nil where it deleted it.
    private(set) var accounts: [Int: Int?] = [:]

    init(streams: Int, seed: UInt64) {
        generator = SeededGenerator(seed: seed)
        numbers = Array(repeating: 0, count: streams)
    }

    /// An entry of any kind.
    mutating func next(of stream: Int) -> Item {
        let kinds: [(Kind, upTo: Int)] = [
            (.bare, 400), (.line, 680), (.forcedLine, 690), (.account, 960), (.audited, 997),
        ]
        let roll = Int.random(in: 0..<1000, using: &generator)
        return next(of: stream, kinds.first { roll < $0.upTo }?.0 ?? .bad)
    }

    mutating func next(of stream: Int, _ kind: Kind) -> Item {
        numbers[stream] += 1
        let number = numbers[stream]
        switch kind {
        case .bare:
            let row: CommandText.Cells = ["stream": .number(stream), "number": .number(number), "size": 1]
            return item(kind, stream, CommandText.create("chaos.bare", row))
        case .line, .forcedLine:
            let row: CommandText.Cells = ["stream": .number(stream), "number": .number(number)]
            return item(kind, stream, CommandText.create("chaos.line", row, forced: kind == .forcedLine))
        case .account: return account(stream, number, forced: generator.chance(2))
        case .audited: return audited(stream, number)
        case .bad: return bad(stream, number)
        }
    }

    private func item(_ kind: Kind, _ stream: Int, key: Int = 0, _ command: String) -> Item {
        Item(stream: stream, number: numbers[stream], kind: kind, key: key, command: command)
    }

    private mutating func account(_ stream: Int, _ number: Int, forced: Bool) -> Item {
        let key = stream * 1000 + Int.random(in: 0..<Self.accounts, using: &generator)
        guard let known = accounts[key], known != nil else {
            accounts[key] = .some(number)
            let row: CommandText.Cells = ["id": .number(key), "number": .number(number), "size": 1]
            return item(.account, stream, key: key, CommandText.create("chaos.account", row, forced: forced))
        }
        if generator.chance(10) {
            accounts[key] = .some(nil)
            let command = CommandText.delete("chaos.account", where: ["id": .number(key)], forced: forced)
            return item(.account, stream, key: key, command)
        }
        accounts[key] = .some(number)
        let set: CommandText.Cells =
            generator.chance(20)
            ? ["number": .number(number), "note": "changed"] : ["number": .number(number), "size": 2]
        let command = CommandText.update("chaos.account", set: set, where: ["id": .number(key)], forced: forced)
        return item(.account, stream, key: key, command)
    }

    private mutating func audited(_ stream: Int, _ number: Int) -> Item {
        let key = stream * 1000 + Int.random(in: 0..<Self.audited, using: &generator)
        let set: CommandText.Cells = ["number": .number(number)]
        let command = CommandText.update("chaos.audited", set: set, where: ["id": .number(key)])
        return item(.audited, stream, key: key, command)
    }

    /// A row that is refused among others, one of a row that others change, one that no table takes, and no JSON.
    private mutating func bad(_ stream: Int, _ number: Int) -> Item {
        let key = CommandValue.number(stream * 1000 + Int.random(in: 0..<Self.accounts, using: &generator))
        let row: CommandText.Cells = ["stream": .number(stream), "number": .number(number), "size": -1]
        let command =
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: CommandText.create("chaos.bare", row)
            case 1: CommandText.update("chaos.account", set: ["size": "many"], where: ["id": key])
            case 2: CommandText.create("chaos.nowhere", row)
            default: #"{"op":"create","table":"chaos.bare","row":{"number":\#(number)"#
            }
        return item(.bad, stream, command)
    }
}
