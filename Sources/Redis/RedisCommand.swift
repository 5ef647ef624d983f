/// One Redis command: its name and arguments as bytes, whatever they hold.
package struct RedisCommand: Sendable, ExpressibleByArrayLiteral {
    private(set) var bytes: [UInt8] = []
    private(set) var lengths: [Int] = []

    package init(_ arguments: [String]) {
        for argument in arguments { append(argument) }
    }

    package init(arrayLiteral arguments: String...) {
        self.init(arguments)
    }

    package mutating func append(_ argument: String) {
        append(contentsOf: argument.utf8)
    }

    package mutating func append(contentsOf argument: some Collection<UInt8>) {
        bytes.append(contentsOf: argument)
        lengths.append(argument.count)
    }

    /// Appends one argument, which `write` appends to the bytes it is given.
    package mutating func append(_ write: (inout [UInt8]) -> Void) {
        let start = bytes.count
        write(&bytes)
        lengths.append(bytes.count - start)
    }

    /// The command's name, for errors; never an argument, which may hold a row or a password.
    var name: String { lengths.first.map { String(decoding: bytes.prefix($0), as: UTF8.self) } ?? "" }
}
