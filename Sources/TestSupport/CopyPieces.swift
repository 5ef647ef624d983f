import Postgres

/// Bytes for a COPY, in one piece.
package struct CopyPieces: CopySource {
    private var piece: ArraySlice<UInt8>?

    package init(_ bytes: some Sequence<UInt8>) {
        piece = ArraySlice(bytes)
    }

    package mutating func next() -> ArraySlice<UInt8>? {
        defer { piece = nil }
        return piece
    }
}
