import CZstd

/// An entry may be a bare zstd frame. Nothing else calls libzstd, which here is a pure function from bytes to bytes.
///
/// A small frame can unpack to anything, so its size is bounded before memory is spent: by `mostBytes`, and by what a
/// frame of its length can hold at all.
package enum ZstdFrame {
    /// Most bytes that a frame may unpack to (64 MiB).
    package static let mostBytes = 64 << 20

    /// A block, 4 bytes at least, unpacks to 128 KiB at most (RFC 8878, 3.1.1.2).
    private static let smallestBlock = 4
    private static let largestBlock = 128 << 10
    /// Room tried first for a frame that does not say its size, to a byte of it.
    private static let firstGuess = 8

    package static func starts(_ bytes: Span<UInt8>, at start: Int) -> Bool {
        bytes.byte(start) == 0x28 && bytes.byte(start &+ 1) == 0xB5 && bytes.byte(start &+ 2) == 0x2F
            && bytes.byte(start &+ 3) == 0xFD
    }

    /// Appends what the frame in `range` unpacks to; after a failure `bytes` is as it was.
    package static func unpack(_ range: Range<Int>, in bytes: inout [UInt8]) throws(ParseFailure) {
        let most = min(mostBytes, WindowBuilder.largestArena - bytes.count)
        let possible = (range.count / smallestBlock + 1) * largestBlock
        let (frameEnd, said) = try measure(range, bytes)
        guard frameEnd == range.upperBound else {
            throw ParseFailure("something stands after the zstd frame", at: frameEnd)
        }
        if let said, said > most { throw tooLarge(at: range.lowerBound) }
        guard said ?? 0 <= possible else { throw broken(at: range.lowerBound) }
        // A frame of a stream does not say its size: more room is tried until it suffices.
        var room = said.map(Int.init) ?? min(most, possible, range.count * firstGuess)
        while true {
            let result = fill(range, room: room, in: &bytes)
            if ZSTD_isError(result) == 0 { return }
            guard ZSTD_getErrorCode(result) == ZSTD_error_dstSize_tooSmall, said == nil, room < possible else {
                throw broken(at: range.lowerBound)
            }
            guard room < most else { throw tooLarge(at: range.lowerBound) }
            room = min(most, possible, room * 4)
        }
    }

    /// Where the frame ends, and the size that it says it unpacks to, if it does.
    private static func measure(_ range: Range<Int>, _ bytes: [UInt8]) throws(ParseFailure) -> (Int, UInt64?) {
        let (length, size) = unsafe bytes.withUnsafeBytes { bytes in
            let frame = unsafe UnsafeRawBufferPointer(rebasing: bytes[range])
            return unsafe (
                ZSTD_findFrameCompressedSize(frame.baseAddress, frame.count),
                ZSTD_getFrameContentSize(frame.baseAddress, frame.count)
            )
        }
        guard ZSTD_isError(length) == 0 else { throw broken(at: range.lowerBound) }
        switch size {
        case drainer_zstd_size_unknown: return (range.lowerBound + length, nil)
        case drainer_zstd_size_error: throw broken(at: range.lowerBound)
        default: return (range.lowerBound + length, size)
        }
    }

    /// Unpacks into `room` bytes behind the others; what is not filled is taken away again. Answers as libzstd does.
    private static func fill(_ range: Range<Int>, room: Int, in bytes: inout [UInt8]) -> Int {
        let start = bytes.count
        bytes.append(contentsOf: repeatElement(0, count: room))
        let result = unsafe bytes.withUnsafeMutableBytes { bytes in
            let frame = unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[range])
            let target = unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[start...])
            return unsafe ZSTD_decompress(target.baseAddress, target.count, frame.baseAddress, frame.count)
        }
        bytes.removeLast(room - (ZSTD_isError(result) == 0 ? result : 0))
        return result
    }

    private static func broken(at index: Int) -> ParseFailure { ParseFailure("the zstd frame is broken", at: index) }

    private static func tooLarge(at index: Int) -> ParseFailure {
        ParseFailure("the zstd frame unpacks to more than \(mostBytes >> 20) MiB", at: index)
    }
}
