/// One Redis command: its name and arguments as bytes, whatever they hold.
///
/// Kept in the form in which they are sent: hiredis would format each of the thousands of IDs of an acknowledgement anew.
package struct RedisCommand: Sendable, ExpressibleByArrayLiteral {
    /// Each argument as `$5\r\nhello\r\n`.
    private(set) var bytes: [UInt8] = []
    private var count = 0

    package init(_ arguments: [String]) {
        for argument in arguments { append(argument) }
    }

    package init(arrayLiteral arguments: String...) {
        self.init(arguments)
    }

    /// Makes room for so many bytes of arguments that are to follow, each with ten around it.
    package mutating func reserve(arguments: Int, bytes length: Int) {
        bytes.reserveCapacity(bytes.count + 10 * arguments + length)
    }

    package mutating func append(_ argument: String) {
        append(contentsOf: argument.utf8)
    }

    package mutating func append(contentsOf argument: some Collection<UInt8>) {
        bytes.append(contentsOf: "$\(argument.count)\r\n".utf8)
        bytes.append(contentsOf: argument)
        endArgument()
    }

    /// Appends one argument, which `write` appends to the bytes it is given.
    package mutating func append(_ write: (inout [UInt8]) -> Void) {
        let start = bytes.count
        // Most have between 10 and 99 bytes: those need not be moved when their length is known.
        bytes.append(UInt8(ascii: "$"))
        bytes.append(UInt8(ascii: "0"))
        bytes.append(UInt8(ascii: "0"))
        bytes.append(UInt8(ascii: "\r"))
        bytes.append(UInt8(ascii: "\n"))
        write(&bytes)
        let length = bytes.count - start - 5
        if 10..<100 ~= length {
            bytes[start + 1] = UInt8(ascii: "0") + UInt8(length / 10)
            bytes[start + 2] = UInt8(ascii: "0") + UInt8(length % 10)
        } else {
            bytes.replaceSubrange((start + 1)..<(start + 3), with: "\(length)".utf8)
        }
        endArgument()
    }

    private mutating func endArgument() {
        bytes.append(UInt8(ascii: "\r"))
        bytes.append(UInt8(ascii: "\n"))
        count += 1
    }

    /// What goes before `bytes`.
    var header: [UInt8] { Array("*\(count)\r\n".utf8) }
}
