/// How a command uses a resource. Two commands that use one resource conflict unless both use it in the same shared way.
enum Use: Int, Sendable {
    case shared, opposed, exclusive

    static let count = 3
}

/// How several commands use one resource.
struct UseSet {
    private var bits: UInt8 = 0

    mutating func insert(_ use: Use) { bits |= 1 << UInt8(use.rawValue) }

    /// Two uses conflict unless they are one and the same, and not exclusive.
    func conflicts(with use: Use) -> Bool {
        use == .exclusive ? bits != 0 : bits & ~(1 << UInt8(use.rawValue)) != 0
    }
}

/// What commands of a table can be in each other's way on, beside single values.
enum TableResource: Int {
    /// The table as a whole: shared by everyone who touches it or looks at it for a foreign key, a barrier's exclusive.
    case everything
    /// Values of unique keys that a command frees or takes without showing them: creates shared, deletes opposed.
    case freedValues
    /// Which rows exist to be referred to: creates and deletes shared, references that cannot be read opposed.
    case rows
    /// References given up without showing them: deletes of the parent shared, of the child opposed.
    case references
    /// The numbers of its sequences, which creates that leave them to a default take in stream order.
    case numbers

    static let count = 5
}

/// A thing that commands may be in each other's way on.
enum Resource: Hashable {
    /// `table * TableResource.count + resource`.
    case table(Int)
    /// One value of one unique key.
    case value(UInt64)

    init(_ resource: TableResource, of table: Int) {
        self = .table(table * TableResource.count + resource.rawValue)
    }

    /// Whether it is no more than the order of numbers, which a forced entry is not to wait for.
    var isNumbers: Bool {
        if case .table(let number) = self {
            number % TableResource.count == TableResource.numbers.rawValue
        } else {
            false
        }
    }
}

/// One use of one resource by one command.
struct Claim: Equatable {
    let resource: Resource
    let use: Use
}
